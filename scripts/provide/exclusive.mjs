// Lets one process at a time fill a part of the cache; a second run waits and then finds the work done.
import { mkdir } from "node:fs/promises";
import { lock } from "proper-lockfile";
import { say } from "./progress.mjs";

const stillAliveMs = 20_000;

/**
 * Runs `work` while holding the lock of `folder`, which is made if missing. A lock whose owner died is taken
 * over after `stillAliveMs` without a sign of life.
 * @template T
 * @param {string} folder
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function exclusively(folder, work) {
  await mkdir(folder, { recursive: true });
  const options = { stale: stillAliveMs, update: 5_000, realpath: false };
  const release = await lock(folder, options).catch((error) => {
    if (error.code !== "ELOCKED") throw error;
    say(`another run is filling ${folder}; waiting for it`);
    return lock(folder, { ...options, retries: { forever: true, minTimeout: 1_000, maxTimeout: 3_000 } });
  });
  try {
    return await work();
  } finally {
    await release();
  }
}
