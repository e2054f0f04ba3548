// "Turn into a stress test": a program that calls both accesses of a finding from several threads at once and says
// whether what should hold does hold.
import type { Finding } from "../findings/finding.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import { NoTest } from "./arguments.ts";
import { type Check, program } from "./program.ts";
import { subjectOf } from "./subject.ts";

export interface StressTest {
  /** Absolute path of the new file, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export type StressTestOffer = StressTest | { readonly disabled: string };

const sameObject = new Set([
  "get-or-compute",
  "lazy-global-init",
  "lazy-attribute-init",
  "missing-recheck",
  "singleton-creation",
]);

/** Rules whose findings can be seen by calling functions; all of them are about data that has a guard. */
export function isAboutData(finding: Finding): boolean {
  return finding.guard !== undefined;
}

/**
 * @param root folder of the project: the test goes into its `tests`, and modules are imported from it
 * @param tree of the finding's file
 */
export function stressTest(finding: Finding, tree: CompactTree, root: string): StressTestOffer {
  try {
    const subject = subjectOf(finding, tree);
    const module = moduleName(finding.path, root);
    const name = `${module.module}_${finding.function}`.replace(/\W+/g, "_").toLowerCase();
    const file = `test_stress_${name}.py`;
    const check = checkOf(finding, subject.data !== undefined);
    return {
      path: `${root.replace(/\/$/, "")}/tests/${file}`,
      text: program({ ...module, finding, subject, check, file }),
    };
  } catch (error) {
    if (!(error instanceof NoTest)) throw error;
    return { disabled: error.reason };
  }
}

function checkOf({ rule }: Finding, hasData: boolean): Check {
  if (sameObject.has(rule)) return "same";
  return hasData ? "sum" : "exceptions";
}

/** The name by which the file is imported, and the folder that has to be on the path, relative to the root. */
function moduleName(path: string, root: string): { module: string; folder: string } {
  const prefix = root.endsWith("/") ? root : `${root}/`;
  const below = path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
  if (below === undefined) throw new NoTest("The file is not in a folder of the workspace.");
  const parts = below.replace(/\.pyw?$/, "").split("/");
  // `src` holds packages and is none.
  const start = parts[0] === "src" && parts.length > 1 ? 1 : 0;
  const names = parts.slice(start);
  if (names.at(-1) === "__init__") names.pop();
  if (names.length === 0 || !names.every((part) => /^[A-Za-z_]\w*$/.test(part)))
    throw new NoTest(`\`${below}\` cannot be imported by name.`);
  return { module: names.join("."), folder: start === 0 ? "" : "src" };
}
