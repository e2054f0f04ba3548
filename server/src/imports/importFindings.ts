/** Verdicts become findings: on import lines of Python files, and on the lines that name dependencies. */

import type { ReachAt } from "../analysis/otherFindings.ts";
import { standardLibrary } from "../environment/standardLibrary.ts";
import type { Finding, Severity } from "../findings/finding.ts";
import { rangeIn } from "../findings/rangeIn.ts";
import type { ImportAudit } from "./audit.ts";
import { readDependencies } from "./dependencies/projectFiles.ts";
import { targetsOf } from "./importGraph.ts";
import {
  abi3OnFreeThreaded,
  gilImportInThread,
  importEnablesGil,
  noFreeThreadedBuild,
} from "./importRules.ts";
import { isOptional, type SourceImport, sourceImports, type TryGroup } from "./sourceImports.ts";
import { type Culprit, type ImportVerdict, isBad } from "./verdict.ts";
import type { WorkspaceModules } from "./workspaceModules.ts";

/** An import of a Python file that leads out of the project, with the modules it loads. */
export interface OutsideImport {
  readonly statement: SourceImport;
  readonly module: string;
  /** A `try` around it makes do without the module. */
  readonly optional: boolean;
}

/** Imports of installed modules; standard library, relative imports and the project's own are left out. */
export function outsideImports(
  path: string,
  text: string,
  audit: ImportAudit,
  workspace: WorkspaceModules,
): OutsideImport[] {
  const statements = sourceImports(text, audit.platform).filter(({ runs }) => runs !== "never");
  const failed = new Set<TryGroup>();
  for (const one of statements) {
    if (
      one.within &&
      one.level === 0 &&
      targetsOf(one, "", audit.finder).some((target) => !audit.finds(target))
    ) {
      failed.add(one.within);
    }
  }
  return statements
    .filter(({ insteadOf }) => !insteadOf || failed.has(insteadOf))
    .flatMap((statement) =>
      audit
        .modulesOf(statement)
        .filter((module) => !standardLibrary.has(module.split(".", 1)[0]!) && !workspace.has(path, module))
        .map((module) => ({ statement, module, optional: isOptional(statement) })),
    );
}

/** Findings of the verdicts that are known by now; one per file and culprit, at the first import that leads to it. */
export function importFindings(
  path: string,
  text: string,
  imports: readonly OutsideImport[],
  audit: ImportAudit,
  reachAt: ReachAt,
): Finding[] {
  const late = imports.flatMap(({ statement, module }) =>
    lateImport(path, text, statement, audit.known(module), reachAt),
  );
  return [...firstImports(path, text, imports, audit), ...late];
}

function firstImports(
  path: string,
  text: string,
  imports: readonly OutsideImport[],
  audit: ImportAudit,
): Finding[] {
  const told = new Set<string>();
  return imports.flatMap(({ statement, module, optional }) => {
    const verdict = audit.known(module);
    // Where a missing module is made do without, one without a build is just that.
    if (!verdict || !isBad(verdict) || (optional && (!verdict.installed || failsToImport(verdict))))
      return [];
    const key = culpritKey(verdict);
    if (told.has(key)) return [];
    told.add(key);
    return [findingAt(path, text, statement, verdict, audit)];
  });
}

/** An import inside a function that threads run: the GIL comes back when they are at work already. */
function lateImport(
  path: string,
  text: string,
  { runs, start, end }: SourceImport,
  verdict: ImportVerdict | undefined,
  reachAt: ReachAt,
): Finding[] {
  if (runs !== "called" || verdict?.verdict !== "enables-gil") return [];
  const reach = reachAt(start);
  if (reach === undefined || reach.evidence === "exposed") return [];
  const rule = gilImportInThread;
  return [
    {
      path,
      range: rangeIn(text, start, end),
      rule: rule.name,
      severity: rule.severity,
      evidence: reach.evidence,
      symbol: verdict.import,
      function: "<module>",
      message: `The thread that comes here first stops all others while "${verdict.import}" is loaded, and from then on they take turns under the GIL: the program slows down in the middle of its work, at a time that depends on its input. ${reach.because} Import it before the threads start, or do without it.`,
      related: reach.trace,
    },
  ];
}

/** Findings on the lines of `pyproject.toml`, requirements and lock files. */
export async function dependencyFindings(path: string, text: string, audit: ImportAudit): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const dependency of readDependencies(path, text)) {
    const verdict = await audit.dependencyVerdict(dependency);
    if (isBad(verdict)) found.push(findingAt(path, text, dependency, verdict, audit));
  }
  return found;
}

function findingAt(
  path: string,
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
  verdict: ImportVerdict,
  audit: ImportAudit,
): Finding {
  const rule = ruleOf(verdict);
  const sure =
    audit.exact && verdict.evidence.some(({ source }) => source === "probe" || source === "binary");
  const severity: Severity = sure ? rule.severity : "information";
  return {
    path,
    range: rangeIn(text, start, end),
    rule: rule.name,
    severity,
    evidence: sure && !verdict.culprits[0]?.conditional ? "proven" : "likely",
    symbol: verdict.import,
    function: "<module>",
    message: messageOf(verdict),
    related: [],
  };
}

function ruleOf({ culprits, verdict }: ImportVerdict) {
  if (culprits.some(({ reason }) => reason === "abi3")) return abi3OnFreeThreaded;
  return verdict === "no-free-threaded-build" ? noFreeThreadedBuild : importEnablesGil;
}

/** One or two sentences: what happens, which file does it, how the import gets there, what to do. */
export function messageOf(verdict: ImportVerdict): string {
  const [first, ...others] = verdict.culprits;
  const what = `"${verdict.import}"`;
  const bad = verdict.verdict === "enables-gil";
  const head = bad
    ? `Importing ${what} switches the GIL back on for the whole process`
    : `${what} has no build for ${verdict.python}`;
  const cause = first
    ? `: ${first.reason === "reported" || first.reason === "no-build" ? first.detail : reasonOf(first)}`
    : "";
  const known = first ? "" : `: ${verdict.evidence[0]?.detail ?? ""}`;
  const chain = first && first.chain.length > 1 ? ` It is reached by ${first.chain.join(" → ")}.` : "";
  const more = others.length > 0 ? ` ${others.length} more: ${listed(others)}.` : "";
  return `${head}${ended(cause || known)}${chain}${more}${verdict.advice.map((one) => ` ${one}`).join("")}`;
}

function reasonOf({ module, reason, distribution, distributionVersion }: Culprit): string {
  const from = distribution && ` (${distribution} ${distributionVersion})`;
  const name = `"${module}"${from ?? ""}`;
  switch (reason) {
    case "declared-not-safe":
      return `${name} declares that it needs the GIL`;
    case "abi3":
      return `${name} is compiled for the stable ABI of builds with the GIL and may crash`;
    case "other-build":
      return `${name} is compiled for other builds only, so the import fails`;
    default:
      return `${name} does not declare that it runs without the GIL`;
  }
}

function listed(culprits: readonly Culprit[]): string {
  const names = culprits.slice(0, 3).map(({ module }) => module);
  return culprits.length > 3 ? `${names.join(", ")}, …` : names.join(", ");
}

function ended(text: string): string {
  return text === "" || text.endsWith(".") ? text || "." : `${text}.`;
}

function failsToImport({ verdict }: ImportVerdict): boolean {
  return verdict === "no-free-threaded-build";
}

function culpritKey(verdict: ImportVerdict): string {
  const names = verdict.culprits.map(({ module }) => module).join(" ");
  return `${ruleOf(verdict).name} ${names || (verdict.distribution ?? verdict.import)}`;
}
