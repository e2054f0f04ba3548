/** `threadproof imports`: what each import of a project does to a free-threaded interpreter, as a table and an exit code. */
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { InterpreterCatalogue } from "../environment/discover.ts";
import type { TargetVersion } from "../findings/options.ts";
import { ImportAudit } from "../imports/audit.ts";
import { foundEnvironment } from "../imports/chooseEnvironment.ts";
import { AuditMemory } from "../imports/memory.ts";
import { auditModules, auditProject, isInTheWay, type ProjectAudit } from "../imports/projectAudit.ts";
import { probeImports } from "../probe/probe.ts";
import { environmentNamed, folderOf } from "./environmentNamed.ts";
import { importsJson, importsText } from "./importsReport.ts";
import { loadSources, UsageError } from "./loadSources.ts";
import { stopRequests } from "./stopRequests.ts";

interface ImportsFlags {
  readonly module: string[];
  readonly python?: string;
  readonly probe?: boolean;
  readonly probeTimeout: number;
  readonly format: "text" | "json";
  readonly target?: TargetVersion;
  readonly failOnUnknown?: boolean;
  readonly cache: boolean;
}

export function importsCommand(): Command {
  return new Command("imports")
    .description("say which imports switch the GIL back on, and which have no free-threaded build")
    .argument("[path...]", "Python files, or folders to search for them (default: this folder)")
    .option(
      "--module <name>",
      "judge this module instead of those that files import; may be repeated",
      (name, before: string[]) => [...before, name],
      [],
    )
    .option(
      "--python <exe>",
      "an interpreter or virtual environment to audit (default: the project's free-threaded one, or a free-threaded one of this machine with packages, or the project's .venv)",
    )
    .option(
      "--probe",
      "also import every module in a process of its own and look at the GIL: runs their code",
    )
    .addOption(
      new Option("--probe-timeout <seconds>", "how long one import may take").argParser(Number).default(60),
    )
    .addOption(new Option("--format <name>", "how to report").choices(["text", "json"]).default("text"))
    .addOption(
      new Option("--target <version>", "CPython to judge for (default: that of the environment)").choices([
        "3.13",
        "3.14",
        "3.15",
      ]),
    )
    .option("--fail-on-unknown", "exit 1 also when an import could not be judged")
    .option("--no-cache", "do not use or write what earlier runs read")
    .addHelpText(
      "after",
      "\nExit codes: 0 the GIL stays off, 1 an import enables it or has no build, 2 the audit failed.",
    )
    .action(async (given: string[], flags: ImportsFlags) => {
      const paths = given.length > 0 || flags.module.length > 0 ? given : ["."];
      const audit = await run(paths, flags);
      process.stdout.write(flags.format === "json" ? importsJson(audit) : importsText(audit));
      const counts = (one: ProjectAudit["imports"][number]) =>
        isInTheWay(one) || (flags.failOnUnknown === true && one.verdict.verdict === "unknown");
      process.exitCode = audit.imports.some(counts) ? 1 : 0;
    });
}

async function run(paths: readonly string[], flags: ImportsFlags): Promise<ProjectAudit> {
  const folders = paths.map((path) => folderOf(resolve(path)));
  const catalogue = new InterpreterCatalogue();
  const environment =
    flags.python === undefined
      ? await foundEnvironment(folders[0] ?? process.cwd(), process.env, catalogue)
      : await environmentNamed(flags.python, catalogue);
  const memory = AuditMemory.open(process.env, flags.cache);
  const audit = new ImportAudit({
    ...memory,
    environment,
    target: flags.target,
    locked: memory.locked(folders),
  });
  const files: { path: string; shown: string; text: string }[] = [];
  const loaded = await loadSources(paths, {
    take: (file, text) => files.push({ ...file, text }),
    isExcluded: () => false,
    warn: (message) => process.stderr.write(`threadproof: ${message}\n`),
  });
  if (loaded.files.length === 0 && paths.length > 0 && loaded.skipped.length > 0) {
    throw new UsageError("None of the files could be read.");
  }
  const look = () =>
    flags.module.length > 0 ? auditModules(audit, flags.module) : auditProject(audit, files, folders);
  let project = await look();
  if (flags.probe) {
    await probe(audit, project, flags);
    project = await look();
  }
  memory.close();
  return project;
}

async function probe(audit: ImportAudit, project: ProjectAudit, flags: ImportsFlags): Promise<void> {
  const { environment } = audit;
  if (!environment?.executable || !audit.exact) {
    throw new UsageError("--probe needs a free-threaded interpreter: name one with --python.");
  }
  const stop = stopRequests(undefined);
  try {
    const modules = project.imports.filter(
      ({ verdict }) => verdict.installed && verdict.verdict !== "stdlib",
    );
    await probeImports({
      python: environment.executable,
      modules: modules.map(({ verdict }) => verdict.import),
      timeoutMs: flags.probeTimeout * 1000,
      cwd: folderOf(environment.prefix),
      signal: stop.signal,
      onResult: (result) => audit.addProbe(result),
    });
  } finally {
    stop.end();
  }
}
