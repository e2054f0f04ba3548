/** Renewing facts about packages, from an index that the test serves. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { filesOf, indexUrl } from "../src/imports/knowledge/indexClient.ts";
import { knownVerdict } from "../src/imports/knowledge/knownVerdict.ts";
import { PackageFacts, packageFile } from "../src/imports/knowledge/packageFacts.ts";
import { rowFrom } from "../src/imports/knowledge/refresh.ts";

describe("renewing from an index", () => {
  let server: Server;
  let answer: { type: string; body: string };
  let asked: string[];
  let index: string;
  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization ?? ""}`.trim());
      response.setHeader("content-type", answer.type);
      response.statusCode = request.url === "/simple/none/" ? 404 : 200;
      response.end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    index = `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const names = [
    "fastlib-1.0-cp313-cp313-linux_x86_64.whl",
    "fastlib-1.1-cp313-cp313t-linux_x86_64.whl",
    "fastlib-1.10-cp314-cp314t-linux_x86_64.whl",
    "fastlib-2.0rc1-cp314-cp314t-linux_x86_64.whl",
    "fastlib-1.1.tar.gz",
  ];
  const json = () => ({
    type: "application/vnd.pypi.simple.v1+json",
    body: JSON.stringify({
      name: "fastlib",
      files: [
        ...names.map((filename) => ({ filename, "upload-time": "2026-05-01T00:00:00Z", yanked: false })),
        { filename: "fastlib-9.0-cp313-cp313t-linux_x86_64.whl", yanked: "broken" },
      ],
    }),
  });

  it("reads JSON and pages alike", async () => {
    answer = json();
    const first = await filesOf("FastLib", index);
    answer = {
      type: "text/html",
      body: `<!DOCTYPE html><html>${names.map((name) => `<a href="x" data-upload-time="2026-05-01T00:00:00Z">${name}</a>`).join("")}<a data-yanked="">fastlib-9.0-cp313-cp313t-linux_x86_64.whl</a></html>`,
    };
    expect(await filesOf("FastLib", index)).toEqual(first);
    expect(asked).toEqual(["/simple/fastlib/", "/simple/fastlib/"]);
    expect(rowFrom(first, "2026-11-21")).toMatchObject({
      latest: { version: "1.10", date: "2026-05-01", tags: ["cp314t"] },
      since: { "3.13t": "1.1", "3.14t": "1.10" },
      without: { "3.13t": "1.0", "3.14t": "1.1" },
      until: { "3.13t": ["1.1", "1.10"] },
      refreshed: "2026-11-21",
    });
  });

  it("tells what is wrong in one message, and sends credentials as the address has them", async () => {
    answer = { type: "text/plain", body: "busy" };
    await expect(filesOf("fastlib", index)).rejects.toThrow(
      /answer of the package index at .* is not understood/,
    );
    await expect(filesOf("none", index.replace("//", "//me:secret@"))).rejects.toThrow(/has no such package/);
    expect(asked.at(-1)).toBe(`/simple/none/ Basic ${Buffer.from("me:secret").toString("base64")}`);
    await expect(filesOf("fastlib", "http://127.0.0.1:1/simple")).rejects.toThrow(/cannot be reached/);
  });

  it("chooses the index as pip does", async () => {
    const folder = await mkdtemp(join(tmpdir(), "imports-pip-"));
    try {
      const file = join(folder, "pip.conf");
      await writeFile(file, "[global]\nindex-url = https://mirror.example/simple/\n");
      const env = { PIP_CONFIG_FILE: file, PIP_INDEX_URL: "https://variable.example/simple" };
      expect(indexUrl("https://option.example/simple/", env)).toBe("https://option.example/simple");
      expect(indexUrl(undefined, env)).toBe("https://variable.example/simple");
      expect(indexUrl(undefined, { PIP_CONFIG_FILE: file })).toBe("https://mirror.example/simple");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("keeps what people found out beside renewed wheels", () => {
    const renewed = rowFrom(
      [{ name: "lxml-8.0-cp314-cp314t-linux_x86_64.whl", day: "2026-11-01" }],
      "2026-11-21",
    );
    if (renewed === undefined || renewed === "pure") throw new Error("no row");
    const file = packageFile.parse({
      version: 1,
      checked: "2026-01-01",
      sources: [],
      imports: {},
      pure: "",
      native: { lxml: { ft: "partial", gil: "re-enables", declaredSince: "7.0.0a1", note: "A note." } },
    });
    const merged = new PackageFacts(file, { version: 1, pure: {}, native: { lxml: renewed } });
    expect(merged.row("lxml")).toMatchObject({
      gil: "re-enables",
      since: { "3.14t": "8.0" },
      note: "A note.",
      refreshed: "2026-11-21",
    });
    expect(knownVerdict(merged, "lxml", "8.0", "3.14t")?.verdict).toBe("keeps-gil-off");
  });
});
