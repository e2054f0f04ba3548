/** What git and we leave out of a walk: `.gitignore` files, each relative to its own directory, and fixed folders. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import ignore, { type Ignore } from "ignore";

/** Other people's code and build output: never walked, whatever `.gitignore` says. */
export const skippedDirectories: ReadonlySet<string> = new Set([
  ".eggs",
  ".git",
  ".hg",
  ".mypy_cache",
  ".nox",
  ".svn",
  ".tox",
  ".venv",
  "__pycache__",
  "__pypackages__",
  "node_modules",
  "site-packages",
  "venv",
]);

/** The rules in force inside one directory; deeper rules are asked first, as git does. */
export class IgnoreRules {
  private constructor(
    private readonly directory: string,
    private readonly own: Ignore | undefined,
    private readonly outer: IgnoreRules | undefined,
  ) {}

  /** The rules that the directories above `root` lay on it, up to the top of its repository, if it is in one. */
  static async around(root: string): Promise<IgnoreRules> {
    let rules = new IgnoreRules(root, undefined, undefined);
    for (const directory of parentsWithinRepository(root)) {
      rules = await rules.enter(directory);
    }
    return rules;
  }

  /** These rules with those of a directory's own `.gitignore` before them. */
  async enter(directory: string): Promise<IgnoreRules> {
    const own = await load(directory);
    return own === undefined ? this : new IgnoreRules(directory, own, this);
  }

  ignores(path: string, isDirectory: boolean): boolean {
    if (this.own === undefined) {
      return this.outer?.ignores(path, isDirectory) ?? false;
    }
    const inside = relative(this.directory, path).split(sep).join("/");
    const verdict = this.own.test(isDirectory ? `${inside}/` : inside);
    return verdict.ignored || (!verdict.unignored && (this.outer?.ignores(path, isDirectory) ?? false));
  }
}

/** From the repository's top down to the parent of `root`; empty when `root` is a top itself or in no repository. */
function parentsWithinRepository(root: string): string[] {
  const parents: string[] = [];
  let directory = root;
  while (!existsSync(join(directory, ".git"))) {
    const parent = dirname(directory);
    if (parent === directory) {
      return [];
    }
    parents.unshift(parent);
    directory = parent;
  }
  return parents;
}

async function load(directory: string): Promise<Ignore | undefined> {
  try {
    return ignore().add(await readFile(join(directory, ".gitignore"), "utf8"));
  } catch {
    return undefined;
  }
}
