// What stands in the body of each function, found once: following calls asks for it again and again.
import type { Access, Call, FileFacts } from "../../facts/facts.ts";
import type { FileNode } from "../../program/fileNode.ts";
import { append } from "../../program/multimap.ts";
import type { LockedRegion } from "./order.ts";

interface Contents {
  readonly calls: Map<number, Call[]>;
  readonly accesses: Map<number, Access[]>;
}

export class Bodies {
  private readonly known = new Map<FileFacts, Contents>();

  callsIn({ file, fn, start, end }: LockedRegion): Call[] {
    const calls = this.contents(file).calls.get(fn) ?? [];
    return calls.filter((call) => call.start >= start && call.end <= end);
  }

  accessesIn({ file, fn, start, end }: LockedRegion): Access[] {
    const accesses = this.contents(file).accesses.get(fn) ?? [];
    return accesses.filter((access) => access.start >= start && access.end <= end);
  }

  private contents({ facts }: FileNode): Contents {
    let contents = this.known.get(facts);
    if (contents === undefined) {
      contents = { calls: new Map(), accesses: new Map() };
      for (const call of facts.calls) append(contents.calls, call.fn, call);
      for (const access of facts.accesses) append(contents.accesses, access.fn, access);
      this.known.set(facts, contents);
    }
    return contents;
  }
}
