// Chooses the parser once: the native addon where it loads, WebAssembly everywhere else.
import type { CompactTree } from "./compactTree.ts";
import { withoutLazyImports } from "./lazyImports.ts";
import { loadNativeParser } from "./nativeParser.ts";
import { loadWasmParser } from "./wasmParser.ts";

/** Parses Python text. One parser serves one thread of work at a time. */
export interface PythonParser {
  readonly backend: "native" | "wasm";
  /** Parses a whole text. Never fails on bad Python: errors become `Kind.Error` nodes. */
  parse(text: string): CompactTree;
  /**
   * Starts a document whose edits are parsed incrementally. Keep these for open files only: a native
   * tree holds about 17 bytes per byte of source, which V8 does not see.
   */
  open(text: string): IncrementalDocument;
}

export interface IncrementalDocument {
  /** Parses the new text, reusing what the edit left alone. */
  update(text: string): CompactTree;
  close(): void;
}

/**
 * Loads a parser.
 * @param backend forces one of the two; by default native is tried first and its failure is silent.
 * @throws when the forced backend, or the WebAssembly fallback, cannot be loaded.
 */
export async function loadParser(
  backend: string | undefined = process.env.THREADPROOF_PARSER,
): Promise<PythonParser> {
  if (backend !== "wasm") {
    try {
      return readingLazyImports(loadNativeParser());
    } catch (error) {
      if (backend === "native") throw error;
    }
  }
  return readingLazyImports(await loadWasmParser());
}

function readingLazyImports(parser: PythonParser): PythonParser {
  return {
    backend: parser.backend,
    parse: (text) => parser.parse(withoutLazyImports(text)),
    open: (text) => {
      const document = parser.open(withoutLazyImports(text));
      return {
        update: (changed) => document.update(withoutLazyImports(changed)),
        close: () => document.close(),
      };
    },
  };
}
