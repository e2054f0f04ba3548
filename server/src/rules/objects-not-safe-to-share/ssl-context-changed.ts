// F11: a context is meant to be set up once; connections opened while it changes get a mixture of settings.

import type { Place } from "../../facts/facts.ts";
import { isConstructor } from "../../program/locksets.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

const settings = [
  "check_hostname",
  "verify_mode",
  "verify_flags",
  "options",
  "minimum_version",
  "maximum_version",
  "sni_callback",
  "keylog_filename",
  "post_handshake_auth",
];
const setters = [
  "load_cert_chain",
  "load_verify_locations",
  "load_default_certs",
  "load_dh_params",
  "set_ciphers",
  "set_alpn_protocols",
  "set_ecdh_curve",
  "set_servername_callback",
];

export default defineFileRule(
  {
    name: "ssl-context-changed",
    summary: "A shared SSLContext is changed while other threads may open connections with it.",
    family: "objects not safe to share",
    severity: "information",
    status: "preview",
    lockRepairs: false,
  },
  function* (view) {
    for (const { context, setting, fn, start, end } of changesOf(view)) {
      if (!isShared(view, context, fn)) continue;
      const reach = view.reach(fn);
      if (reach === undefined) continue;
      const symbol = view.textOf(context);
      yield {
        start,
        end,
        fn,
        symbol,
        message: `\`${setting}\` of the shared context \`${symbol}\` changes here; a thread that opens a connection meanwhile gets the old setting, the new one, or half of several. ${reach.because} Set the context up before the first connection, and make another context for other settings.`,
        evidence: reach.evidence,
        related: reach.trace,
      };
    }
  },
);

interface Change {
  readonly context: Place;
  readonly setting: string;
  readonly fn: number;
  readonly start: number;
  readonly end: number;
}

function* changesOf(view: FileView): Iterable<Change> {
  const { file } = view;
  for (const { op, place, fn, start, end } of view.accessesNamed(...settings)) {
    const { path, ...base } = file.place(place);
    if ((op !== "rebind" && op !== "augment") || path.length === 0) continue;
    yield { context: { ...base, path: path.slice(0, -1) }, setting: path.at(-1)!, fn, start, end };
  }
  for (const call of view.callsNamed(...setters)) {
    const context = view.receiver(call);
    if (context === undefined) continue;
    const setting = file.place(call.callee).path.at(-1)!;
    yield { context, setting, fn: call.fn, start: call.start, end: call.end };
  }
}

/** A context in a variable or attribute that this function has not just made and that no constructor fills. */
function isShared({ file, program, intent }: FileView, context: Place, fn: number): boolean {
  if (program.resolver.holding(file, context)?.kinds.has("tls-context") !== true) return false;
  if (context.root === "local" && context.owner === fn) return false;
  if (isConstructor(file.facts.functions[fn]!.name) || intent.runsOnlyInConstructor({ file, index: fn }))
    return false;
  const written = context.path.join(".");
  return !file.facts.calls.some((call) => {
    if (call.fn !== fn || call.result < 0) return false;
    const { root, name, path } = file.place(call.result);
    return root === context.root && name === context.name && path.join(".") === written;
  });
}
