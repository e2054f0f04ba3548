// Names for flags that turn round: an event can be waited for until it is set, not until it is clear.

const opposites: readonly (readonly [RegExp, string])[] = [
  [/^(is_)?(running|alive|active|started|going|looping|working|spinning|polling)$/, "stopped"],
  [/^(run|run_flag|go|(keep|should|want|wants|continue|do)_\w+)$/, "stopped"],
  [/^(is_)?(pending|waiting|in_progress)$/, "done"],
  [/^(is_)?busy$/, "idle"],
  [/^(is_)?loading$/, "loaded"],
  [/^(is_)?paused$/, "resumed"],
  [/^(is_)?open$/, "closed"],
  [/^(is_)?connected$/, "disconnected"],
];

/** `_stopped` for `_running`; `_not_…` for what has no opposite here. */
export function opposite(flag: string): string {
  const [, underscores, word] = /^(_*)(\w*)$/.exec(flag)!;
  const found = opposites.find(([names]) => names.test(word!));
  return `${underscores}${found?.[1] ?? `not_${word}`}`;
}
