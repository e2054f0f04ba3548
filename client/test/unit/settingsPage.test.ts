// docs/settings.md is written from the manifest: `npx vitest run settingsPage -u` writes it anew.
import { expect, test } from "vitest";
import manifest from "../../../package.json";
import texts from "../../../package.nls.json";

interface Setting {
  readonly type: string;
  readonly default: unknown;
  readonly scope: string;
  readonly enum?: readonly string[];
  readonly markdownDescription: string;
  readonly markdownEnumDescriptions?: readonly string[];
}

const restricted: readonly string[] = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;

function text(key: string): string {
  return texts[key.replaceAll("%", "") as keyof typeof texts];
}

function describe(name: string, setting: Setting): string {
  const values = setting.enum?.map((value, index) => {
    const meaning = setting.markdownEnumDescriptions?.[index];
    return `- \`${value}\`${meaning === undefined ? "" : `: ${text(meaning)}`}`;
  });
  return [
    `### \`${name}\``,
    text(setting.markdownDescription),
    ...(values ? [values.join("\n")] : []),
    `Default: \`${JSON.stringify(setting.default)}\`.${
      restricted.includes(name) ? " Ignored in a workspace that is not trusted." : ""
    }`,
  ].join("\n\n");
}

test("docs/settings.md is up to date", async () => {
  const groups = manifest.contributes.configuration.map(({ title, properties }) => {
    const settings = Object.entries(properties as unknown as Record<string, Setting>);
    return [`## ${text(title)}`, ...settings.map(([name, setting]) => describe(name, setting))].join("\n\n");
  });
  const intro =
    "# Settings\n\nThe server reads the Analysis settings, by any editor: they stand under `threadproof` in what it " +
    "answers to `workspace/configuration`, or in `initializationOptions`. The rest is for VS Code.";
  await expect(`${[intro, ...groups].join("\n\n")}\n`).toMatchFileSnapshot("../../../docs/settings.md");
});
