/** The distributions of an environment and which of them owns a file, from their `.dist-info` and `.egg-info` folders. */
import { basename, dirname, join, relative, sep } from "node:path";
import { namesIn, textOf } from "./folderContents.ts";
import { editableProject } from "./searchPath.ts";

export interface Distribution {
  /** As PEP 503 spells it: lower case, one hyphen between words. */
  readonly name: string;
  readonly version: string;
  /** Its `.dist-info` or `.egg-info`. */
  readonly metadata: string;
  /** Folder of the project when it is installed in place. */
  readonly editable: string | undefined;
}

export function normalisedName(name: string): string {
  return name
    .trim()
    .replaceAll(/[-_.]+/g, "-")
    .toLowerCase();
}

export class Distributions {
  readonly all: readonly Distribution[];
  readonly #byName = new Map<string, Distribution>();
  /** First path segment below its site folder → distributions with files there. */
  #owners: Map<string, Distribution[]> | undefined;

  constructor(siteFolders: readonly string[]) {
    this.all = siteFolders.flatMap(distributionsIn);
    for (const distribution of this.all) {
      if (!this.#byName.has(distribution.name)) this.#byName.set(distribution.name, distribution);
    }
  }

  get(name: string): Distribution | undefined {
    return this.#byName.get(normalisedName(name));
  }

  /** The distribution that installed a file; undefined when none says so. */
  owner(path: string): Distribution | undefined {
    this.#owners ??= ownersOf(this.all);
    for (const [folder, distribution] of this.#inPlace()) {
      if (path.startsWith(folder + sep)) return distribution;
    }
    for (const site of new Set(this.all.map(({ metadata }) => dirname(metadata)))) {
      const inside = relative(site, path).split(sep).join("/");
      if (inside.startsWith("..")) continue;
      const candidates = this.#owners.get(`${site}\0${inside.split("/")[0]}`) ?? [];
      if (candidates.length <= 1) return candidates[0];
      // Namespace packages: several distributions share a folder.
      return candidates.find((one) => recordOf(one).includes(`\n${inside},`)) ?? candidates[0];
    }
    return undefined;
  }

  /**
   * Modules to import for using a distribution: its top-level modules, and its packages inside of namespaces. Empty for
   * distributions that install none, and for those whose files are not recorded.
   */
  modulesOf(distribution: Distribution): string[] {
    const places = [...recordOf(distribution).matchAll(/\n([^,\n]*?)(\/__init__\.py|\.(?:py|so|pyd)),/g)];
    const packages = new Set<string>();
    const modules = new Set<string>();
    for (const [, path = "", end = ""] of places) {
      const dotted = path.split(".", 1)[0]!.replaceAll("/", ".");
      if (!/^[\w.]+$/.test(dotted) || path.includes("..")) continue;
      if (end === "/__init__.py") packages.add(dotted);
      else if (!path.includes("/")) modules.add(dotted);
    }
    const outermost = [...packages].filter((name) => !parentsOf(name).some((parent) => packages.has(parent)));
    return [...new Set([...outermost, ...modules])].sort();
  }

  *#inPlace(): Iterable<[string, Distribution]> {
    for (const one of this.all) {
      if (one.editable !== undefined) yield [one.editable, one];
    }
  }
}

function parentsOf(module: string): string[] {
  const parts = module.split(".");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("."));
}

function distributionsIn(site: string): Distribution[] {
  const found: Distribution[] = [];
  for (const name of namesIn(site)) {
    const metadata = join(site, name);
    const wheel = /^([^-]+)-([^-]+)\.dist-info$/.exec(name);
    if (wheel) {
      found.push({
        name: normalisedName(wheel[1]!),
        version: wheel[2]!,
        metadata,
        editable: editableProject(metadata),
      });
    } else if (name.endsWith(".egg-info")) {
      const text = textOf(join(metadata, "PKG-INFO")) || textOf(metadata);
      const shown = /^Name: *(\S+)/m.exec(text)?.[1];
      const version = /^Version: *(\S+)/m.exec(text)?.[1];
      if (shown && version)
        found.push({ name: normalisedName(shown), version, metadata, editable: undefined });
    }
  }
  return found;
}

function ownersOf(all: readonly Distribution[]): Map<string, Distribution[]> {
  const owners = new Map<string, Distribution[]>();
  for (const one of all) {
    const site = dirname(one.metadata);
    for (const first of firstSegments(one)) {
      const key = `${site}\0${first}`;
      const known = owners.get(key);
      if (known) known.push(one);
      else owners.set(key, [one]);
    }
  }
  return owners;
}

function firstSegments(one: Distribution): Set<string> {
  const found = new Set<string>();
  const text = recordOf(one);
  let at = 0;
  while (at < text.length - 1) {
    const start = at + 1;
    const end = text.indexOf("\n", start);
    const stop = end < 0 ? text.length : end;
    let cut = start;
    while (cut < stop && text[cut] !== "/" && text[cut] !== ",") cut += 1;
    found.add(text.slice(start, cut));
    at = stop;
  }
  found.delete("..");
  found.delete("");
  return found;
}

/** Lines of RECORD, each after a newline; made up from `top_level.txt` where there is none. */
function recordOf({ metadata }: Distribution): string {
  const record = textOf(join(metadata, "RECORD"));
  if (record) return `\n${record.replaceAll("\r", "")}`;
  const installed = textOf(join(metadata, "installed-files.txt"));
  if (installed) {
    const lines = installed.split(/\r?\n/).map((line) => line.replace(/^\.\.\//, ""));
    return lines.map((line) => `\n${line},`).join("");
  }
  const names = textOf(join(metadata, "top_level.txt")).split(/\s+/).filter(Boolean);
  const own = names.length > 0 ? names : [basename(metadata).split("-")[0]!];
  return own.map((name) => `\n${name}/,\n${name}.py,`).join("");
}
