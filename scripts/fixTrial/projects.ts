// Reads which projects the fixes are tried on, and how each runs its tests.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

const projectSchema = z.strictObject({
  name: z.string(),
  /** Where its files are; relative to the list. */
  folder: z.string(),
  /** Folders within it whose files are analysed. */
  sources: z.array(z.string()).default(["."]),
  /** Folders within it that its tests need on PYTHONPATH. */
  path: z.array(z.string()).default(["."]),
  /** `regrtest` is what the standard library has: each of its modules has tests of its own. */
  suite: z.enum(["pytest", "regrtest"]).optional(),
  /** What is handed to the suite, such as the folder of the tests. */
  arguments: z.array(z.string()).default([]),
});

const listSchema = z.strictObject({
  /** Interpreters with all that the tests need; relative to the list. */
  pythons: z.array(z.string()).default([]),
  projects: z.array(projectSchema),
});

export type Project = z.infer<typeof projectSchema>;
export type ProjectList = z.infer<typeof listSchema>;

/** @throws with one message when the file cannot be read, is no JSON or says something else. */
export function readProjects(file: string): ProjectList {
  const { data, error } = listSchema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (error) throw new Error(`${file}: ${z.prettifyError(error)}`);
  const beside = (name: string) => path.resolve(path.dirname(file), name);
  return {
    pythons: data.pythons.map(beside),
    projects: data.projects.map((project) => ({ ...project, folder: beside(project.folder) })),
  };
}

/** A folder of which nothing is known but its files. */
export function projectOf(folder: string): Project {
  return { name: folder, folder: path.resolve(folder), sources: ["."], path: ["."], arguments: [] };
}

/** The Python files that are analysed; those of tests are not. */
export function pythonFiles({ folder, sources }: Project): string[] {
  return sources
    .flatMap((source) => readdirSync(path.join(folder, source), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith(".py"))
    .map((entry) => path.join(entry.parentPath, entry.name).replaceAll("\\", "/"))
    .filter((file) => {
      const within = `/${path.relative(folder, file).replaceAll("\\", "/")}`;
      return !/\/(tests?|idle_test|site-packages|lib2to3|__pycache__)\//.test(within);
    })
    .sort();
}
