// E7: seeding the module's own generator: other threads draw from it too, so the numbers repeat for nobody.
import type { Call } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import {
  areAlternatives,
  changeByCall,
  episodes,
  issueOf,
  type StateChange,
} from "../shapes/processState.ts";

interface Generator {
  readonly state: string;
  readonly seeds: readonly string[];
  readonly saves: readonly string[];
  readonly restores: readonly string[];
  /** Names that draw from it. */
  readonly draws: RegExp;
  readonly own: string;
}

const generators: readonly Generator[] = [
  {
    state: "random",
    seeds: ["random.seed"],
    saves: ["random.getstate"],
    restores: ["random.setstate"],
    draws: /^random\.(?!seed|getstate|setstate)[a-z]\w*$/,
    own: "random.Random(seed)",
  },
  {
    state: "numpy.random",
    seeds: ["numpy.random.seed"],
    saves: ["numpy.random.get_state"],
    restores: ["numpy.random.set_state"],
    draws: /^numpy\.random\.(?!seed|get_state|set_state|default_rng|get_bit_generator)[a-z]\w*$/,
    own: "numpy.random.default_rng(seed)",
  },
  {
    state: "torch",
    seeds: ["torch.manual_seed", "torch.random.manual_seed", "torch.seed"],
    saves: ["torch.get_rng_state", "torch.random.get_rng_state"],
    restores: ["torch.set_rng_state", "torch.random.set_rng_state"],
    draws: /^torch\.(rand|randn|randint|randperm|normal|bernoulli|multinomial|poisson)(_like)?$/,
    own: "torch.Generator().manual_seed(seed)",
  },
];

export default defineFileRule(
  {
    name: "global-random-seed",
    summary: "The generator that all threads draw from is seeded, or its state saved and restored.",
    family: "process-wide state",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const generator of generators) {
      for (const episode of episodes(view, changes(view, generator))) {
        // A function that only seeds leaves it to its callers when; that is reported in threads alone.
        if (!episode.temporary && episode.reach.evidence !== "proven") continue;
        const issue = issueOf(
          view,
          episode,
          "All threads draw from one sequence, so none gets the numbers that its seed promises.",
          `Draw from a generator of your own: ${generator.own}.`,
          episode.undo === undefined
            ? "another thread that draws or seeds between this seed and the draws below changes them"
            : "what this code saves, compares or puts back is changed by every draw of another thread",
        );
        if (episode.temporary) yield issue;
        else yield { ...issue, severity: "information" };
      }
    }
  },
);

function changes(view: FileView, { state, seeds, saves, restores, draws }: Generator): StateChange[] {
  const seeding = view.callsTo(...seeds);
  const saving = view.callsTo(...saves);
  const restoring = view.callsTo(...restores);
  return [
    // Seeding and then drawing counts on the sequence as much as restoring does.
    ...seeding.map((call) =>
      changeByCall(call, state, { undo: true, managed: isDrawnFrom(view, call, draws) }),
    ),
    // A state that is read twice is compared: another thread's draw changes it.
    ...saving.map((call) => changeByCall(call, state, { undo: true, managed: false })),
    ...restoring.map((call) => changeByCall(call, state, { undo: true })),
  ];
}

function isDrawnFrom(view: FileView, seed: Call, draws: RegExp): boolean {
  return view.file.facts.calls.some(
    (call) =>
      call.fn === seed.fn &&
      call.start > seed.start &&
      call.callee >= 0 &&
      draws.test(view.externalName(call.callee) ?? "") &&
      !areAlternatives(view, seed.context, call.context),
  );
}
