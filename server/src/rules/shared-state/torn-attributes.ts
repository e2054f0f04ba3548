// A8: `self.lo = lo; self.hi = hi`, read together elsewhere: a reader between the stores sees half of each.
import type { Access } from "../../facts/facts.ts";
import type { FileNode } from "../../program/fileNode.ts";
import { isConstructor } from "../../program/locksets.ts";
import type { AccessView } from "../accessView.ts";
import { defineRule } from "../rule.ts";

/** How many statements apart the two stores may stand. */
const nextTo = 2;

export default defineRule(
  {
    name: "torn-attributes",
    summary: "Two attributes that are read together are stored one after the other.",
    family: "shared state",
    severity: "information",
    status: "preview",
    lockRepairs: false,
  },
  (view) => {
    if (view.location.kind !== "instance" || !isPlainStore(view.file, view.access)) return undefined;
    if (isConstructor(view.fn.name)) return undefined;
    const partner = partnerOf(view, view.index);
    // Of a run of stores the first pair speaks for all.
    if (partner === undefined || partnerOf(view, partner.index) !== undefined) return undefined;
    const name = `self.${attributeOf(view.file, view.file.facts.accesses[partner.index]!)}`;
    const readers = new Set(partner.reads);
    return {
      first: partner.index,
      conflicts: (other) => readers.has(other),
      withItself: false,
      steps: [`stores \`${name}\``, `then \`${view.symbol}\``],
      outcome: "it sees the new value of one with the old value of the other",
      intruder: `\`${nameOfReader(view.file, partner.reads[0]!)}\` reads both`,
      atLeast: "likely",
    };
  },
);

/** An earlier store of another attribute close by, with the reads of `at`'s attribute that go with reads of it. */
function partnerOf(view: AccessView, at: number): { index: number; reads: readonly Access[] } | undefined {
  const { accesses } = view.file.facts;
  const store = accesses[at]!;
  for (let i = at - 1; i >= 0; i -= 1) {
    const earlier = accesses[i]!;
    if (earlier.fn !== store.fn || store.statement - earlier.statement > nextTo) break;
    if (earlier.context !== store.context || !isPlainStore(view.file, earlier)) continue;
    if (earlier.place === store.place || !isSameObject(view.file, earlier, store)) continue;
    const reads = joinedReads(view.file, store, earlier);
    if (reads.length > 0) return { index: i, reads };
  }
  return undefined;
}

/** Reads of the first attribute, in functions that store neither, within a statement that reads the second too. */
function joinedReads(file: FileNode, one: Access, two: Access): Access[] {
  const { accesses, functions } = file.facts;
  const isRead = (access: Access, of: Access) => access.place === of.place && access.op === "read";
  return accesses.filter(
    (access) =>
      isRead(access, one) &&
      access.fn !== one.fn &&
      !isConstructor(functions[access.fn]!.name) &&
      accesses.some(
        (other) => other.fn === access.fn && other.statement === access.statement && isRead(other, two),
      ) &&
      !accesses.some((other) => other.fn === access.fn && (isStoreOf(other, one) || isStoreOf(other, two))),
  );
}

function isStoreOf(access: Access, of: Access): boolean {
  return access.place === of.place && (access.op === "rebind" || access.op === "augment");
}

/** `self.name = value`, where the value is a new one and not None or a flag. */
function isPlainStore(file: FileNode, access: Access): boolean {
  const { root, path } = file.place(access.place);
  return (
    access.op === "rebind" &&
    root === "self" &&
    path.length === 1 &&
    !/^(none|bool|setattr)$/.test(access.detail)
  );
}

function isSameObject(file: FileNode, one: Access, two: Access): boolean {
  return file.place(one.place).owner === file.place(two.place).owner;
}

function attributeOf(file: FileNode, access: Access): string {
  return file.place(access.place).path[0]!;
}

function nameOfReader(file: FileNode, read: Access): string {
  return file.facts.functions[read.fn]!.qualifiedName;
}
