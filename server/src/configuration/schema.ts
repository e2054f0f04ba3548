// The keys of [tool.threadproof], their types, and what is said when a value has another one.
import { z } from "zod";

const list = (of: string) =>
  z.array(z.string({ error: `Expected ${of} in quotes.` }), { error: `Expected a list of ${of}s: ["…"].` });

const ruleLists = z.record(z.string(), list("rule name"), {
  error: 'Expected a table of patterns and rule names: "tests/**" = ["…"].',
});

const choice = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `Expected one of ${values.map((value) => `"${value}"`).join(", ")}.` });

export const severityNames = ["error", "warning", "information", "hint", "off"] as const;

export const tableSchema = z.object(
  {
    select: list("rule name").optional(),
    ignore: list("rule name").optional(),
    preview: z.boolean({ error: "Expected true or false." }).optional(),
    "per-file-ignores": ruleLists.optional(),
    severity: z
      .record(z.string(), choice(severityNames), {
        error: 'Expected a table of rule names and severities: lock-reacquired = "warning".',
      })
      .optional(),
    "target-version": choice(["3.13", "3.14", "3.15"]).optional(),
    concurrency: choice(["auto", "library", "off"]).optional(),
    "known-safe": list("dotted name").optional(),
    exclude: list("pattern").optional(),
    baseline: z.string({ error: "Expected the path of a baseline file in quotes." }).optional(),
  },
  { error: "Expected a table: [tool.threadproof]." },
);

export type ConfigurationTable = z.infer<typeof tableSchema>;

export const keyNames: readonly string[] = Object.keys(tableSchema.shape);
