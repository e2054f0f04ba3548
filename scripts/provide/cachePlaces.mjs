// Where everything that tests and the demo need, but the repository must not carry, is kept.
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The folder of this project's downloads and builds, outside the repository so that clones share it.
 * `THREADPROOF_CACHE` moves it; otherwise the system's own place for caches is used.
 * @returns {string} an absolute path; the folder need not exist yet
 */
export function cacheRoot() {
  return join(cacheHome(), "threadproof");
}

function cacheHome() {
  const { THREADPROOF_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (THREADPROOF_CACHE) return THREADPROOF_CACHE;
  if (process.platform === "win32") return LOCALAPPDATA ?? join(homedir(), "AppData", "Local");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches");
  return XDG_CACHE_HOME || join(homedir(), ".cache");
}
