/** Where ways part: those that come to the same place alike go on alike, so the later one need not be followed. */
import type { State } from "./state.ts";
import type { Value } from "./value.ts";

/** Loops that count come to the same place in ever new states; this many are looked at. */
const manyArrivals = 24;

export class Arrivals {
  /** States seen, by place. Both are numbers of 53 bits that sum up what they stand for. */
  private readonly places = new Map<number, { count: number; readonly states: Set<number> }>();
  private readonly names = new Map<string, number>();

  /** @returns whether this place was reached before in this state, or too often */
  arrivedBefore(state: State): boolean {
    const sum = new Sum();
    sum.add(state.pc);
    state.calls.forEach((address) => {
      sum.add(address);
    });
    for (const declared of [state.gil, state.initialised, state.created]) {
      this.addValue(sum, declared);
    }
    const key = sum.value;
    let place = this.places.get(key);
    if (!place) {
      place = { count: 0, states: new Set() };
      this.places.set(key, place);
    }
    place.count += 1;
    for (const value of state.registers) {
      this.addValue(sum, value);
    }
    sum.add(state.memory.fingerprint);
    const known = place.count > manyArrivals || place.states.has(sum.value);
    place.states.add(sum.value);
    return known;
  }

  /** Unknowns are alike, unless they are functions of other libraries. */
  private addValue(sum: Sum, value: Value | undefined): void {
    if (typeof value === "number") {
      sum.add(value);
    } else {
      sum.add(value === undefined ? 0.1 : value.imported === undefined ? 0.2 : this.nameOf(value.imported));
    }
  }

  private nameOf(name: string): number {
    let number = this.names.get(name);
    if (number === undefined) {
      number = 0.3 + this.names.size;
      this.names.set(name, number);
    }
    return number;
  }
}

/** Two checksums side by side. */
class Sum {
  private one = 0x9e3779b1;
  private other = 0x85ebca6b;

  add(value: number): void {
    const high = Math.floor(value / 2 ** 32);
    // Names and what is unknown are told from addresses by their fractions.
    const low = value | 0;
    const fraction = Number.isInteger(value) ? 0 : Math.floor((value - Math.floor(value)) * 2 ** 31);
    this.one = Math.imul(this.one ^ low ^ fraction, 0xcc9e2d51) ^ high;
    this.one ^= this.one >>> 15;
    this.other = Math.imul(this.other ^ high, 0x1b873593) + low - fraction;
    this.other = (this.other ^ (this.other >>> 13)) | 0;
  }

  get value(): number {
    return (this.one >>> 0) * 2 ** 21 + (this.other >>> 11);
  }
}
