/** What the runner inside the child reports about one run; times are nanoseconds. */
import { z } from "zod";

const lockSchema = z.object({
  /** Where it was made, and where it was most often waited for: `path:line`. */
  madeAt: z.string(),
  waitedAt: z.string().nullable(),
  acquired: z.number(),
  contended: z.number(),
  waitedNs: z.number(),
  /** From having it to giving it back; all that only one thread could do. */
  heldNs: z.number(),
});

const probeSchema = z.object({
  /** Those waited for, longest first. */
  locks: z.array(lockSchema),
  collections: z.number(),
  collectingNs: z.number(),
  /** Given to thread pools. */
  tasks: z.number(),
});

export const reportSchema = z.object({
  gilAtStart: z.boolean(),
  gilAtEnd: z.boolean(),
  wallNs: z.number(),
  cpuNs: z.number(),
  childCpuNs: z.number().default(0),
  peakBytes: z.number(),
  threadsStarted: z.number().nullable(),
  processesStarted: z.number().nullable(),
  culprit: z.string().nullable(),
  /** Until all workers were ready. */
  startNs: z.number().optional(),
  /** Sources of a worker count that the program asked, in the warm-up. */
  asked: z.array(z.string()).default([]),
  probe: probeSchema.optional(),
  /** Why this kind of worker cannot run the function, instead of everything else. */
  unavailable: z.string().optional(),
});

export type LockReport = z.infer<typeof lockSchema>;
/** With the wall time of its run. */
export type ProbeReport = z.infer<typeof probeSchema> & { readonly wallNs: number };

export type RunReport = z.infer<typeof reportSchema> & {
  /** From spawning to exit, milliseconds: the interpreter's start and end included. */
  readonly processMs: number;
  /** The extension module that CPython's warning names as the one that switched the GIL on. */
  readonly warnedModule: string | undefined;
  readonly outputBytes: number;
  readonly leftProcesses: number;
};
