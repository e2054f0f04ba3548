/**
 * What a Python environment adds to `sys.path`: its site-packages folders, the paths in their `.pth` files, and editable
 * installs. `import` lines of `.pth` files are never run; the finder modules they name are read as text.
 */
import { existsSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { namesIn, textOf } from "./folderContents.ts";

export interface SearchPath {
  /** Folders to look in, in order. */
  readonly roots: readonly string[];
  /** Modules that editable installs map to a folder or file, by dotted name. */
  readonly mapped: ReadonlyMap<string, string>;
  /** Folders of projects that are installed in place. */
  readonly editable: readonly string[];
}

export function readSearchPath(siteFolders: readonly string[]): SearchPath {
  const roots: string[] = [];
  const mapped = new Map<string, string>();
  const editable: string[] = [];
  const add = (folder: string) => {
    if (!roots.includes(folder) && existsSync(folder)) roots.push(folder);
  };
  for (const site of siteFolders) {
    add(site);
    const names = namesIn(site);
    for (const name of names.filter((name) => name.endsWith(".pth"))) {
      for (const line of linesOf(join(site, name))) {
        const code = /^import[ \t]+(\w+)/.exec(line);
        if (code) readFinder(join(site, `${code[1]}.py`), mapped);
        else if (!line.startsWith("import")) add(resolve(site, line));
      }
    }
    for (const name of names.filter((name) => name.endsWith(".dist-info"))) {
      const project = editableProject(join(site, name));
      if (project !== undefined) editable.push(project);
    }
  }
  for (const project of editable) {
    // Only where no path and no finder leads there: some build tools hide the places in code.
    const known = [...roots, ...mapped.values()].some(
      (path) => path === project || path.startsWith(join(project, "/")),
    );
    if (!known) [join(project, "src"), project].forEach(add);
  }
  return { roots, mapped, editable };
}

/** The project folder of a distribution that was installed in place (PEP 610). */
export function editableProject(distInfo: string): string | undefined {
  try {
    const { url, dir_info: info } = JSON.parse(textOf(join(distInfo, "direct_url.json")) || "{}");
    return info?.editable === true && typeof url === "string" && url.startsWith("file:")
      ? fileURLToPath(url)
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Editable finders (setuptools' `__editable___x_finder`, scikit-build-core's `_x_editable`) hold literal dictionaries of
 * module names and absolute paths; whichever pairs of that shape the text has are taken.
 */
function readFinder(path: string, mapped: Map<string, string>): void {
  const pairs = /['"]([A-Za-z_][\w.]*)['"]\s*:\s*(?:'((?:[^'\\\n]|\\.)+)'|"((?:[^"\\\n]|\\.)+)")/g;
  for (const [, name, single, double] of textOf(path).matchAll(pairs)) {
    const place = (single ?? double ?? "").replaceAll(/\\(.)/g, "$1");
    if (isAbsolute(place) && existsSync(place) && !mapped.has(name!)) mapped.set(name!, place);
  }
}

/** Lines that are neither empty nor comments. */
function linesOf(path: string): string[] {
  const lines = textOf(path).split(/\r?\n/);
  return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
}
