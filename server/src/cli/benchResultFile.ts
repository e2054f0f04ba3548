/** Reads results that were saved; whatever does not have their shape is refused with one message. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { type BenchResult, benchResultSchema } from "../bench/result.ts";
import { UsageError } from "./loadSources.ts";

const versioned = z.object({ version: z.unknown() });

/** @throws UsageError when it is no result, or one of another version of the format */
export async function readResult(path: string): Promise<BenchResult> {
  const text = await readFile(path, "utf8");
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new UsageError(`${path} is not JSON. Save a result with \`threadproof bench --format json\`.`);
  }
  const version = versioned.safeParse(content).data?.version;
  if (version !== undefined && version !== 1) {
    throw new UsageError(
      `${path} has version ${JSON.stringify(version)} of the format; this reads version 1.`,
    );
  }
  const parsed = benchResultSchema.safeParse(content);
  if (!parsed.success) {
    const { path: where, message } = parsed.error.issues[0]!;
    const place = where.length > 0 ? ` at ${where.join(".")}` : "";
    throw new UsageError(
      `${path} is not a result of \`threadproof bench --format json\`${place}: ${message}.`,
    );
  }
  return parsed.data;
}
