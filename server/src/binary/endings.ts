/** What the ways through a hook say when they end, and when enough of them have. */
import type { Work } from "./bytes.ts";
import type { Witness } from "./code/follow.ts";
import type { State } from "./code/state.ts";
import { Unknown, type Value } from "./code/value.ts";
import { type Definition, type GilSlot, readDefinition, readSlots, type Slots } from "./definition.ts";

/** How a way through a `PyInit_` hook ends. */
interface Ending {
  /** Through `PyModuleDef_Init`. */
  readonly multiPhase: boolean;
  /** What it has passed to `PyUnstable_Module_SetGIL`. */
  readonly gil: Value | undefined;
  readonly definition: Definition | undefined;
  /** Whether the slots stand in the file as they are used. */
  readonly complete: boolean;
}

/** Of a `PyInit_` hook. */
export class InitEndings implements Witness {
  readonly all: Ending[] = [];
  /** What the ways that were given up have passed to `PyUnstable_Module_SetGIL`. */
  readonly abandonedCalls: (Value | undefined)[] = [];
  readonly patience: number;

  /**
   * @param setsGil whether the image refers to `PyUnstable_Module_SetGIL`. Then all ways must be seen, and modules that
   * are made at once take thousands of instructions; definitions are found within hundreds.
   */
  constructor(
    private readonly setsGil: boolean,
    private readonly work: Work,
  ) {
    this.patience = setsGil ? 60_000 : 10_000;
  }

  ended({ gil, initialised, created, memory }: State): boolean {
    const address = initialised ?? created;
    if (address === undefined && gil === undefined) {
      // A module that was made before is returned as it is: such a way says nothing of its own.
      return true;
    }
    const definition = typeof address === "number" ? readDefinition(memory, address, this.work) : undefined;
    const slots = definition?.slots;
    // An empty array is one that waits to be written.
    const complete = slots === undefined || (memory.isFromFile(slots, 8) && memory.number(slots, 4) !== 0);
    this.all.push({ multiPhase: initialised !== undefined, gil, definition, complete });
    return this.canAgree();
  }

  abandoned(gil: Value | undefined): boolean {
    this.abandonedCalls.push(gil);
    return this.canAgree();
  }

  /** What all ways have passed to `PyUnstable_Module_SetGIL`. */
  get calls(): (Value | undefined)[] {
    return [...this.all.map(({ gil }) => gil), ...this.abandonedCalls];
  }

  /** The slot that all definitions have. */
  get slot(): GilSlot {
    return agreed(this.all.map(({ definition }) => definition?.gil ?? "unknown"));
  }

  /** False when no other way can make up for what this one said, or failed to say. */
  private canAgree(): boolean {
    const first = this.all[0];
    const last = this.all.at(-1);
    if (!this.setsGil || !first || !last || first.multiPhase) {
      return true;
    }
    return (
      !(first.gil instanceof Unknown) &&
      last.gil === first.gil &&
      this.abandonedCalls.every((gil) => gil === first.gil)
    );
  }
}

/** Of a `PyModExport_` hook. */
export class ExportEndings implements Witness {
  readonly all: Slots[] = [];
  readonly patience = 10_000;
  private isComplete = true;

  constructor(private readonly work: Work) {}

  ended({ memory }: State, result: Value): boolean {
    const slots: Slots =
      typeof result === "number" ? readSlots(memory, result, "export", this.work) : { gil: "unknown" };
    this.all.push(slots);
    return slots.gil !== "unknown" && slots.gil === this.all[0]!.gil;
  }

  abandoned(): boolean {
    this.isComplete = false;
    return false;
  }

  get slot(): GilSlot {
    return this.isComplete ? agreed(this.all.map(({ gil }) => gil)) : "unknown";
  }
}

export function agreed(found: readonly GilSlot[]): GilSlot {
  return found.length > 0 && found.every((one) => one === found[0]) ? found[0]! : "unknown";
}
