/** Tells modules of the project itself from installed ones. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Build } from "./moduleFiles.ts";
import { ModuleFinder } from "./moduleFinder.ts";

export class WorkspaceModules {
  readonly #finders = new Map<string, ModuleFinder>();

  /** @param folders opened folders or those named on the command line; `src` below them counts too */
  constructor(
    private readonly folders: readonly string[],
    private readonly build: Build,
  ) {}

  /**
   * Whether an absolute import in `file` finds a module of the project. A folder without `__init__.py` does not count:
   * folders of data often have the name of the package they are for.
   */
  has(file: string, module: string): boolean {
    const root = importRootOf(file);
    const finder = this.#finders.get(root) ?? this.#newFinder(root);
    const top = module.split(".", 1)[0]!;
    const found = finder.find(top);
    if (!found) return false;
    if (found.kind === "source") return true;
    return found.kind === "namespace" && module !== top && isSource(finder, module);
  }

  #newFinder(root: string): ModuleFinder {
    const roots = [root, ...this.folders.flatMap((folder) => [folder, join(folder, "src")])];
    const finder = new ModuleFinder([...new Set(roots)], new Map(), this.build);
    this.#finders.set(root, finder);
    return finder;
  }
}

function isSource(finder: ModuleFinder, module: string): boolean {
  const parts = module.split(".");
  return parts.some((_, index) => finder.find(parts.slice(0, index + 1).join("."))?.kind === "source");
}

/** The folder on the import path that a file's package lies in. */
function importRootOf(file: string): string {
  let folder = dirname(file);
  while (existsSync(join(folder, "__init__.py"))) folder = dirname(folder);
  return folder;
}
