/** Work that can pause between its steps: all at once where nobody waits, in turns with others where an editor does. */

export type Steps<Result> = Generator<undefined, Result, undefined>;

/** How long others wait at most for steps that follow each other, milliseconds; single steps take far less. */
const atOnceMs = 8;

export function finishAtOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) {
      return step.value;
    }
  }
}

/** @param turn fulfilled when it is time to go on */
export async function finishInTurns<Result>(
  steps: Steps<Result>,
  turn: () => Promise<void>,
): Promise<Result> {
  for (;;) {
    await turn();
    for (const since = performance.now(); performance.now() - since < atOnceMs; ) {
      const step = steps.next();
      if (step.done) {
        return step.value;
      }
    }
  }
}
