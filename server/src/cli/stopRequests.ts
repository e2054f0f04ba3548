/** Ctrl-C and its relatives as an abort signal, so that a command can end what it has started. */
import { constants } from "node:os";
import type { Readable } from "node:stream";

export interface StopRequests {
  readonly signal: AbortSignal;
  /** 128 and the signal's number, as shells count; 130 when standard input was closed. */
  exitCode(): number;
  /** Gives the signals back. */
  end(): void;
}

/** @param leash a stream whose end means stop as well */
export function stopRequests(leash?: Readable): StopRequests {
  const controller = new AbortController();
  let number: number = constants.signals.SIGINT;
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const stop = (name: NodeJS.Signals) => {
    number = constants.signals[name];
    controller.abort();
  };
  const leashEnded = () => controller.abort();
  for (const name of names) {
    process.on(name, stop);
  }
  leash?.on("end", leashEnded).on("close", leashEnded).on("error", leashEnded).resume();
  return {
    signal: controller.signal,
    exitCode: () => 128 + number,
    end() {
      for (const name of names) {
        process.off(name, stop);
      }
      leash?.off("end", leashEnded).off("close", leashEnded).destroy();
    },
  };
}
