// Reads from apt's own configuration which Debian mirror this system uses.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The mirror this Debian system is configured with.
 * @returns {Promise<{mirror: string, signedBy?: string}>}
 * @throws when apt has no Debian mirror configured
 */
export async function systemMirror() {
  const release = await readFile("/etc/os-release", "utf8");
  const codename = /^VERSION_CODENAME=(.*)$/m.exec(release)?.[1]?.replaceAll('"', "");
  const folder = "/etc/apt/sources.list.d";
  const listed = (await readdir(folder).catch(() => [])).map((name) => join(folder, name));
  for (const file of [...listed, "/etc/apt/sources.list"]) {
    const text = await readFile(file, "utf8").catch(() => "");
    const entries = aptEntries(file, text);
    const own = entries.find((entry) => entry.suites.includes(codename) && entry.components.includes("main"));
    // Ubuntu's mirrors do not carry Debian's suites.
    if (own && /^ID=debian$/m.test(release)) return own;
  }
  throw new Error("no Debian mirror is configured for apt on this machine");
}

/**
 * @param {string} file its ending tells which of apt's two formats the text is in
 * @param {string} text
 * @returns {{mirror: string, suites: string[], components: string[], signedBy?: string}[]}
 */
export function aptEntries(file, text) {
  return file.endsWith(".sources") ? deb822Entries(text) : oneLineEntries(text);
}

function deb822Entries(text) {
  return text.split(/\n\s*\n/).map((paragraph) => {
    const field = (name) => new RegExp(`^${name}:\\s*(.+)$`, "im").exec(paragraph)?.[1]?.trim();
    const words = (name) => (field(name) ?? "").split(/\s+/);
    const mirror = words("URIs")[0];
    return { mirror, suites: words("Suites"), components: words("Components"), signedBy: field("Signed-By") };
  });
}

function oneLineEntries(text) {
  const lines = text.matchAll(
    /^deb\s+(?:\[(?<options>[^\]]*)\]\s+)?(?<mirror>\S+)\s+(?<suite>\S+)\s+(?<rest>.+)$/gm,
  );
  return [...lines].map(({ groups }) => ({
    mirror: groups.mirror,
    suites: [groups.suite],
    components: groups.rest.split(/\s+/),
    signedBy: /signed-by=(\S+)/.exec(groups.options ?? "")?.[1],
  }));
}
