// Locks that code outside the program holds while it calls methods of the program's classes.
import type { Ref } from "./fileNode.ts";
import type { Resolver } from "./resolve.ts";

/**
 * Whether a method is only called with its object's lock held. `logging.Handler.handle` takes the handler's lock around
 * `emit`, which in turn calls `handleError` (CPython documentation, logging, "Handler Objects").
 */
export function runsUnderFrameworksLock(resolver: Resolver, { file, index }: Ref): boolean {
  const { name, owner } = file.facts.functions[index]!;
  if (owner < 0 || (name !== "emit" && name !== "handleError")) return false;
  return resolver
    .externalBases({ file, index: owner })
    .some((base) => /^logging\.(handlers\.)?\w*Handler$/.test(base));
}
