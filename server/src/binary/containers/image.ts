/** What the three containers have in common: memory as the loader would lay it out, and names from and for outside. */
import { type ByteSource, Damaged, Fields } from "../bytes.ts";
import type { Fixups } from "./fixups.ts";

/** A stretch of memory; what lies beyond `fileSize` is zero until the program writes there. */
export interface Segment {
  readonly address: number;
  readonly memorySize: number;
  readonly fileOffset: number;
  readonly fileSize: number;
  readonly executable: boolean;
  readonly writable: boolean;
}

/** Far more than linkers make; every look at memory goes through them. */
const manySegments = 96;

/** Beyond it, numbers of JavaScript do not tell neighbouring addresses apart. */
const highest = 2 ** 52;

export interface ImageParts {
  readonly container: "elf" | "macho" | "pe";
  /** `x86_64`, `arm64`, `i386`, … */
  readonly architecture: string;
  readonly wide: boolean;
  readonly little: boolean;
  readonly segments: readonly Segment[];
  /** Initialisation hooks of extension modules, without the underscore of Mach-O. */
  readonly hooks: ReadonlyMap<string, number>;
  /** Names wanted from elsewhere. */
  readonly imports: ReadonlySet<string>;
  /** Libraries it is linked against. */
  readonly libraries: readonly string[];
  /** Words that the loader fills. Called once, and only for files that have a hook. */
  readonly fixups: () => Fixups;
}

export class Image {
  private pointers: Fixups | undefined;
  private last: Segment | undefined;

  constructor(
    readonly parts: ImageParts,
    private readonly source: ByteSource,
  ) {
    if (
      parts.segments.length > manySegments ||
      parts.segments.some(({ address, memorySize }) => address + memorySize > highest)
    ) {
      throw new Damaged("it has more parts than a library can have");
    }
  }

  get wordSize(): number {
    return this.parts.wide ? 8 : 4;
  }

  get fixups(): Fixups {
    this.pointers ??= this.parts.fixups();
    return this.pointers;
  }

  segmentAt(address: number): Segment | undefined {
    // Nearly always it is the one that was asked for before.
    if (!this.last || !contains(this.last, address)) {
      this.last = this.parts.segments.find((one) => contains(one, address));
    }
    return this.last;
  }

  /** The bytes of the file at an address; undefined when they are not all in the file. */
  bytes(address: number, length: number): Uint8Array | undefined {
    const segment = this.segmentAt(address);
    if (!segment || address + length > segment.address + segment.fileSize) {
      return undefined;
    }
    return this.source.slice(segment.fileOffset + (address - segment.address), length);
  }

  /** Like {@link bytes}, but as many as there are, up to `longest`. */
  bytesUpTo(address: number, longest: number): Uint8Array | undefined {
    const segment = this.segmentAt(address);
    const left = segment ? segment.address + segment.fileSize - address : 0;
    return left > 0 ? this.bytes(address, Math.min(left, longest)) : undefined;
  }

  fields(address: number, length: number): Fields | undefined {
    const bytes = this.bytes(address, length);
    return bytes && new Fields(bytes, this.parts.little);
  }

  /** The text at an address, up to a zero byte. */
  text(address: number): string | undefined {
    const bytes = this.bytesUpTo(address, 512);
    return bytes && new Fields(bytes, this.parts.little).text(0);
  }
}

function contains(segment: Segment, address: number): boolean {
  return address >= segment.address && address < segment.address + segment.memorySize;
}

/** `PyInit_x`, `PyInitU_x`, `PyModExport_x`, `PyModExportU_x`. */
export function isHook(name: string): boolean {
  return /^Py(?:Init|ModExport)U?_./.test(name);
}
