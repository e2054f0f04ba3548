/**
 * Which way out fits the measured program: threads without the GIL, processes, sub-interpreters, PyPy, native code, or
 * staying. Reasoned from the result alone by the table below; what was not measured is never called better. Pure.
 */
import type { BenchResult } from "../result.ts";
import { type Evidence, evidenceOf, type MeasuredOption, percentMore } from "./escapeEvidence.ts";
import { times } from "./ratios.ts";

export type EscapeOption = MeasuredOption | "native" | "stay";

/** `fits`: measured to be faster. `later`: something else comes first. `open`: these figures do not tell. */
export type Fit = "fits" | "later" | "no" | "open";

export interface Escape {
  readonly option: EscapeOption;
  readonly label: string;
  readonly fit: Fit;
  /** One sentence with the figure it rests on. */
  readonly because: string;
  /** The one to take of those that fit. */
  readonly best: boolean;
}

interface Rule {
  readonly when: (evidence: Evidence) => boolean;
  readonly fit: Fit;
  readonly because: (evidence: Evidence) => string;
}

/** A gain below this is not worth a migration. */
const worthwhile = 1.1;

const always = () => true;
const waits: Rule = {
  when: ({ waits }) => waits,
  fit: "no",
  because: () => "The program waits more than it computes, so more computing at once changes little.",
};
const useless: Rule = {
  when: ({ useless }) => useless.length > 0,
  fit: "open",
  because: ({ useless }) => `These figures carry no advice: ${useless.join(", ")}.`,
};
const doubtful: Rule = {
  when: ({ doubts }) => doubts.length > 0,
  fit: "open",
  because: ({ doubts }) => `No clear gain, yet these figures cannot rule one out: ${doubts.join(", ")}.`,
};

/** What the figures do not show of workers that share no objects. */
function copies(option: MeasuredOption): string {
  return option === "processes" || option === "subinterpreters"
    ? "; copying data between them is not in this figure"
    : "";
}

function measuredRules(option: MeasuredOption): Rule[] {
  const gain = ({ gains }: Evidence) => gains[option]!;
  return [
    {
      when: ({ gains }) => !gains[option],
      fit: "open",
      because: ({ missing }) => `Not measured: ${missing[option]}.`,
    },
    waits,
    useless,
    {
      when: (evidence) => gain(evidence).low >= worthwhile,
      fit: "fits",
      because: (evidence) =>
        `${times(gain(evidence).factor)} as fast as ${evidence.today} at its best, on ${gain(evidence).workers}${percentMore(gain(evidence).memory, " memory")}${copies(option)}.`,
    },
    doubtful,
    {
      when: (evidence) =>
        gain(evidence).high < worthwhile && evidence.bottleneck !== undefined && option === "threads",
      fit: "later",
      because: (evidence) =>
        `Only ${times(gain(evidence).factor)} as fast as ${evidence.today} so far; mend first what stops it: ${evidence.bottleneck}.`,
    },
    {
      when: (evidence) => gain(evidence).high < worthwhile,
      fit: "no",
      because: (evidence) =>
        `${times(gain(evidence).factor)} as fast as ${evidence.today} at its best: no gain worth the change.`,
    },
    {
      when: always,
      fit: "open",
      because: (evidence) =>
        `Between ${gain(evidence).low.toFixed(2)} and ${times(gain(evidence).high)} as fast as ${evidence.today}: too wide to tell; measure for longer.`,
    },
  ];
}

/** For each way out the first rule that applies decides. */
export const decisionTable: Readonly<Record<EscapeOption, readonly Rule[]>> = {
  threads: [
    {
      when: ({ gilBack }) => gilBack !== undefined,
      fit: "later",
      because: ({ gilBack }) => `${gilBack} switches the GIL back on: replace or upgrade it first.`,
    },
    {
      when: ({ noThreads, usesProcesses }) => noThreads && !usesProcesses,
      fit: "later",
      because: () => "The program starts no threads: its work has to be split over threads first.",
    },
    {
      when: ({ noThreads }) => noThreads,
      fit: "later",
      because: () => "The program works in processes: threads would have to take their place first.",
    },
    ...measuredRules("threads"),
  ],
  processes: [
    {
      when: ({ usesProcesses }) => usesProcesses,
      fit: "no",
      because: () => "The program works in processes already; each has a GIL of its own.",
    },
    ...measuredRules("processes"),
  ],
  subinterpreters: measuredRules("subinterpreters"),
  pypy: measuredRules("pypy"),
  native: [
    waits,
    {
      when: ({ gilBack }) => gilBack !== undefined,
      fit: "open",
      because: ({ gilBack }) =>
        `Not measured; ${gilBack} is native code already and must learn to run without the GIL.`,
    },
    {
      when: ({ tooLittleWork }) => tooLittleWork,
      fit: "no",
      because: () => "There is too little work to move into native code.",
    },
    {
      when: always,
      fit: "open",
      because: () =>
        "Not measured; computing in an extension that releases the GIL scales under both builds, if the hot part can be moved.",
    },
  ],
  stay: [
    {
      when: ({ waits }) => waits,
      fit: "fits",
      because: ({ today }) =>
        `The GIL is not what limits this program; ${today} with threads or asyncio serves it.`,
    },
    useless,
    {
      when: ({ gains }) => Object.values(gains).some((gain) => gain && gain.low >= worthwhile),
      fit: "no",
      because: () => "Another way was measured to be clearly faster.",
    },
    doubtful,
    {
      when: ({ gains }) => Object.values(gains).every((gain) => !gain || gain.high < worthwhile),
      fit: "fits",
      because: ({ today }) =>
        `Nothing that was measured is clearly faster than ${today} as the program is now.`,
    },
    {
      when: always,
      fit: "open",
      because: () => "Whether another way is faster is within the noise; measure for longer.",
    },
  ],
};

const labels: Readonly<Record<EscapeOption, (evidence: Evidence) => string>> = {
  threads: ({ free }) => `Threads on ${free}`,
  processes: () => "Processes",
  subinterpreters: () => "Sub-interpreters",
  pypy: () => "PyPy",
  native: () => "Native code",
  stay: ({ today }) => `Stay on ${today}`,
};

/** All ways out, in a fixed order; none when the two builds were not both measured. */
export function escapesFor(result: BenchResult): Escape[] {
  const evidence = evidenceOf(result);
  if (!evidence) {
    return [];
  }
  const options = Object.keys(decisionTable) as EscapeOption[];
  const judged = options.map((option) => {
    const rule = decisionTable[option].find(({ when }) => when(evidence))!;
    return { option, label: labels[option](evidence), fit: rule.fit, because: rule.because(evidence) };
  });
  const best = bestOf(
    judged.filter(({ fit }) => fit === "fits").map(({ option }) => option),
    evidence,
  );
  return judged.map((one) => ({ ...one, best: one.option === best }));
}

/** The fastest, but one that asks for less rewriting when it may be as fast: `options` begin with the least. */
function bestOf(options: readonly EscapeOption[], { gains }: Evidence): EscapeOption | undefined {
  const gain = (option: EscapeOption) =>
    option === "native" || option === "stay" ? undefined : gains[option];
  return options.reduce<EscapeOption | undefined>(
    (best, option) =>
      best === undefined || (gain(option)?.low ?? 0) > (gain(best)?.high ?? Number.POSITIVE_INFINITY)
        ? option
        : best,
    undefined,
  );
}
