/** From what was found in one image to what the module declares. */
import type { Work } from "./bytes.ts";
import { followHook } from "./code/follow.ts";
import { PaperMemory } from "./code/paperMemory.ts";
import { Unknown, type Value } from "./code/value.ts";
import type { Image } from "./containers/image.ts";
import type { Definition, GilSlot } from "./definition.ts";
import { agreed, ExportEndings, InitEndings } from "./endings.ts";
import type { Declaration, DeclarationBasis } from "./extensionModule.ts";
import { findDefinitions } from "./shape.ts";
import type { Steps } from "./steps.ts";

export interface Verdict {
  readonly declaration: Declaration;
  readonly basis: DeclarationBasis;
  readonly detail: string;
  /** From the content: whether it was compiled for a free-threaded build. */
  readonly freeThreaded?: boolean | undefined;
}

/** Whether it is of the kind that 3.15 introduced and prefers. */
export function isExportHook(hook: string): boolean {
  return hook.startsWith("PyModExport");
}

/** @param hook one of the image's */
export function* verdictOf(image: Image, hook: string, work: Work): Steps<Verdict> {
  const start = image.parts.hooks.get(hook)!;
  return isExportHook(hook)
    ? yield* exported(image, hook, start, work)
    : yield* initialised(image, hook, start, work);
}

const declarations: Record<GilSlot, Declaration> = {
  "not-used": "declared",
  used: "declared-not-safe",
  absent: "undeclared",
  unknown: "unknown",
};

function* exported(image: Image, hook: string, start: number, work: Work): Steps<Verdict> {
  const endings = new ExportEndings(work);
  yield* followHook(image, start, work, endings);
  const gil = endings.slot;
  const detail = {
    "not-used": `The slots behind ${hook} hold Py_mod_gil with Py_MOD_GIL_NOT_USED.`,
    used: `The slots behind ${hook} hold Py_mod_gil with Py_MOD_GIL_USED.`,
    absent: `The slots behind ${hook} have no Py_mod_gil.`,
    unknown: `${hook} puts its slots together when it runs; reading the file cannot tell what is in them.`,
  }[gil];
  return {
    declaration: declarations[gil],
    basis: gil === "unknown" ? "none" : "export-hook",
    detail,
    freeThreaded: endings.all.find((one) => one.freeThreaded !== undefined)?.freeThreaded,
  };
}

function* initialised(image: Image, hook: string, start: number, work: Work): Steps<Verdict> {
  const { imports } = image.parts;
  const multiPhase = imports.has("PyModuleDef_Init");
  const setsGil = imports.has("PyUnstable_Module_SetGIL");
  const singlePhase = imports.has("PyModule_Create2") || imports.has("PyModule_FromDefAndSpec2");
  const endings = new InitEndings(setsGil, work);
  const followed = yield* followHook(image, start, work, endings);
  const ways = endings.all;
  const freeThreaded = ways
    .map(({ definition }) => definition?.freeThreaded)
    .find((one) => one !== undefined);
  if (ways.length > 0 && ways.every((one) => one.multiPhase)) {
    const verdict = ofSlots(endings, followed?.opaque === true);
    if (verdict) {
      return { ...verdict, freeThreaded };
    }
  } else if (!multiPhase && singlePhase && !setsGil) {
    const detail = `${hook} makes the module at once and never calls PyUnstable_Module_SetGIL.`;
    return { declaration: "undeclared", basis: "single-phase", detail, freeThreaded };
  } else if (ways.length > 0 && followed) {
    const verdict = ofCalls(endings.calls, hook, !followed.opaque);
    if (verdict) {
      return { ...verdict, freeThreaded };
    }
  }
  return multiPhase && !setsGil
    ? byShape(image, hook, followed !== undefined, work)
    : unknownCalls(hook, setsGil, freeThreaded);
}

function ofSlots(endings: InitEndings, opaque: boolean): Omit<Verdict, "freeThreaded"> | undefined {
  const gil = endings.slot;
  // Slots that the hook writes, or has written by what it calls, may be written in ways that are not followed: then a
  // missing one proves nothing.
  const complete = endings.all.every((one) => one.complete);
  return gil === "unknown" || (gil === "absent" && (opaque || !complete))
    ? undefined
    : slotVerdict(gil, endings.all[0]!.definition!);
}

function slotVerdict(
  gil: Exclude<GilSlot, "unknown">,
  definition: Definition,
): Omit<Verdict, "freeThreaded"> {
  const whose = definition.name ? `The definition of “${definition.name}”` : "Its definition";
  const detail = {
    "not-used": `${whose} has the slot Py_mod_gil with Py_MOD_GIL_NOT_USED.`,
    used: `${whose} has the slot Py_mod_gil with Py_MOD_GIL_USED.`,
    absent: definition.hasSlots
      ? `${whose} has slots, but no Py_mod_gil.`
      : `${whose} has no slots, so no Py_mod_gil.`,
  }[gil];
  return { declaration: declarations[gil], basis: gil === "absent" ? "no-slot" : "slot", detail };
}

/**
 * @param said what each way has passed to `PyUnstable_Module_SetGIL`
 * @param sees whether a call of it cannot have been missed
 */
function ofCalls(
  said: readonly (Value | undefined)[],
  hook: string,
  sees: boolean,
): Omit<Verdict, "freeThreaded"> | undefined {
  const first = said[0];
  if (said.some((one) => one !== first || one instanceof Unknown)) {
    return undefined;
  }
  if (first === undefined) {
    const detail = `${hook} makes the module at once and does not call PyUnstable_Module_SetGIL.`;
    return sees ? { declaration: "undeclared", basis: "single-phase", detail } : undefined;
  }
  const safe = first === 1;
  const argument = safe ? "Py_MOD_GIL_NOT_USED" : "Py_MOD_GIL_USED";
  return safe || first === 0
    ? {
        declaration: safe ? "declared" : "declared-not-safe",
        basis: "setgil",
        detail: `${hook} calls PyUnstable_Module_SetGIL with ${argument}.`,
      }
    : undefined;
}

function unknownCalls(hook: string, setsGil: boolean, freeThreaded: boolean | undefined): Verdict {
  const detail = setsGil
    ? `It refers to PyUnstable_Module_SetGIL, so it likely declares support, but reading ${hook} cannot tell what it passes.`
    : `Reading the code of ${hook} cannot tell how the module is made.`;
  return { declaration: "unknown", basis: "none", detail, freeThreaded };
}

/**
 * Without code that can be followed: the definitions that the file holds, if they all say the same.
 * @param inconclusive whether the hook was followed in vain: then it may add a slot that is missing in the file
 */
function byShape(image: Image, hook: string, inconclusive: boolean, work: Work): Verdict {
  const memory = new PaperMemory(image);
  const found = findDefinitions(image, memory, work);
  const gil = agreed(found.map((one) => one.gil));
  // A definition without slots may be given some before it is used.
  const missing =
    gil === "absent" && (inconclusive || found.some((one) => memory.number(one.slots ?? 0, 4) === 0));
  if (gil !== "unknown" && !missing && found.every((one) => one.hasSlots)) {
    return { ...slotVerdict(gil, found[0]!), freeThreaded: found[0]!.freeThreaded };
  }
  return {
    declaration: "unknown",
    basis: "none",
    detail: `${hook} puts the definition of the module together when it runs; reading the file cannot tell what is in it.`,
    freeThreaded: found[0]?.freeThreaded,
  };
}
