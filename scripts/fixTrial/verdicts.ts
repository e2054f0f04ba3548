// Whether changes keep tests green: many changes in one run, halved until the one that turns them red is found.
import type { Outcome, RanLine, Selection } from "./suite.ts";

/** One fix, as far as tests can tell. */
export interface Change {
  /** New texts by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** Lines of the new texts that differ, from 1, by path. */
  readonly lines: ReadonlyMap<string, ReadonlySet<number>>;
  /** The function in which the finding is; what the tests ran of it decides whether they ran the fix. */
  readonly function: string;
}

export type Verdict =
  | { readonly kind: "green"; readonly isRun: boolean }
  /** @property isAlone false when it needs other changes beside it to fail */
  | { readonly kind: "red"; readonly failures: readonly string[]; readonly isAlone: boolean }
  /** Failed once, but not again, or fails without the change, too. */
  | { readonly kind: "unstable"; readonly failures: readonly string[] }
  | { readonly kind: "untested" };

/** A project whose tests can be run with files changed. */
export interface TestBench {
  covers(texts: ReadonlyMap<string, string>, without: ReadonlySet<string>): boolean;
  /** Whether one of these failed tests belongs to one of these files, as far as names tell. */
  isAbout(texts: ReadonlyMap<string, string>, failures: readonly string[]): boolean;
  /** @returns failures and lines by path of the original */
  run(texts: ReadonlyMap<string, string>, selection: Omit<Selection, "changed">): Promise<Outcome>;
}

/**
 * @param without tests that fail in the unchanged project; those that turn out to fail now and then are added
 * @param tell is told of every run
 * @returns one verdict for each change
 */
export async function judge(
  changes: readonly Change[],
  bench: TestBench,
  without: Set<string>,
  tell: (line: string) => void,
): Promise<Map<Change, Verdict>> {
  const verdicts = new Map<Change, Verdict>();
  for (const change of changes)
    if (!bench.covers(change.texts, without)) verdicts.set(change, { kind: "untested" });
  const groups = disjoint(changes.filter((change) => !verdicts.has(change)));
  for (const [i, group] of groups.entries()) {
    const search = new Search(bench, without, verdicts);
    const outcome = await search.run(group);
    tell(`${i + 1} of ${groups.length}: ${group.length} changes, ${inWords(outcome)}`);
    await search.divide(group, outcome);
  }
  return verdicts;
}

class Search {
  /** What ran of the changed files when the whole group was tried. */
  private ran: readonly RanLine[] | undefined;

  constructor(
    private readonly bench: TestBench,
    private readonly without: Set<string>,
    private readonly verdicts: Map<Change, Verdict>,
  ) {}

  async run(group: readonly Change[], only?: readonly string[]): Promise<Outcome> {
    const texts = new Map(group.flatMap((change) => [...change.texts]));
    const outcome = await this.bench.run(texts, { without: [...this.without], only });
    this.ran ??= outcome.ran;
    return outcome;
  }

  /** @param outcome of all of these changes together */
  async divide(group: readonly Change[], { failures }: Outcome): Promise<void> {
    if (failures.length === 0) {
      for (const change of group) this.verdicts.set(change, { kind: "green", isRun: this.isRun(change) });
      return;
    }
    if (group.length === 1) {
      this.verdicts.set(group[0]!, await this.again(group[0]!, failures));
      return;
    }
    const only = testsOf(failures);
    let isFound = false;
    for (const half of this.halves(group, failures)) {
      const outcome = await this.run(half, only);
      isFound ||= outcome.failures.length > 0;
      await this.divide(half, outcome);
    }
    if (isFound) return;
    const { failures: left } = await this.run(group, only);
    const together: Verdict =
      left.length > 0 ? { kind: "red", failures: left, isAlone: false } : { kind: "unstable", failures };
    for (const change of group) this.verdicts.set(change, together);
  }

  /** Those that the failures are about and the others, where that is known. */
  private halves(group: readonly Change[], failures: readonly string[]): (readonly Change[])[] {
    const suspects = group.filter(({ texts }) => this.bench.isAbout(texts, failures));
    if (suspects.length > 0 && suspects.length < group.length) {
      return [suspects, group.filter((change) => !suspects.includes(change))];
    }
    const middle = Math.ceil(group.length / 2);
    return [group.slice(0, middle), group.slice(middle)];
  }

  /** Once more with the change, and once without it: a red verdict needs both to say so. */
  private async again(change: Change, failures: readonly string[]): Promise<Verdict> {
    const only = testsOf(failures);
    const second = await this.run([change], only);
    if (second.failures.length === 0) return { kind: "unstable", failures };
    const unchanged = await this.bench.run(new Map(), { without: [...this.without], only });
    for (const test of unchanged.failures) this.without.add(test);
    const left = second.failures.filter((test) => !unchanged.failures.includes(test));
    return left.length === 0
      ? { kind: "unstable", failures }
      : { kind: "red", failures: left, isAlone: true };
  }

  private isRun({ texts, lines, function: fn }: Change): boolean {
    const name = fn === "<module>" ? undefined : fn.split(".").at(-1);
    return (this.ran ?? []).some(
      (ran) =>
        texts.has(ran.file) &&
        lines.get(ran.file)!.has(ran.line) &&
        (name === undefined || ran.function.split(".").includes(name)),
    );
  }
}

/** The tests to repeat; undefined, which means all, when it is not known which one failed. */
function testsOf(failures: readonly string[]): readonly string[] | undefined {
  return failures.some((failure) => failure.startsWith("(")) ? undefined : failures;
}

/** Groups of changes of which no two are in one file. */
function disjoint(changes: readonly Change[]): Change[][] {
  const groups: { changes: Change[]; files: Set<string> }[] = [];
  for (const change of changes) {
    const files = [...change.texts.keys()];
    let group = groups.find((one) => !files.some((file) => one.files.has(file)));
    if (group === undefined) {
      group = { changes: [], files: new Set() };
      groups.push(group);
    }
    group.changes.push(change);
    for (const file of files) group.files.add(file);
  }
  return groups.map((group) => group.changes);
}

export function inWords({ failures, passed, durationMs }: Outcome): string {
  const seconds = Math.round(durationMs / 1000);
  const red = failures.length === 0 ? "" : `, ${failures.length} red (${failures.slice(0, 3).join(", ")})`;
  return `${passed} tests green${red} in ${seconds} s`;
}
