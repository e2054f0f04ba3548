/** Mach-O as the loader of macOS sees it: thin and fat files, 32 and 64 bit. */
import { type ByteSource, Damaged, Fields, Part, type Work } from "../bytes.ts";
import { Fixups } from "./fixups.ts";
import { Image, isHook, type Segment } from "./image.ts";
import { readChainedFixups } from "./machoChains.ts";
import { readBindings, readRebases } from "./machoOpcodes.ts";

const architectures: Record<number, string> = {
  7: "i386",
  18: "ppc",
  12: "arm",
  16777223: "x86_64",
  16777228: "arm64",
  16777234: "ppc64",
};

/** Fat files hold one library per processor; there are not many processors. */
const manyParts = 16;

/** The images in the file, one per processor. */
export function readMachO(source: ByteSource, work: Work): Image[] {
  const head = new Fields(source.slice(0, 8), false);
  const magic = head.u32(0);
  if (magic !== 0xcafebabe && magic !== 0xcafebabf) {
    return [readThin(source, work)];
  }
  const count = head.u32(4);
  // Compiled Java classes begin with the same four bytes; there the count is a version above 40.
  if (count === 0 || count > manyParts) {
    throw new Damaged("its list of processors is not valid");
  }
  const large = magic === 0xcafebabf;
  const size = large ? 32 : 20;
  const table = new Fields(source.slice(8, count * size), false);
  return Array.from({ length: count }, (_, index) => {
    const at = index * size;
    const [offset, length] = large
      ? [table.u64(at + 8), table.u64(at + 16)]
      : [table.u32(at + 8), table.u32(at + 12)];
    return readThin(new Part(source, offset, length), work);
  });
}

interface Commands {
  readonly segments: Segment[];
  readonly libraries: string[];
  symbols?: { offset: number; count: number; strings: number; stringSize: number };
  chains?: { offset: number; size: number };
  /** Offset and size of rebases, bindings, weak bindings and lazy bindings. */
  opcodes?: readonly (readonly [number, number])[];
}

function readThin(source: ByteSource, work: Work): Image {
  const magic = new Fields(source.slice(0, 4), true).u32(0);
  const little = magic === 0xfeedface || magic === 0xfeedfacf;
  const wide = magic === 0xfeedfacf || magic === 0xcffaedfe;
  if (!little && magic !== 0xcefaedfe && magic !== 0xcffaedfe) {
    throw new Damaged("its Mach-O header is not valid");
  }
  const head = new Fields(source.slice(0, wide ? 32 : 28), little);
  const commands = readCommands(source, head, wide, little, work);
  const hooks = new Map<string, number>();
  const imports = new Set<string>();
  readSymbols(source, commands, wide, little, hooks, imports, work);
  const { segments, chains, opcodes } = commands;
  const image: Image = new Image(
    {
      container: "macho",
      architecture: architectures[head.u32(4)] ?? `macho-${head.u32(4)}`,
      wide,
      little,
      segments,
      hooks,
      imports,
      libraries: commands.libraries,
      fixups: () => {
        const fixups = new Fixups();
        if (chains) {
          readChainedFixups(
            image,
            new Fields(source.slice(chains.offset, chains.size), little),
            fixups,
            work,
          );
        }
        if (opcodes) {
          const [rebases, ...bindings] = opcodes.map(([offset, size]) => source.slice(offset, size));
          readRebases(image, rebases!, fixups, work);
          for (const binding of bindings) {
            readBindings(image, binding, fixups, work);
          }
        }
        return fixups;
      },
    },
    source,
  );
  return image;
}

function readCommands(
  source: ByteSource,
  head: Fields,
  wide: boolean,
  little: boolean,
  work: Work,
): Commands {
  const commands: Commands = { segments: [], libraries: [] };
  const table = new Fields(source.slice(wide ? 32 : 28, head.u32(20)), little);
  for (let at = 0, left = head.u32(16); left > 0; left--) {
    work.spend(16);
    const size = table.u32(at + 4);
    if (size < 8) {
      throw new Damaged("its load commands are not valid");
    }
    switch (table.u32(at)) {
      case 0x1:
      case 0x19:
        commands.segments.push(readSegment(table, at, wide));
        break;
      case 0x2:
        commands.symbols = {
          offset: table.u32(at + 8),
          count: table.u32(at + 12),
          strings: table.u32(at + 16),
          stringSize: table.u32(at + 20),
        };
        break;
      case 0xc: // LC_LOAD_DYLIB
      case 0x8000_0018: // LC_LOAD_WEAK_DYLIB
        commands.libraries.push(table.text(at + table.u32(at + 8)) ?? "");
        break;
      case 0x22:
      case 0x8000_0022: // LC_DYLD_INFO, LC_DYLD_INFO_ONLY
        commands.opcodes = [8, 16, 24, 32].map(
          (field) => [table.u32(at + field), table.u32(at + field + 4)] as const,
        );
        break;
      case 0x8000_0034: // LC_DYLD_CHAINED_FIXUPS
        commands.chains = { offset: table.u32(at + 8), size: table.u32(at + 12) };
        break;
    }
    at += size;
  }
  return commands;
}

function readSegment(table: Fields, at: number, wide: boolean): Segment {
  const word = wide ? 8 : 4;
  const protection = table.u32(at + 24 + 4 * word + 4);
  return {
    address: table.word(at + 24, wide),
    memorySize: table.word(at + 24 + word, wide),
    fileOffset: table.word(at + 24 + 2 * word, wide),
    fileSize: table.word(at + 24 + 3 * word, wide),
    executable: (protection & 4) !== 0,
    writable: (protection & 2) !== 0,
  };
}

function readSymbols(
  source: ByteSource,
  commands: Commands,
  wide: boolean,
  little: boolean,
  hooks: Map<string, number>,
  imports: Set<string>,
  work: Work,
): void {
  if (!commands.symbols) {
    return;
  }
  const { offset, count, strings, stringSize } = commands.symbols;
  const size = wide ? 16 : 12;
  const table = new Fields(source.slice(offset, count * size), little);
  const names = new Fields(source.slice(strings, stringSize), little);
  for (let at = 0; at < count * size; at += size) {
    work.spend(16);
    const type = table.u8(at + 4);
    // Debugging entries (0xe0) and names that stay inside (no 1).
    if ((type & 0xe0) !== 0 || (type & 1) === 0) {
      continue;
    }
    const name = (names.text(table.u32(at), 512) ?? "").replace(/^_/, "");
    if ((type & 0xe) === 0) {
      imports.add(name);
    } else if ((type & 0xe) === 0xe && isHook(name)) {
      hooks.set(name, table.word(at + 8, wide));
    }
  }
}
