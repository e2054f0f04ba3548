// Which of many changes turns tests red: the search that `npm run fix-trial` makes.
import { describe, expect, test } from "vitest";
import type { Outcome } from "../../scripts/fixTrial/suite.ts";
import { type Change, judge, type TestBench } from "../../scripts/fixTrial/verdicts.ts";

/** Files `a.py`, `b.py`, … with the text `broken` or any other, and tests that look at them. */
class FakeBench implements TestBench {
  readonly runs: { files: string[]; only: readonly string[] | undefined }[] = [];

  /** @param tests by name: whether each passes when these files are changed; told how often it was run before */
  constructor(
    private readonly tests: Readonly<
      Record<string, (texts: ReadonlyMap<string, string>, before: number) => boolean>
    >,
    private readonly ran: Outcome["ran"] = [],
  ) {}

  covers(texts: ReadonlyMap<string, string>): boolean {
    return !texts.has("untested.py");
  }

  isAbout(): boolean {
    return false;
  }

  async run(
    texts: ReadonlyMap<string, string>,
    { only, without }: { only?: readonly string[] | undefined; without: readonly string[] },
  ): Promise<Outcome> {
    const names = Object.keys(this.tests).filter(
      (name) => !without.includes(name) && (only === undefined || only.includes(name)),
    );
    const failures = names.filter((name) => !this.tests[name]!(texts, this.runs.length));
    this.runs.push({ files: [...texts.keys()], only });
    return { failures, passed: names.length - failures.length, ran: this.ran, durationMs: 0, output: "" };
  }
}

function change(file: string, text = "fine"): Change {
  return { texts: new Map([[file, text]]), lines: new Map([[file, new Set([3])]]), function: "Pool.take" };
}

const quiet = () => {};
const isWhole = (texts: ReadonlyMap<string, string>) => ![...texts.values()].includes("broken");

describe("the verdicts on changes", () => {
  test("changes in different files are tried together, and those in one file apart", async () => {
    const bench = new FakeBench({ t: isWhole });
    const changes = [change("a.py"), change("b.py"), change("a.py")];
    const verdicts = await judge(changes, bench, new Set(), quiet);
    expect(bench.runs.map(({ files }) => files)).toEqual([["a.py", "b.py"], ["a.py"]]);
    expect(changes.map((one) => verdicts.get(one)!.kind)).toEqual(["green", "green", "green"]);
  });

  test("the one that turns a test red is found, by that test alone", async () => {
    const bench = new FakeBench({ t: isWhole, other: () => true });
    const changes = ["a.py", "b.py", "c.py", "d.py"].map((file) =>
      change(file, file === "c.py" ? "broken" : "fine"),
    );
    const verdicts = await judge(changes, bench, new Set(), quiet);
    expect(changes.map((one) => verdicts.get(one)!.kind)).toEqual(["green", "green", "red", "green"]);
    expect(verdicts.get(changes[2]!)).toEqual({ kind: "red", failures: ["t"], isAlone: true });
    expect(bench.runs.slice(1).map(({ only }) => only)).toEqual(bench.runs.slice(1).map(() => ["t"]));
  });

  test("two that only together turn a test red are both told, as such", async () => {
    const bench = new FakeBench({ t: (texts) => !(texts.has("a.py") && texts.has("b.py")) });
    const changes = [change("a.py"), change("b.py")];
    const verdicts = await judge(changes, bench, new Set(), quiet);
    for (const one of changes) {
      expect(verdicts.get(one)).toEqual({ kind: "red", failures: ["t"], isAlone: false });
    }
  });

  test("a test that fails without the change, too, accuses nobody and is left out from then on", async () => {
    const bench = new FakeBench({ t: (_, before) => before > 3 });
    const without = new Set<string>();
    const first = change("a.py");
    const verdicts = await judge([first, change("a.py")], bench, without, quiet);
    expect(verdicts.get(first)!.kind).toBe("unstable");
    expect([...without]).toEqual(["t"]);
  });

  test("a test that fails once only accuses nobody", async () => {
    const bench = new FakeBench({ t: (_, before) => before > 0 });
    const one = change("a.py");
    expect((await judge([one], bench, new Set(), quiet)).get(one)!.kind).toBe("unstable");
  });

  test("green says whether the tests ran the changed lines of that function", async () => {
    const ran = (line: number, fn: string) => [{ file: "a.py", line, function: fn }];
    const isRun = async (lines: Outcome["ran"]) => {
      const one = change("a.py");
      return (await judge([one], new FakeBench({ t: isWhole }, lines), new Set(), quiet)).get(one);
    };
    expect(await isRun(ran(3, "Pool.take"))).toEqual({ kind: "green", isRun: true });
    expect(await isRun(ran(4, "Pool.take"))).toEqual({ kind: "green", isRun: false });
    expect(await isRun(ran(3, "Pool.__init__"))).toEqual({ kind: "green", isRun: false });
  });

  test("changes that no test belongs to are not run", async () => {
    const bench = new FakeBench({ t: isWhole });
    const one = change("untested.py", "broken");
    expect((await judge([one], bench, new Set(), quiet)).get(one)).toEqual({ kind: "untested" });
    expect(bench.runs).toEqual([]);
  });
});
