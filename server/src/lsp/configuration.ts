/** Settings: asked of the editor where it answers, taken from what it sends where it does not, defaults otherwise. */
import { DidChangeConfigurationNotification } from "vscode-languageserver";
import { z } from "zod";
import { type AnalysisOptions, defaultOptions } from "../findings/options.ts";
import type { Settings } from "../protocol.ts";
import type { Session } from "./session.ts";

export const settingsSection = "threadproof";

export const defaultSettings: Settings = {
  concurrency: defaultOptions.concurrency,
  targetVersion: defaultOptions.target,
  indexWorkspace: true,
  baseline: "",
};

// A wrong value falls back to its default and leaves the others in force.
const settingsSchema = z.object({
  concurrency: z.enum(["auto", "library", "off"]).catch(defaultSettings.concurrency),
  targetVersion: z.enum(["3.13", "3.14", "3.15"]).catch(defaultSettings.targetVersion),
  indexWorkspace: z.boolean().catch(defaultSettings.indexWorkspace),
  baseline: z.string().catch(defaultSettings.baseline),
});

/** Accepts whatever an editor sends, including nothing. */
export function readSettings(value: unknown): Settings {
  return settingsSchema.parse(typeof value === "object" && value !== null ? value : {});
}

export function analysisOptions(settings: Settings): AnalysisOptions {
  return { ...defaultOptions, concurrency: settings.concurrency, target: settings.targetVersion };
}

export async function watchConfiguration({ connection, client }: Session): Promise<void> {
  if (client.registerConfiguration) {
    await connection.client.register(DidChangeConfigurationNotification.type, { section: settingsSection });
  }
}

/**
 * Never rejects: an editor that fails to answer leaves the settings as they are.
 * @param sent what came with `didChangeConfiguration` or `initialize`, for editors that cannot be asked.
 */
export async function loadSettings(session: Session, sent: unknown): Promise<void> {
  try {
    const value = session.client.configuration
      ? await session.connection.workspace.getConfiguration(settingsSection)
      : sectionOf(sent);
    session.configure(readSettings(value));
  } catch (error) {
    session.connection.console.warn(`The editor did not answer with its settings: ${error}`);
  }
}

function sectionOf(sent: unknown): unknown {
  const settings = sent as { [settingsSection]?: unknown } | undefined | null;
  return settings?.[settingsSection] ?? sent;
}
