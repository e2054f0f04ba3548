// The demonstrations there are: NAME.py fails when threads really run at once, NAME.fixed.py is its repaired twin.
import { readdirSync } from "node:fs";
import path from "node:path";

export interface Demonstration {
  readonly rule: string;
  readonly bad: string;
  readonly repaired: string;
}

/** In the order of names. A program without its twin, or a twin without its program, is an error. */
export function demonstrationsIn(folder: string): Demonstration[] {
  const files = new Set(readdirSync(folder).filter((file) => file.endsWith(".py")));
  const rules = [...new Set([...files].map((file) => file.replace(/(\.fixed)?\.py$/, "")))].sort();
  return rules.map((rule) => {
    const twins = [`${rule}.py`, `${rule}.fixed.py`] as const;
    for (const file of twins) {
      if (!files.has(file)) throw new Error(`${path.join(folder, file)} is missing`);
    }
    return { rule, bad: path.join(folder, twins[0]), repaired: path.join(folder, twins[1]) };
  });
}
