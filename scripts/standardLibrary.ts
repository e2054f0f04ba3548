// Finds the standard library that measurements and tests read: that of the Python they are given, or of the first found.
import { execa } from "execa";

/** @returns the folder of the standard library; throws when there is no Python. */
export async function standardLibrary(): Promise<string> {
  const candidates = [
    process.env.THREADPROOF_PYTHON313,
    process.env.THREADPROOF_PYTHON313T,
    "python3.13",
    "python3",
    "python",
  ];
  for (const python of candidates) {
    if (python === undefined) continue;
    const { stdout, failed } = await execa(
      python,
      ["-I", "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))"],
      {
        reject: false,
      },
    );
    if (!failed && stdout !== undefined && stdout !== "") return stdout.trim();
  }
  throw new Error("No Python found; set THREADPROOF_PYTHON313 to one.");
}
