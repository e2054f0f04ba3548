/** Judges each extension module that an import reaches: what its file declares, and what is known of its distribution. */
import { type ExtensionModule, type Statement, statementFor } from "../binary/extensionModule.ts";
import type { Distribution } from "../environment/distributions.ts";
import { chainTo, type Reached } from "./importGraph.ts";
import { type Known, type KnownBuild, knownVerdict } from "./knowledge/knownVerdict.ts";
import type { PackageFacts } from "./knowledge/packageFacts.ts";
import type { Culprit, CulpritReason, EvidenceItem, EvidenceSource } from "./verdict.ts";

export interface Surroundings {
  readonly owner: (path: string) => Distribution | undefined;
  readonly facts: PackageFacts;
  readonly declarations: (paths: readonly string[]) => Promise<ExtensionModule[]>;
  /** What the verdict is for. */
  readonly build: KnownBuild;
  /** The files are those that this very build loads; otherwise they belong to a build with the GIL and only predict. */
  readonly exact: boolean;
}

export interface Judgement {
  readonly outcome: "fine" | "unknown" | "absent";
  readonly evidence: readonly EvidenceItem[];
  readonly culprit?: Culprit;
  readonly note?: string;
}

/** One judgement per extension module among `reached`; sources and namespaces need none. */
export async function judgeAll(reached: readonly Reached[], around: Surroundings): Promise<Judgement[]> {
  const files = reached.filter(
    ({ found }) => found.kind === "extension" && !(around.exact && found.mismatched),
  );
  const paths = files.map(({ found }) => (found.kind === "extension" ? found.path : ""));
  const read = await around.declarations(paths);
  const byPath = new Map(paths.map((path, index) => [path, read[index]!]));
  return reached.flatMap((one) => {
    const { found } = one;
    if (found.kind === "other-builds") return [otherBuild(one, found.path, found.tag, around)];
    if (found.kind !== "extension") return [];
    const owner = around.owner(found.path);
    if (around.exact && found.mismatched) return [mismatched(one, found.path, owner, around)];
    const module = statementFor(byPath.get(found.path)!, around.build);
    return [
      around.exact
        ? judgeFile(one, found.path, module, owner, around)
        : predict(one, found.path, module, owner, around),
    ];
  });
}

function judgeFile(
  one: Reached,
  path: string,
  module: Statement,
  owner: Distribution | undefined,
  around: Surroundings,
): Judgement {
  const binary: EvidenceItem = { source: "binary", detail: `${one.module}: ${module.detail}` };
  switch (module.declaration) {
    case "declared":
      return { outcome: "fine", evidence: [binary] };
    case "undeclared":
    case "declared-not-safe":
      return blame(one, path, owner, module.declaration, binary);
    default: {
      const known = knownOf(owner, around);
      return known
        ? withKnown(one, path, owner, known, [binary])
        : { outcome: "unknown", evidence: [binary] };
    }
  }
}

/** The installed file is for a build with the GIL: what was published for the other build counts more. */
function predict(
  one: Reached,
  path: string,
  module: Statement,
  owner: Distribution | undefined,
  around: Surroundings,
): Judgement {
  const known = knownOf(owner, around);
  const detail = `${one.module}: ${module.detail} The file is for a build with the GIL, so this predicts and does not prove.`;
  const binary: EvidenceItem = { source: "binary", detail };
  if (known && known.verdict !== "unknown") return withKnown(one, path, owner, known, [binary]);
  const evidence = known ? [known.evidence, binary] : [binary];
  // Silence foretells nothing: many modules declare support only where they are compiled without the GIL.
  if (module.declaration === "declared-not-safe" && !around.facts.row(owner?.name ?? "")?.optional) {
    return { ...blame(one, path, owner, module.declaration, binary), evidence };
  }
  return { outcome: module.declaration === "declared" ? "fine" : "unknown", evidence };
}

function withKnown(
  one: Reached,
  path: string,
  owner: Distribution | undefined,
  known: Known,
  evidence: readonly EvidenceItem[],
): Judgement {
  const all = [...evidence, known.evidence];
  switch (known.verdict) {
    case "enables-gil":
      return { ...blame(one, path, owner, "reported", known.evidence), evidence: all };
    case "no-free-threaded-build":
      return { ...blame(one, path, owner, "no-build", known.evidence), evidence: all };
    case "unknown":
      return { outcome: "unknown", evidence: all };
    default:
      return { outcome: "fine", evidence: all };
  }
}

/** `abi3` below 3.15t: the import finds the file, whose object layout is another. */
function mismatched(
  one: Reached,
  path: string,
  owner: Distribution | undefined,
  around: Surroundings,
): Judgement {
  const detail = `${one.module} is compiled for the stable ABI of builds with the GIL (abi3). ${around.build} finds and loads the file, but lays out objects differently, and may crash.`;
  return blame(one, path, owner, "abi3", { source: "binary", detail });
}

function otherBuild(one: Reached, path: string, tag: string, around: Surroundings): Judgement {
  const made = `${one.module} is compiled for ${tag || "another build"} only`;
  if (one.optional) {
    return { outcome: "absent", evidence: [], note: `${made}; without it the package falls back to Python.` };
  }
  const row = around.facts.row(around.owner(path)?.name ?? "");
  if (one.conditional && row?.optional) {
    return { outcome: "absent", evidence: [], note: `${made}; without it the package falls back to Python.` };
  }
  // Packages that exist in compiled form only do not hide their core behind a condition on purpose.
  if (one.conditional && !row) {
    const detail = `${made}, and is imported under a condition that may keep it from being missed.`;
    return { outcome: "unknown", evidence: [{ source: "binary", detail }] };
  }
  const detail = `${made}, so importing it fails on ${around.build}.`;
  return blame(one, path, around.owner(path), "other-build", { source: "binary", detail });
}

function blame(
  one: Reached,
  file: string,
  owner: Distribution | undefined,
  reason: CulpritReason,
  evidence: EvidenceItem,
): Judgement {
  const source: EvidenceSource = evidence.source;
  const culprit: Culprit = {
    module: one.module,
    reason,
    file,
    ...(owner && { distribution: owner.name, distributionVersion: owner.version }),
    chain: chainTo(one),
    conditional: one.conditional,
    evidence: source,
    detail: evidence.detail,
  };
  return { outcome: "fine", evidence: [evidence], culprit };
}

function knownOf(owner: Distribution | undefined, { facts, build }: Surroundings): Known | undefined {
  return owner && knownVerdict(facts, owner.name, owner.version, build);
}
