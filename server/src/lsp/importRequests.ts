/** What the editor can ask and tell about imports, beyond diagnostics. */
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

export function serveImports(session: Session, audits: ImportAudits): void {
  const { connection } = session;
  connection.onHover((params) => importHover(session, audits, params));
  connection.onNotification(environmentMethod, ({ python }: EnvironmentParams) => audits.select(python));
  connection.onNotification(probedMethod, ({ results }: ProbedParams) => audits.addProbes(results));
  connection.onRequest(evidenceMethod, async ({ module }: EvidenceParams) => {
    const verdict = await audits.audit?.verdict(module);
    return verdict ? verdictMarkdown(verdict) : null;
  });
}
