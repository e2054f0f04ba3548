// Finds the file that an import means: packages, relative imports, src layouts, namespace packages.

/** Module files by their path endings, so that `a.b` finds `…/a/b.py` whatever the root is called. */
export class ModuleIndex {
  private readonly byLastName = new Map<string, string[]>();

  add(path: string): void {
    const name = lastNameOf(path);
    const list = this.byLastName.get(name);
    if (list === undefined) this.byLastName.set(name, [path]);
    else if (!list.includes(path)) list.push(path);
  }

  remove(path: string): void {
    const list = this.byLastName.get(lastNameOf(path));
    const at = list?.indexOf(path) ?? -1;
    if (at >= 0) list!.splice(at, 1);
  }

  /**
   * @param from path of the importing file
   * @param module dotted name without leading dots; may be empty for `from . import x`
   * @param level number of leading dots
   */
  find(from: string, module: string, level: number): string | undefined {
    const steps = module === "" ? [] : module.split(".");
    if (level > 0) {
      let directory = parentOf(from);
      for (let i = 1; i < level; i += 1) directory = parentOf(directory);
      return this.at(directory, steps);
    }
    const last = steps.at(-1);
    if (last === undefined) return undefined;
    const suffixes = [`/${steps.join("/")}.py`, `/${steps.join("/")}/__init__.py`];
    let best: string | undefined;
    let bestShared = -1;
    for (const path of this.byLastName.get(last) ?? []) {
      if (!suffixes.some((suffix) => path.endsWith(suffix)) || path === from) continue;
      // A single name must lie at an import root near the importer, or every `utils.py` would match.
      const root = path.slice(0, path.length - (suffixes.find((s) => path.endsWith(s)) ?? "").length);
      if (this.isPackage(root)) continue;
      const shared = sharedLength(from, path);
      if (shared > bestShared) {
        best = path;
        bestShared = shared;
      }
    }
    return best;
  }

  private at(directory: string, steps: readonly string[]): string | undefined {
    const base = [directory, ...steps].join("/");
    return [`${base}.py`, `${base}/__init__.py`].find((path) => this.has(path));
  }

  private has(path: string): boolean {
    return this.byLastName.get(lastNameOf(path))?.includes(path) ?? false;
  }

  private isPackage(directory: string): boolean {
    return this.has(`${directory}/__init__.py`);
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** `b` for `a/b.py` and for `a/b/__init__.py`. */
function lastNameOf(path: string): string {
  const file = path.endsWith("/__init__.py") ? parentOf(path) : path;
  return file.slice(file.lastIndexOf("/") + 1).replace(/\.pyi?$/, "");
}

function sharedLength(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a.charCodeAt(i) === b.charCodeAt(i)) i += 1;
  return i;
}
