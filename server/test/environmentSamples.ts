/** Interpreters that never were, for tests of what is decided from their answers. */
import type { Interpreter } from "../src/environment/interpreter.ts";

export function interpreter(facts: Partial<Interpreter> = {}): Interpreter {
  return {
    implementation: "cpython",
    version: [3, 13, 5],
    releaseLevel: "final",
    freeThreaded: false,
    gilEnabled: true,
    debug: false,
    configArgs: "'--without-ensurepip'",
    cc: "gcc",
    compiler: "GCC 12.2.0",
    executable: "/usr/bin/python3",
    realpath: "/usr/bin/python3.13",
    prefix: "/usr",
    platform: "linux",
    source: "PATH",
    ...facts,
  };
}
