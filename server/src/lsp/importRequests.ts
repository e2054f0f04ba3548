/** What the editor can ask and tell about imports, beyond diagnostics. */
import { z } from "zod";
import { verdictMarkdown } from "../imports/verdictText.ts";
import type {
  EnvironmentMethod,
  EnvironmentParams,
  EvidenceMethod,
  EvidenceParams,
  ProbedMethod,
  ProbedParams,
} from "../protocol.ts";
import type { ImportAudits } from "./importAudits.ts";
import { importHover } from "./importHover.ts";
import type { Session } from "./session.ts";

const environmentMethod: EnvironmentMethod = "threadproof/environment";
const probedMethod: ProbedMethod = "threadproof/probed";
const evidenceMethod: EvidenceMethod = "threadproof/importEvidence";

const offers = z.object({ importCommands: z.boolean() });

export function serveImports(session: Session, audits: ImportAudits, initializationOptions: unknown): void {
  const { connection } = session;
  session.importCommands = offers.safeParse(initializationOptions).data?.importCommands ?? false;
  connection.onHover((params) => importHover(session, audits, params));
  connection.onNotification(environmentMethod, ({ python }: EnvironmentParams) => audits.select(python));
  connection.onNotification(probedMethod, ({ results }: ProbedParams) => audits.addProbes(results));
  connection.onRequest(evidenceMethod, async ({ module }: EvidenceParams) => {
    const verdict = await audits.audit?.verdict(module);
    return verdict ? verdictMarkdown(verdict) : null;
  });
}
