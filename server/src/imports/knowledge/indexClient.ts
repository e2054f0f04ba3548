/**
 * Asks a package index about single packages, by its JSON API (PEP 691, PEP 700) or, where it has none, its pages (PEP 503). Only ever called when the user asks. Which
 * index is decided as pip decides: an option, `PIP_INDEX_URL`, pip's configuration files, the public index.
 */
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { normalisedName } from "../../environment/distributions.ts";
import { textOf } from "../../environment/folderContents.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const publicIndex = "https://pypi.org/simple";

const fileSchema = z.object({
  filename: z.string(),
  "upload-time": z.string().optional(),
  yanked: z.union([z.boolean(), z.string()]).optional(),
});

const projectSchema = z.object({ name: z.string(), files: z.array(fileSchema) });

export interface IndexedFile {
  readonly name: string;
  /** Day of the upload; absent where the index does not say. */
  readonly day: string | undefined;
}

/** The index did not give what was asked for; the message is all that the user needs. */
export class IndexFailure extends Error {}

/** @param option what the command line names, if anything */
export function indexUrl(option: string | undefined, env: Environment): string {
  const url = option ?? env.PIP_INDEX_URL ?? configured(env) ?? publicIndex;
  return url.replace(/\/+$/, "");
}

/**
 * The files of all releases that are not yanked.
 * @throws IndexFailure
 */
export async function filesOf(name: string, index: string, timeoutMs = 30_000): Promise<IndexedFile[]> {
  const url = new URL(`${index}/${normalisedName(name)}/`);
  const accept = "application/vnd.pypi.simple.v1+json, text/html;q=0.1";
  const headers: Record<string, string> = { accept };
  if (url.username) {
    // Credentials in the address, as pip takes them; fetch refuses such addresses.
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers.authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
    url.username = "";
    url.password = "";
  }
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) }).catch(
    (error: Error) => {
      const cause = error.cause instanceof Error ? error.cause.message : error.message;
      throw new IndexFailure(`${name}: the package index at ${url.host} cannot be reached: ${cause}`);
    },
  );
  if (answer.status === 404)
    throw new IndexFailure(`${name}: the package index at ${url.host} has no such package`);
  if (!answer.ok)
    throw new IndexFailure(`${name}: the package index at ${url.host} answered ${answer.status}`);
  const text = await answer.text();
  const files = fromJson(text) ?? fromHtml(text);
  if (!files)
    throw new IndexFailure(`${name}: the answer of the package index at ${url.host} is not understood`);
  return files;
}

/** PEP 691; undefined for anything else. */
function fromJson(text: string): IndexedFile[] | undefined {
  try {
    const { files } = projectSchema.parse(JSON.parse(text));
    return files
      .filter(({ yanked }) => yanked === undefined || yanked === false)
      .map(({ filename, "upload-time": time }) => ({ name: filename, day: time?.slice(0, 10) }));
  } catch {
    return undefined;
  }
}

/** PEP 503, as mirrors answer that know no JSON: one link per file, its text the file's name. */
function fromHtml(text: string): IndexedFile[] | undefined {
  const links = [...text.matchAll(/<a\b([^>]*)>\s*([^<]+?)\s*<\/a>/gi)];
  if (links.length === 0 && !/<html|<!doctype/i.test(text)) return undefined;
  return links
    .filter(([, attributes]) => !/\bdata-yanked\b/i.test(attributes!))
    .map(([, attributes, name]) => ({
      name: name!,
      day: /\bdata-upload-time="(\d{4}-\d\d-\d\d)/.exec(attributes!)?.[1],
    }));
}

/** `index-url` of pip's configuration files; the most specific file wins, as for pip. */
function configured(env: Environment): string | undefined {
  const places = [
    env.PIP_CONFIG_FILE,
    env.VIRTUAL_ENV && join(env.VIRTUAL_ENV, process.platform === "win32" ? "pip.ini" : "pip.conf"),
    ...(process.platform === "win32" ? [env.APPDATA && join(env.APPDATA, "pip", "pip.ini")] : []),
    join(env.XDG_CONFIG_HOME ?? join(homedir(), ".config"), "pip", "pip.conf"),
    join(homedir(), ".pip", "pip.conf"),
    "/etc/pip.conf",
  ];
  for (const place of places) {
    const url = place && /^[ \t]*index[-_]url[ \t]*[=:][ \t]*(\S+)/m.exec(textOf(place))?.[1];
    if (url) return url;
  }
  return undefined;
}
