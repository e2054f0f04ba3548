/**
 * The words that the loader fills, by address. Large libraries have hundreds of thousands: they are kept in flat arrays
 * with a hash table over them, which takes a tenth of the time and memory that a `Map` of objects would.
 */
import { randomInt } from "node:crypto";

/** What the loader will put into a word: an address in this image, or that of another library's symbol. */
export type Pointer = { readonly address: number } | { readonly symbol: string };

export class Fixups {
  private places = new Float64Array(1024);
  /** Addresses; for those of symbols, minus one minus the index of the name. */
  private targets = new Float64Array(1024);
  private readonly names: string[] = [];
  private count = 0;
  /** Index in the arrays plus one; zero is free. At least half is free. */
  private table = new Int32Array(2048);
  private shift = 32 - 11;
  /** Chosen anew each time, so that no file can be made whose addresses all meet in one place of the table. */
  private readonly factors = [oddNumber(), oddNumber()] as const;

  /** The word at `place` will hold an address of this image. */
  point(place: number, address: number): void {
    this.put(place, address);
  }

  /** The word at `place` will hold the address of another library's symbol. */
  bind(place: number, symbol: string): void {
    if (this.names.at(-1) !== symbol) {
      this.names.push(symbol);
    }
    this.put(place, -this.names.length);
  }

  get(place: number): Pointer | undefined {
    const found = this.table[this.find(place)]!;
    if (found === 0) {
      return undefined;
    }
    const target = this.targets[found - 1]!;
    return target < 0 ? { symbol: this.names[-target - 1]! } : { address: target };
  }

  /** The places that will hold addresses of this image. */
  *pointing(): Iterable<number> {
    for (let index = 0; index < this.count; index++) {
      if (this.targets[index]! >= 0) {
        yield this.places[index]!;
      }
    }
  }

  /** The last one counts. Negative addresses are of damaged files only, and point nowhere. */
  private put(place: number, target: number): void {
    const at = this.find(place);
    const found = this.table[at]!;
    if (found > 0) {
      this.targets[found - 1] = target;
      return;
    }
    this.places[this.count] = place;
    this.targets[this.count] = target;
    this.count += 1;
    this.table[at] = this.count;
    if (this.count === this.places.length) {
      this.grow();
    }
  }

  /** Where in the table a place is, or would be. */
  private find(place: number): number {
    const { table, places } = this;
    const mask = table.length - 1;
    const [low, high] = this.factors;
    let at = (Math.imul(place | 0, low) + Math.imul(Math.floor(place / 2 ** 32), high)) >>> this.shift;
    for (; ; at = (at + 1) & mask) {
      const found = table[at]!;
      if (found === 0 || places[found - 1] === place) {
        return at;
      }
    }
  }

  private grow(): void {
    const [places, targets] = [this.places, this.targets];
    this.places = new Float64Array(places.length * 2);
    this.places.set(places);
    this.targets = new Float64Array(targets.length * 2);
    this.targets.set(targets);
    this.table = new Int32Array(this.table.length * 2);
    this.shift -= 1;
    for (let index = 0; index < this.count; index++) {
      this.table[this.find(places[index]!)] = index + 1;
    }
  }
}

function oddNumber(): number {
  return randomInt(2 ** 31) * 2 + 1;
}
