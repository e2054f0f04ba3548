// F4: `BytesIO`, `bytearray`, `array` and `Element` work on memory that 3.13t does not lock.
import type { Access } from "../../facts/facts.ts";
import type { TargetVersion } from "../../findings/options.ts";
import type { ObjectKind } from "../../program/types.ts";
import { defineRule } from "../rule.ts";

interface Buffer {
  readonly name: string;
  readonly changes: RegExp;
  /** The first version whose documentation promises that threads may share it. */
  readonly safeFrom: TargetVersion | undefined;
}

const buffers: Partial<Record<ObjectKind, Buffer>> = {
  stream: {
    name: "BytesIO",
    changes: /^(write|writelines|truncate|seek|read|read1|readinto|readline|readlines)$/,
    safeFrom: "3.15",
  },
  bytearray: {
    name: "bytearray",
    changes: /^(append|extend|insert|pop|remove|clear|reverse)$/,
    safeFrom: "3.14",
  },
  array: {
    name: "array",
    changes: /^(append|extend|insert|pop|remove|clear|fromlist|frombytes|fromfile|byteswap|reverse)$/,
    safeFrom: undefined,
  },
  element: {
    name: "Element",
    changes: /^(append|extend|insert|remove|clear|SubElement)$/,
    safeFrom: undefined,
  },
};

const kinds = Object.keys(buffers) as readonly ObjectKind[];

export default defineRule(
  {
    name: "shared-byte-buffer",
    summary: "Several threads change one BytesIO, bytearray, array or XML element.",
    family: "objects not safe to share",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
  },
  (view) => {
    const { access, target } = view;
    const kind = kinds.find((one) => view.holds(one));
    const buffer = kind === undefined ? undefined : buffers[kind]!;
    if (buffer === undefined || !changes(buffer, access)) return undefined;
    if (buffer.safeFrom !== undefined && target >= buffer.safeFrom) return undefined;
    return {
      conflicts: (other) => changes(buffer, other),
      withItself: true,
      steps: [`finds room in \`${view.symbol}\``, "writes there"],
      outcome:
        target === "3.13"
          ? `data are lost, and 3.13t can hang or crash, because ${buffer.name} takes no lock there`
          : `data can be lost: the documentation does not promise that threads may share one ${buffer.name}`,
      severity: target === "3.13" ? "warning" : "hint",
      remedy: "Hold one lock, or give each thread a buffer of its own and join them at the end.",
      // A buffer inside an object is as a rule used by whoever has the object.
      ...(view.location.kind === "instance" ? { atLeast: "likely" as const } : {}),
    };
  },
);

function changes({ changes: methods }: Buffer, { op, detail }: Access): boolean {
  if (op === "augment") return detail === "+=";
  return (op === "method" || op === "argument") && methods.test(detail);
}
