/** What a processor must be able to do for its code to be followed. */
import type { State } from "./state.ts";
import type { Value } from "./value.ts";

/** Where the hook returns to, and where its stack begins; no image is loaded there. */
export const outside = 0x7fff_1000_0000;
export const stackTop = 0x7fff_0000_0000;

/** Last comparison: what the next conditional jump looks at. */
export interface Comparison {
  readonly left: Value;
  readonly right: Value;
  readonly bits: number;
}

/** What an instruction does to the order of instructions. A missing answer means that the next one follows. */
export type Move =
  | { readonly kind: "jump"; readonly to: Value }
  | { readonly kind: "return"; readonly to: Value }
  | { readonly kind: "call"; readonly to: Value }
  | { readonly kind: "branch"; readonly to: number; readonly when: Condition; readonly of?: Comparison }
  | { readonly kind: "stop" };

/** `decide` gives undefined for conditions that are not followed. */
export type Condition = "equal" | "not-equal" | ((comparison: Comparison) => boolean | undefined);

export interface Processor {
  readonly registerCount: number;
  /** Prepares the stack, so that the hook returns to `outside`. */
  enter(state: State): void;
  /** Runs the instruction at `state.pc`, which is moved behind it. @returns undefined when it only moved on */
  step(state: State): Move | undefined;
  argument(state: State, index: 0 | 1): Value;
  result(state: State): Value;
  /** Puts the address to return to where the called function expects it. */
  pushReturn(state: State, address: number): void;
  /** Ends a call of another library's function: forgets what it may change, gives its result, and returns. */
  returnFrom(state: State, result: Value): void;
}
