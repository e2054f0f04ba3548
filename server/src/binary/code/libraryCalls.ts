/** What calls of other libraries' functions mean to an initialisation hook: they are not followed, but known by name. */
import type { Processor } from "./processor.ts";
import type { State } from "./state.ts";
import { Unknown } from "./value.ts";

/** Functions that do not come back. */
const noReturn =
  /^(?:_?abort|_?exit|__stack_chk_fail|__assert_fail|__assert_rtn|_?_cxa_throw|_?_cxa_rethrow|_Unwind_Resume|_?_cxa_end_cleanup|Py_FatalError|_Py_FatalErrorFunc|_ZSt\d+(?:terminate|__throw_).*|_ZN.*(?:panic|unwrap_failed|expect_failed).*|_CxxThrowException|__fastfail)$/;

/** With an error set, the import fails whatever the hook returns. */
const setsError =
  /^PyErr_(?:Set(?:String|Object|None|FromErrno\w*|ImportError\w*)|Format\w*|NoMemory|Bad\w+)$/;
const clearsError = /^PyErr_(?:Clear|Print\w*|Fetch|GetRaisedException|WriteUnraisable|Display\w*)$/;
const guard = /^_+cxa_guard_acquire$/;

type Meaning = "set-gil" | "initialise" | "create" | "end" | "fail" | "clear" | "guard" | "other";

function meaningOf(name: string): Meaning {
  switch (name) {
    case "PyUnstable_Module_SetGIL":
      return "set-gil";
    case "PyModuleDef_Init":
      return "initialise";
    case "PyModule_Create2":
    case "PyModule_FromDefAndSpec2":
      return "create";
    default:
      return noReturn.test(name)
        ? "end"
        : setsError.test(name)
          ? "fail"
          : clearsError.test(name)
            ? "clear"
            : guard.test(name)
              ? "guard"
              : "other";
  }
}

export class LibraryCalls {
  private readonly meanings = new Map<string, Meaning>();

  constructor(private readonly processor: Processor) {}

  /**
   * Ends a call of another library's function.
   * @param name undefined when it is not known which
   * @returns whether the way goes on
   */
  call(state: State, name: string | undefined): boolean {
    const { processor } = this;
    const meaning = name === undefined ? "other" : this.meaning(name);
    let result: number | Unknown = new Unknown();
    switch (meaning) {
      case "end":
        return false;
      case "set-gil":
        state.gil = processor.argument(state, 1);
        break;
      case "initialise":
        state.initialised = processor.argument(state, 0);
        result = state.initialised;
        break;
      case "create":
        state.created = processor.argument(state, 0);
        break;
      case "fail":
        state.failed = true;
        break;
      case "clear":
        state.failed = false;
        break;
      case "guard":
        // Asks whether something has yet to be initialised: in a hook, it has.
        result = 1;
        break;
    }
    processor.returnFrom(state, result);
    return true;
  }

  private meaning(name: string): Meaning {
    let meaning = this.meanings.get(name);
    if (meaning === undefined) {
      meaning = meaningOf(name);
      this.meanings.set(name, meaning);
    }
    return meaning;
  }
}
