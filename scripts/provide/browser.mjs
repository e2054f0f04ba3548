// Finds a Chromium-like browser for driving the editor, or installs Debian's.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ensureAptPackages, hasApt } from "./systemPackages.mjs";

/**
 * @returns {Promise<string>} the executable of a Chromium or Chrome; `THREADPROOF_CHROMIUM` names one explicitly
 * @throws when there is none and it cannot be installed
 */
export async function provideBrowser() {
  const present = browserPresent();
  if (present) return present;
  if (process.platform === "linux" && (await hasApt())) {
    // Without any font the screenshots would show boxes.
    await ensureAptPackages(["chromium", "fonts-dejavu-core"], "The editor test");
  }
  const installed = browserPresent();
  if (installed) return installed;
  throw new Error("the editor test needs Chromium or Chrome; install one or name it in THREADPROOF_CHROMIUM");
}

function browserPresent() {
  return places().find((place) => existsSync(place));
}

function places() {
  const { PATH = "", ProgramFiles = "", THREADPROOF_CHROMIUM } = process.env;
  if (THREADPROOF_CHROMIUM) return [THREADPROOF_CHROMIUM];
  if (process.platform === "darwin") {
    return ["Google Chrome", "Chromium"].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  }
  if (process.platform === "win32")
    return [join(ProgramFiles, "Google", "Chrome", "Application", "chrome.exe")];
  const names = ["google-chrome", "chromium", "chromium-browser"];
  return names.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name)));
}
