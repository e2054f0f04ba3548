/** What the three containers have in common: memory as the loader would lay it out, and names from and for outside. */
import { type ByteSource, Damaged, Fields } from "../bytes.ts";

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
const manySegments = 256;

/** What the loader will put into a word: an address in this image, or that of another library's symbol. */
export type Pointer = { readonly address: number } | { readonly symbol: string };

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
  readonly fixups: () => ReadonlyMap<number, Pointer>;
}

export class Image {
  private pointers: ReadonlyMap<number, Pointer> | undefined;

  constructor(
    readonly parts: ImageParts,
    private readonly source: ByteSource,
  ) {
    if (parts.segments.length > manySegments) {
      throw new Damaged("it has more parts than a library can have");
    }
  }

  get wordSize(): number {
    return this.parts.wide ? 8 : 4;
  }

  get fixups(): ReadonlyMap<number, Pointer> {
    this.pointers ??= this.parts.fixups();
    return this.pointers;
  }

  segmentAt(address: number): Segment | undefined {
    return this.parts.segments.find(
      (one) => address >= one.address && address < one.address + one.memorySize,
    );
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

/** `PyInit_x`, `PyInitU_x`, `PyModExport_x`, `PyModExportU_x`. */
export function isHook(name: string): boolean {
  return /^Py(?:Init|ModExport)U?_./.test(name);
}
