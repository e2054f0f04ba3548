// Provisioning where it can go wrong quietly: reading apt's configuration, choosing a pair, running twice at once.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { aptEntries } from "./debianMirror.mjs";
import { exclusively } from "./exclusive.mjs";
import { alikePair, probe } from "./pythonCandidates.mjs";

describe("apt's sources", () => {
  test("the one-line format, with and without options", () => {
    const text = `
# deb http://commented.example/debian bookworm main
deb http://plain.example/debian bookworm main contrib
deb [arch=amd64 signed-by=/keys/debian.gpg] http://signed.example/debian bookworm-updates main
`;
    expect(aptEntries("/etc/apt/sources.list", text)).toEqual([
      {
        mirror: "http://plain.example/debian",
        suites: ["bookworm"],
        components: ["main", "contrib"],
        signedBy: undefined,
      },
      {
        mirror: "http://signed.example/debian",
        suites: ["bookworm-updates"],
        components: ["main"],
        signedBy: "/keys/debian.gpg",
      },
    ]);
  });

  test("the deb822 format, with a comment inside and several suites", () => {
    const text = `Types: deb
# http://snapshot.example/archive
URIs: http://mirror.example/debian http://second.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /keys/debian.gpg
`;
    expect(aptEntries("debian.sources", text)).toEqual([
      {
        mirror: "http://mirror.example/debian",
        suites: ["bookworm", "bookworm-updates"],
        components: ["main"],
        signedBy: "/keys/debian.gpg",
      },
    ]);
  });
});

describe("a pair of interpreters", () => {
  const python = (executable, freeThreaded, micro, optimised = false) => ({
    executable,
    version: [3, 13, micro],
    release: "final",
    freeThreaded,
    optimised,
  });

  test("is of one version and built alike", () => {
    const found = [
      python("gil-13.0", false, 0),
      python("t-13.5-optimised", true, 5, true),
      python("gil-13.5", false, 5),
      python("t-13.5", true, 5),
    ];
    expect(alikePair(found)).toEqual({ python313: "gil-13.5", python313t: "t-13.5" });
  });

  test("is not made of builds that differ", () => {
    expect(alikePair([python("a", false, 0), python("b", true, 5)])).toBeUndefined();
    expect(alikePair([python("a", false, 5), python("b", true, 5, true)])).toBeUndefined();
    expect(alikePair([python("a", false, 5), python("b", false, 5)])).toBeUndefined();
  });

  test("is asked what it is; what is no Python is no candidate", async () => {
    expect(await probe(process.execPath)).toBeUndefined();
    expect(await probe(join(tmpdir(), "no-such-python"))).toBeUndefined();
  });
});

test("two runs fill the cache one after the other", async () => {
  const folder = await mkdtemp(join(tmpdir(), "threadproof-lock-"));
  try {
    const events = [];
    const work = (name) =>
      exclusively(folder, async () => {
        events.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        events.push(`${name} ends`);
      });
    await Promise.all([work("first"), work("second")]);
    const [one, two] = events[0] === "first begins" ? ["first", "second"] : ["second", "first"];
    expect(events).toEqual([`${one} begins`, `${one} ends`, `${two} begins`, `${two} ends`]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
