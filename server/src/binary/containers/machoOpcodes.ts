/** `LC_DYLD_INFO`: small programs that tell the loader which pointers to move and which to bind to a name. */
import { Damaged, type Work } from "../bytes.ts";
import type { Fixups } from "./fixups.ts";
import type { Image } from "./image.ts";

/** Reads bytes and the variable-length numbers between them. */
class Program {
  at = 0;
  constructor(
    private readonly bytes: Uint8Array,
    private readonly work: Work,
  ) {}

  get ended(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    this.work.spend(1);
    if (this.ended) {
      throw new Damaged("its list of pointers is cut short");
    }
    return this.bytes[this.at++]!;
  }

  number(signed = false): number {
    let value = 0;
    let scale = 1;
    let byte: number;
    do {
      byte = this.byte();
      value += (byte & 0x7f) * scale;
      scale *= 128;
    } while (byte >= 0x80);
    // Distances backwards are written as 64-bit numbers that wrap around.
    return (signed && (byte & 0x40) !== 0) || value >= 2 ** 63 ? value - Math.max(scale, 2 ** 64) : value;
  }

  text(): string {
    const start = this.at;
    while (this.byte() !== 0) {}
    return Buffer.from(this.bytes.subarray(start, this.at - 1)).toString("utf8");
  }
}

export function readRebases(image: Image, bytes: Uint8Array, fixups: Fixups, work: Work): void {
  const program = new Program(bytes, work);
  const { wide, segments } = image.parts;
  const word = image.wordSize;
  let address = 0;
  const rebase = (times: number, skip: number) => {
    for (let time = 0; time < times; time++) {
      work.spend(64);
      const target = image.fields(address, word)?.word(0, wide);
      if (target !== undefined) {
        fixups.point(address, target);
      }
      address += word + skip;
    }
  };
  while (!program.ended) {
    const opcode = program.byte();
    const small = opcode & 15;
    switch (opcode >> 4) {
      case 0:
        return;
      case 1: // the kind of pointer: only one is in use
        break;
      case 2:
        address = (segments[small]?.address ?? 0) + program.number();
        break;
      case 3:
        address += program.number();
        break;
      case 4:
        address += small * word;
        break;
      case 5:
        rebase(small, 0);
        break;
      case 6:
        rebase(program.number(), 0);
        break;
      case 7:
        rebase(1, program.number());
        break;
      case 8: {
        const times = program.number();
        rebase(times, program.number());
        break;
      }
      default:
        throw new Damaged("its list of pointers is not valid");
    }
  }
}

/** Bindings, weak and lazy ones alike; in the lazy list each entry ends as if the list did. */
export function readBindings(image: Image, bytes: Uint8Array, fixups: Fixups, work: Work): void {
  const program = new Program(bytes, work);
  const { segments } = image.parts;
  const word = image.wordSize;
  let address = 0;
  let symbol = "";
  const bind = (times: number, skip: number) => {
    for (let time = 0; time < times; time++) {
      work.spend(64);
      fixups.bind(address, symbol);
      address += word + skip;
    }
  };
  while (!program.ended) {
    const opcode = program.byte();
    const small = opcode & 15;
    switch (opcode >> 4) {
      case 0: // done
      case 1: // which library
      case 3:
      case 5: // the kind of pointer
        break;
      case 2:
      case 6: // which library, addend: not needed
        program.number(opcode >> 4 === 6);
        break;
      case 4:
        symbol = program.text().replace(/^_/, "");
        break;
      case 7:
        address = (segments[small]?.address ?? 0) + program.number();
        break;
      case 8:
        address += program.number();
        break;
      case 9:
        bind(1, 0);
        break;
      case 10:
        bind(1, program.number());
        break;
      case 11:
        bind(1, small * word);
        break;
      case 12: {
        const times = program.number();
        bind(times, program.number());
        break;
      }
      default:
        throw new Damaged("its list of symbols is not valid");
    }
  }
}
