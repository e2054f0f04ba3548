/** What a C file says of the GIL when its module is made: slots, or a call during single-phase initialisation. */
import modGilUnguarded from "../../rules/builds/mod-gil-unguarded.ts";
import moduleSlotMissing from "../../rules/builds/module-slot-missing.ts";
import setGilUnguarded from "../../rules/builds/set-gil-unguarded.ts";
import { callsOf, closeOf, indentAt, type Part, partsOf } from "../brackets.ts";
import type { BuildReport, Replacement } from "../buildReport.ts";
import { buildWithGil, olderBuild } from "./condition.ts";
import type { CFunction } from "./functions.ts";
import type { NativeSource } from "./nativeSource.ts";

const title = "Declare that the module runs without the GIL, once its shared state is safe";
const consequence = "importing it switches the GIL back on for the whole process";

/** An array of slots of a module. */
interface Slots {
  readonly name: string;
  readonly start: number;
  readonly entries: readonly Part[];
  readonly exported: boolean;
}

/** @param supportsOlder whether the project is built for versions before 3.13; undefined when nobody says */
export function* inspectModuleDefinitions(
  source: NativeSource,
  supportsOlder: boolean | undefined,
): Generator<BuildReport> {
  for (const slots of slotArrays(source)) yield* missingSlot(source, slots, supportsOlder);
  yield* missingCall(source);
  yield* unguardedCalls(source);
  if (supportsOlder) yield* unguardedSlots(source);
}

function slotArrays({ c }: NativeSource): Slots[] {
  const found: Slots[] = [];
  const pattern = /\b(PyModuleDef_Slot|PySlot)\s+(\w+)\s*\[[^\]]*\]\s*=\s*\{/g;
  for (const match of c.structure.matchAll(pattern)) {
    const open = match.index + match[0].length - 1;
    const close = closeOf(c.structure, open);
    if (close < 0) continue;
    const entries = partsOf(c.structure, open + 1, close).filter(({ start, end }) => end > start);
    const start = match.index + match[0].indexOf(match[2]!, match[1]!.length);
    found.push({ name: match[2]!, start, entries, exported: match[1] === "PySlot" });
  }
  return found;
}

function* missingSlot(
  { file, c }: NativeSource,
  { name, start, entries, exported }: Slots,
  supportsOlder: boolean | undefined,
): Generator<BuildReport> {
  const last = entries.at(-1);
  if (!last) return;
  const text = c.code.slice(entries[0]!.start, last.end);
  // Slots of types are PySlot arrays too; an entry that is a macro of the project may be the slot.
  if (exported && !/\bPy_mod_(?!gil)\w+/.test(text)) return;
  const known = exported ? /^(PySlot_\w+\s*\(|\{)/ : /^\{/;
  if (/\b(Py_mod_gil|Py_mod_slots|Py_slot_subslots)\b/.test(text)) return;
  if (!entries.every((entry) => known.test(c.structure.slice(entry.start, entry.end)))) return;
  const endsWell =
    exported || /^\{\s*(0|NULL|nullptr)?\s*(,[^,]*)?\}$/.test(c.structure.slice(last.start, last.end));
  const slot = exported
    ? "PySlot_DATA(Py_mod_gil, Py_MOD_GIL_NOT_USED),"
    : "{Py_mod_gil, Py_MOD_GIL_NOT_USED},";
  const indent = indentAt(file.text, last.start);
  const guarded = supportsOlder === false || exported ? `${indent}${slot}\n` : guardedLines(indent, slot);
  yield {
    rule: moduleSlotMissing,
    file,
    start,
    end: start + name.length,
    symbol: name,
    message: `The module of \`${name}\` has no \`Py_mod_gil\` slot, so ${consequence}. Where its shared state is safe, add \`{Py_mod_gil, Py_MOD_GIL_NOT_USED}\`.`,
    ...(endsWell && { repair: { title, edits: [insertBefore(file.text, last.start, indent, guarded)] } }),
  };
}

function guardedLines(indent: string, slot: string): string {
  return `#if PY_VERSION_HEX >= 0x030D0000\n${indent}${slot}\n#endif\n`;
}

/** Whole lines before an offset, which then begins a line of its own. */
function insertBefore(text: string, offset: number, indent: string, lines: string): Replacement {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  if (text.slice(lineStart, offset).trim() === "")
    return { start: lineStart, end: lineStart, newText: lines };
  return { start: offset, end: offset, newText: `\n${lines}${indent}` };
}

/** Single-phase initialisation without the call that declares it. */
function* missingCall(source: NativeSource): Generator<BuildReport> {
  const { file, c } = source;
  if (c.code.includes("PyUnstable_Module_SetGIL")) return;
  const hooks = source.functions.filter(
    ({ name, start }) =>
      name.startsWith("PyInit_") ||
      /PyMODINIT_FUNC\s*$/.test(c.structure.slice(Math.max(0, start - 60), start)),
  );
  if (hooks.length === 0) return;
  for (const call of callsOf(c.structure, "PyModule_Create2?")) {
    const around = source.functionAt(call.start);
    const called = hooks.some(
      (hook) =>
        hook === around ||
        (around && new RegExp(`\\b${around.name}\\b`).test(c.structure.slice(hook.open, hook.close))),
    );
    if (!called) continue;
    const edits = around && callAfter(file.text, c.structure, call.start, call.close);
    const name = moduleOf(around && hooks.includes(around) ? around : hooks[0]!, c.structure);
    yield {
      rule: moduleSlotMissing,
      file,
      start: call.start,
      end: call.close + 1,
      symbol: name,
      message: `The module \`${name}\` is made without \`PyUnstable_Module_SetGIL\`, so ${consequence}. Where its shared state is safe, call it with \`Py_MOD_GIL_NOT_USED\` under \`#ifdef Py_GIL_DISABLED\`.`,
      ...(edits && { repair: { title, edits } }),
    };
  }
}

/** The module that a hook makes: from its name, or from what a macro makes the name of. */
function moduleOf({ name, start }: CFunction, code: string): string {
  if (name.startsWith("PyInit_")) return name.slice("PyInit_".length);
  return /^\s*\(\s*(\w+)\s*\)/.exec(code.slice(start + name.length, start + name.length + 100))?.[1] ?? name;
}

/** The declaring call behind `m = PyModule_Create(…);` or within `return PyModule_Create(…);`. */
function callAfter(text: string, code: string, start: number, close: number): Replacement[] | undefined {
  const before = /(?:[;{}]|^)\s*((?:(?:static\s+)?PyObject\s*\*\s*)?(\w+)\s*=|return)\s*$/.exec(
    code.slice(0, start),
  );
  const end = /^\s*;/.exec(code.slice(close + 1));
  if (!before || !end) return undefined;
  const statement = before.index + before[0].indexOf(before[1]!);
  const after = close + 1 + end[0].length;
  const indent = indentAt(text, statement);
  const module = before[2] ?? "module";
  const call = `#ifdef Py_GIL_DISABLED\n${indent}if (${module} != NULL) {\n${indent}    PyUnstable_Module_SetGIL(${module}, Py_MOD_GIL_NOT_USED);\n${indent}}\n#endif`;
  if (before[2] !== undefined) return [{ start: after, end: after, newText: `\n${call}` }];
  return [
    { start: statement, end: start, newText: "PyObject *module = " },
    { start: after, end: after, newText: `\n${call}\n${indent}return module;` },
  ];
}

function* unguardedCalls({ file, c }: NativeSource): Generator<BuildReport> {
  // A macro or function of the project's own stands in for it where it is missing.
  if (/#[ \t]*define[ \t]+PyUnstable_Module_SetGIL\b/.test(file.text)) return;
  for (const call of callsOf(c.code, "PyUnstable_Module_SetGIL")) {
    if (c.activity(call.start, buildWithGil) !== "yes") continue;
    const line = c.code.lastIndexOf("\n", call.start) + 1;
    const lineEnd = c.code.indexOf("\n", call.close);
    const wholeLine = lineEnd >= 0 && /^\s*PyUnstable[\s\S]*;\s*$/.test(c.code.slice(line, lineEnd));
    const isAlone = wholeLine && /[;{}]\s*$/.test(c.code.slice(0, line));
    yield {
      rule: setGilUnguarded,
      file,
      start: call.start,
      end: call.start + call.name.length,
      symbol: call.name,
      message:
        "`PyUnstable_Module_SetGIL` exists in free-threaded builds only: every other build of this file fails. Put it between `#ifdef Py_GIL_DISABLED` and `#endif`.",
      ...(isAlone && {
        repair: {
          title: "Call it in free-threaded builds only",
          edits: [
            { start: line, end: line, newText: "#ifdef Py_GIL_DISABLED\n" },
            { start: lineEnd + 1, end: lineEnd + 1, newText: "#endif\n" },
          ],
        },
      }),
    };
  }
}

function* unguardedSlots({ file, c }: NativeSource): Generator<BuildReport> {
  if (/#[ \t]*define[ \t]+Py_mod_gil\b/.test(file.text)) return;
  for (const start of c.uses("Py_mod_gil")) {
    if (c.activity(start, olderBuild) !== "yes") continue;
    const line = c.code.lastIndexOf("\n", start) + 1;
    const lineEnd = c.code.indexOf("\n", start);
    const isAlone = lineEnd >= 0 && /^\s*\{[^{}]*\}\s*,\s*$/.test(c.code.slice(line, lineEnd));
    yield {
      rule: modGilUnguarded,
      file,
      start,
      end: start + "Py_mod_gil".length,
      symbol: "Py_mod_gil",
      message:
        "CPython before 3.13 has no `Py_mod_gil`, and this project supports such versions: their builds fail. Put it between `#if PY_VERSION_HEX >= 0x030D0000` and `#endif`.",
      ...(isAlone && {
        repair: {
          title: "Use the slot from CPython 3.13 on only",
          edits: [
            { start: line, end: line, newText: "#if PY_VERSION_HEX >= 0x030D0000\n" },
            { start: lineEnd + 1, end: lineEnd + 1, newText: "#endif\n" },
          ],
        },
      }),
    };
  }
}
