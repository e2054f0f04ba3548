/** The findings about imports for the engine: those of an audit, or none but the possible ones without an audit. */
import type { OtherFindings, ReachAt } from "../analysis/otherFindings.ts";
import type { Finding } from "../findings/finding.ts";
import { rangeIn } from "../findings/rangeIn.ts";
import type { ImportAudit } from "./audit.ts";
import type { Platform } from "./conditions.ts";
import { importFindings, outsideImports } from "./importFindings.ts";
import { importRules } from "./importRules.ts";
import { sourceImports } from "./sourceImports.ts";
import type { WorkspaceModules } from "./workspaceModules.ts";

const anyPlatform: Platform = { version: [3, 13], system: process.platform };

export class ImportReports implements OtherFindings {
  constructor(
    private readonly audit?: ImportAudit,
    private readonly workspace?: WorkspaceModules,
  ) {}

  /** Works out the verdicts of a file's imports, so that `findings` has them. */
  async prepare(path: string, text: string): Promise<void> {
    const { audit, workspace } = this;
    if (audit && workspace) {
      const imports = outsideImports(path, text, audit, workspace);
      await Promise.all(imports.map(({ module }) => audit.verdict(module)));
    }
  }

  findings(path: string, text: string, reachAt: ReachAt): Finding[] {
    const { audit, workspace } = this;
    return audit && workspace
      ? importFindings(path, text, outsideImports(path, text, audit, workspace), audit, reachAt)
      : [];
  }

  possible(path: string, text: string): Finding[] {
    return sourceImports(text, anyPlatform).flatMap(({ module, start, end }) =>
      importRules.map(({ name, severity }) => ({
        path,
        range: rangeIn(text, start, end),
        rule: name,
        severity,
        evidence: "likely" as const,
        symbol: module,
        function: "<module>",
        message: "",
        related: [],
      })),
    );
  }
}
