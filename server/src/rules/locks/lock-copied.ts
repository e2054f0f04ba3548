// G15: a lock that is copied along with its object, or given to all objects as a default.
import type { Call } from "../../facts/facts.ts";
import type { RelatedLocation } from "../../findings/finding.ts";
import type { FileNode, Ref } from "../../program/fileNode.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule, type Issue } from "../rule.ts";
import { lockMakers } from "../shapes/locks.ts";

const copying: readonly string[] = ["copy.copy", "copy.deepcopy", "pickle.dumps", "pickle.dump"];
/** Methods with which a class says what becomes of its lock. */
const ownWays: Readonly<Record<string, readonly string[]>> = {
  copy: ["__copy__", "__getstate__", "__reduce__", "__reduce_ex__"],
  deepcopy: ["__deepcopy__", "__getstate__", "__reduce__", "__reduce_ex__"],
  dumps: ["__getstate__", "__reduce__", "__reduce_ex__"],
  dump: ["__getstate__", "__reduce__", "__reduce_ex__"],
};

export default defineFileRule(
  {
    name: "lock-copied",
    summary: "A lock is a dataclass default that all objects share, or its object is copied or pickled.",
    family: "locks",
    severity: "information",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    yield* sharedDefaults(view);
    for (const call of view.callsTo(...copying)) {
      const cls = copiedClass(view, call);
      const method = view.externalName(call.callee)!.split(".")[1]!;
      if (cls === undefined || ownWays[method]!.some((name) => view.program.resolver.method(cls, name)))
        continue;
      const made = lockOf(view, cls);
      if (made === undefined) continue;
      const { lock, related } = made;
      const { name } = cls.file.facts.classes[cls.index]!;
      const what =
        method === "copy"
          ? `The copy of this \`${name}\` has other attributes but the same \`${lock}\` and the same containers: rebinding one guards nothing of the other, and the two block each other`
          : `\`${method}\` of this \`${name}\` raises TypeError, because its \`${lock}\` cannot be copied; leaving it out is no answer either, since the copy needs a lock of its own before a thread sees it`;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: lock,
        message: `${what}. Define \`__getstate__\` and \`__setstate__\`: leave the lock out, and make a new one.`,
        evidence: "likely",
        related: [related],
      };
    }
  },
);

/** Functions that describe a field, whose `default` all objects share. */
const fieldMakers: readonly string[] = [
  "dataclasses.field",
  "attr.ib",
  "attr.attrib",
  "attr.field",
  "attrs.field",
];

/** `lock: Lock = Lock()` and `lock = field(default=Lock())` in a dataclass, or a class of attrs. */
function* sharedDefaults(view: FileView): Iterable<Issue> {
  const { facts } = view.file;
  for (const call of view.callsTo(...lockMakers)) {
    const field = fieldWithDefault(view, call);
    const result = (field ?? call).result;
    const place = result < 0 ? undefined : view.file.place(result);
    if (place === undefined || place.root !== "class" || place.path.length !== 1) continue;
    const annotation = facts.bindings.find((b) => b.place === result)?.annotation ?? "";
    const isField = field !== undefined || (annotation !== "" && !/\bClassVar\b/.test(annotation));
    const made = isField ? madeOf(view, place.owner) : undefined;
    if (made === undefined) continue;
    const name = place.path[0]!;
    yield {
      start: call.start,
      end: call.end,
      fn: call.fn,
      symbol: name,
      message: `This is evaluated once, so all objects of \`${facts.classes[place.owner]!.name}\` share one \`${name}\`: threads with different objects wait for each other, and with two objects in hand one waits for itself. Use ${made === "attrs" ? "field(factory=threading.Lock, repr=False)" : "field(default_factory=threading.Lock, repr=False)"}, or ClassVar if one for all is meant.`,
      evidence: "likely",
      related: [],
    };
  }
}

/** The call that describes a field with the value of this one as its default. */
function fieldWithDefault(view: FileView, value: Call): Call | undefined {
  const index = view.file.facts.calls.indexOf(value);
  return view
    .callsTo(...fieldMakers)
    .find(({ args }) =>
      args.some(
        (arg, i) => arg.call === index && (arg.keyword === "default" || (arg.keyword === "" && i === 0)),
      ),
    );
}

/** What makes fields of the attributes of a class. */
function madeOf({ file }: FileView, cls: number): "dataclass" | "attrs" | undefined {
  const names = file.facts.classes[cls]!.decorators.flatMap((decorator) => {
    if (decorator < 0) return [];
    const { name, path } = file.place(decorator);
    return [[name, ...path].join(".")];
  });
  if (names.some((name) => /(^|\.)dataclass$/.test(name))) return "dataclass";
  const isAttrs = names.some((name) =>
    /(^|\.)(define|mutable|frozen|attrs)$|^attr\.(s|attributes)$/.test(name),
  );
  return isAttrs ? "attrs" : undefined;
}

function copiedClass(view: FileView, call: Call): Ref | undefined {
  const place = call.args[0]?.place ?? -1;
  if (place < 0) return undefined;
  const at = view.file.place(place);
  if (at.root === "self" && at.path.length === 0) return { file: view.file, index: at.owner };
  return view.holding(place)?.classes[0];
}

/** The attribute of a class that its methods, or its fields, bind to a new lock, and where they do. */
function lockOf({ program }: FileView, cls: Ref): { lock: string; related: RelatedLocation } | undefined {
  for (const { file, index } of program.resolver.lineage(cls)) {
    for (const { place, value, source, start, end } of file.facts.bindings) {
      const { root, owner, path } = file.place(place);
      if (root !== "self" || owner !== index || path.length !== 1 || value !== "call" || source < 0) continue;
      const entity = program.resolver.path(file, file.place(source));
      if (entity?.kind !== "external" || !lockMakers.includes(entity.name)) continue;
      return madeHere(file, path[0]!, { start, end });
    }
    for (const call of file.facts.calls) {
      if (call.result < 0 || call.callee < 0) continue;
      const { root, owner, path } = file.place(call.result);
      if (root !== "class" || owner !== index || path.length !== 1) continue;
      const field = program.resolver.path(file, file.place(call.callee));
      if (field?.kind !== "external" || !fieldMakers.includes(field.name)) continue;
      const factory = call.args.find(({ keyword }) => /^(default_)?factory$/.test(keyword))?.place ?? -1;
      const made = factory < 0 ? undefined : program.resolver.path(file, file.place(factory));
      if (made?.kind === "external" && lockMakers.includes(made.name)) return madeHere(file, path[0]!, call);
    }
  }
  return undefined;
}

function madeHere(file: FileNode, lock: string, { start, end }: { start: number; end: number }) {
  const related = { path: file.path, range: file.range(start, end), message: `\`${lock}\` is made here` };
  return { lock, related };
}
