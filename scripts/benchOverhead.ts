// What the benchmark's runner costs: the same program by hand and under the runner, in turn, in pairs.
//   node scripts/run.mjs scripts/benchOverhead.ts [PAIRS] [PROGRAM] [PYTHON]
// CPU time is compared too, as other programs on the machine disturb it less than they do wall time.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { findBuilds } from "../server/src/bench/builds.ts";
import { writeRunner } from "../server/src/bench/runner/runnerFiles.ts";
import { runnerFileName } from "../server/src/bench/runner/runnerSource.ts";
import { medianInterval } from "../server/src/bench/statistics.ts";
import { InterpreterCatalogue } from "../server/src/environment/discover.ts";

const [pairs = "15", program = "fixtures/programs/sqrt_mask.py", named] = process.argv.slice(2);
const file = resolve(program);

/** Runs both commands in turn, every other pair the other way round; wall and CPU seconds of each. */
const comparison = `
import json, os, subprocess, sys, time
pairs, *commands = json.loads(sys.argv[1])
found = []
for index in range(pairs + 1):
    order = (0, 1) if index % 2 else (1, 0)
    pair = [None, None]
    for which in order:
        start = time.perf_counter()
        child = subprocess.Popen(commands[which], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
        assert status == 0, commands[which]
        pair[which] = [time.perf_counter() - start, usage.ru_utime + usage.ru_stime]
    if index:
        found.append(pair)
print(json.dumps(found))
`;

const builds =
  named === undefined ? await findBuilds({ pythons: [], hints: [] }, new InterpreterCatalogue()) : undefined;
const python = named ?? builds!.pairs.at(-1)!.freeThreaded.executable;
const folder = await mkdtemp(join(tmpdir(), "threadproof-overhead-"));
try {
  await writeRunner(folder);
  const byHand = [python, file];
  const ours = [python, join(folder, runnerFileName), join(folder, "report.json"), file, "", "", ""];
  const request = JSON.stringify([Number(pairs), byHand, ours]);
  const { stdout } = await execa(python, ["-c", comparison, request], {
    env: { THREADPROOF_THREADS: "1" },
  });
  const found = JSON.parse(stdout) as [[number, number], [number, number]][];
  for (const [index, what] of ["wall time", "CPU time"].entries()) {
    const ratios = found.map(([hand, runner]) => runner[index]! / hand[index]!);
    const { median, low, high } = medianInterval(ratios);
    const alone = medianInterval(found.map(([hand]) => hand[index]!)).median;
    const percent = (ratio: number) => `${((ratio - 1) * 100).toFixed(2)} %`;
    process.stdout.write(
      `${what}: overhead ${percent(median)} (${percent(low)} to ${percent(high)}), ${found.length} pairs of ${alone.toFixed(2)} s\n`,
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
