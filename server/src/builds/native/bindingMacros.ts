/** Modules made by the macros of pybind11 and Boost.Python. */
import pybind11NotOptedIn from "../../rules/builds/pybind11-not-opted-in.ts";
import { type CallSite, callsOf, partsOf } from "../brackets.ts";
import type { BuildReport } from "../buildReport.ts";
import type { NativeSource } from "./nativeSource.ts";

export function* inspectBindingMacros(source: NativeSource): Generator<BuildReport> {
  const { file, c } = source;
  const calls = callsOf(c.code, "PYBIND11_MODULE|BOOST_PYTHON_MODULE");
  const optedIn = new Set(calls.filter((call) => says(c.code, call)).map((call) => nameOf(c.code, call)));
  for (const call of calls) {
    const name = nameOf(c.code, call);
    const parts = partsOf(c.code, call.open + 1, call.close);
    const isBoost = call.name === "BOOST_PYTHON_MODULE";
    // Options behind a macro or variable of the project may hold the declaration; so may another branch.
    const options = parts.slice(isBoost ? 1 : 2).map(({ start, end }) => c.code.slice(start, end));
    const isPlain = options.every((option) => /^[\w:]+\s*\([^()]*(\([^()]*\))*[^()]*\)$/.test(option));
    if (optedIn.has(name) || !isPlain || !source.isSeen(call.start)) continue;
    const namespace = isBoost ? "boost::python" : /\bnamespace\s+py\s*=/.test(c.code) ? "py" : "pybind11";
    const option = `${namespace}::mod_gil_not_used()`;
    yield {
      rule: pybind11NotOptedIn,
      file,
      start: call.start,
      end: call.close + 1,
      symbol: name,
      message: `The module \`${name}\` does not pass \`${option}\`, so importing it switches the GIL back on for the whole process.${isBoost ? "" : " pybind11 knows it from version 2.13 on."}`,
      repair: {
        title: `Pass \`${option}\`, once the module's shared state is safe`,
        edits: [{ start: call.close, end: call.close, newText: `, ${option}` }],
      },
    };
  }
}

function says(code: string, { open, close }: CallSite): boolean {
  return /\bmod_gil_not_used\s*\(\s*(true\s*)?\)/.test(code.slice(open, close));
}

function nameOf(code: string, { open, close }: CallSite): string {
  const { start, end } = partsOf(code, open + 1, close)[0]!;
  return code.slice(start, end);
}
