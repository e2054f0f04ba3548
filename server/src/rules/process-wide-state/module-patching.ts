// E9: what is replaced in a module is replaced for all threads: import paths, modules, functions of others.
import type { Access } from "../../facts/facts.ts";
import { isOfOneRequest } from "../../program/requestProxies.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { changeByAccess, changeByCall, episodes, issueOf, type StateChange } from "../shapes/processState.ts";

export default defineFileRule(
  {
    name: "module-patching",
    summary: "Import paths, modules or what they hold are replaced while other threads run.",
    family: "process-wide state",
    severity: "warning",
    status: "preview",
    lockRepairs: false,
  },
  function* (view) {
    for (const episode of episodes(view, [...tableChanges(view), ...patches(view), ...mocks(view)])) {
      // Replacing for good is how plugins and shims work; it is reported in threads alone.
      if (!episode.temporary && episode.reach.evidence !== "proven") continue;
      const isTable = /^sys\./.test(episode.change.state);
      yield issueOf(
        view,
        episode,
        isTable
          ? "Imports of other threads find other modules meanwhile."
          : "Other threads call the replacement meanwhile.",
        isTable
          ? "Set import paths at start, or load the module with importlib.util.spec_from_file_location."
          : "Hand the replacement on as a parameter, or patch before the threads start.",
      );
    }
  },
);

const tables = ["sys.path", "sys.modules", "sys.meta_path", "sys.path_hooks"];
const adding = /^(append|insert|extend|update|setdefault)$/;
const removing = /^(remove|pop|clear)$/;

function tableChanges(view: FileView): StateChange[] {
  return view.accessesTo(...tables).flatMap((access) => {
    const state = view.externalName(access.place)!;
    const { op, detail } = access;
    const isModules = state === "sys.modules";
    const removes = op === "item-delete" || (op === "method" && removing.test(detail));
    const adds = /^(rebind|augment|item-store)$/.test(op) || (op === "method" && adding.test(detail));
    if (!removes && !adds) return [];
    const part = isModules ? access.view : "";
    // A module that could not be loaded is taken out of sys.modules again: the recipe of importlib.
    const undo = isModules ? !removes && detail === "place" && wasTakenOut(view, access) : true;
    return [
      { ...changeByAccess(access, state, part), undo: undo && (isModules || op !== "method" || removes) },
    ];
  });
}

/** Whether the module was removed, or replaced, before it is stored. */
function wasTakenOut(view: FileView, store: Access): boolean {
  return view
    .accessesTo("sys.modules")
    .some(
      ({ fn, start, op, detail, view: key }) =>
        fn === store.fn &&
        start < store.start &&
        key === store.view &&
        (op === "item-store" || op === "item-delete" || (op === "method" && detail === "pop")),
    );
}

/** `socket.create_connection = mine`, for modules that an import statement names. */
function patches(view: FileView): StateChange[] {
  const found: StateChange[] = [];
  for (const access of view.file.facts.accesses) {
    if ((access.op !== "rebind" && access.op !== "augment") || access.fn === 0) continue;
    const { root, path } = view.file.place(access.place);
    if (root !== "global" && root !== "local") continue;
    const state = path.length === 0 ? undefined : patched(view, access.place);
    if (state !== undefined) found.push(changeByAccess(access, state));
  }
  return found;
}

/** Qualified name of what a store replaces; others have rules of their own. */
function patched(view: FileView, place: number): string | undefined {
  const name = view.externalName(place);
  if (name === undefined || !isImported(view, place)) return undefined;
  if (name === "builtins._") return undefined; // the last result: every display hook stores it in two steps
  if (isOfOneRequest(name)) return undefined;
  return /^(sys|os\.environ|warnings|decimal\.\w+Context)(\.|$)/.test(name) ? undefined : name;
}

/** `import x` names a module; `from x import y` may name any object, but a class by its capital. */
function isImported(view: FileView, at: number): boolean {
  const { root, name, owner, path } = view.file.place(at);
  const item = root === "local" ? view.file.nestedImport(owner, name) : view.file.importsByName.get(name);
  return item !== undefined && (item.name === "" || /^[A-Z]/.test(path.length === 0 ? name : item.name));
}

function mocks(view: FileView): StateChange[] {
  return ["unittest.mock", "mock"].flatMap((module) =>
    view
      .callsTo(...["patch", "patch.object", "patch.multiple", "patch.dict"].map((f) => `${module}.${f}`))
      .filter(({ args }) => !/os\.environ/.test(`${args[0]?.literal} ${environment(view, args[0]?.place)}`))
      .map((call) => changeByCall(call, "what mock.patch replaces", { managed: true })),
  );
}

function environment(view: FileView, place: number | undefined): string {
  return place === undefined || place < 0 ? "" : (view.externalName(place) ?? "");
}
