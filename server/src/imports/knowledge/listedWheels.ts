/** What the wheels listed for one version say: whether it can be loaded at all, never whether the GIL stays off. Pure. */
import type { Known, KnownBuild } from "./knownVerdict.ts";

/** ABI tags of a wheel's file name: the last but one of its parts, which may hold several joined by dots. */
function abisOf(wheel: string): { readonly abis: readonly string[]; readonly anywhere: boolean } {
  const parts = wheel.replace(/\.whl$/, "").split("-");
  return { abis: (parts.at(-2) ?? "").split("."), anywhere: parts.at(-1) === "any" };
}

/**
 * @returns `loads`, `pure` (a wheel for every system), `missing`, or undefined when the list cannot tell: lock files leave
 * out wheels for versions of Python that the project does not support
 */
export function listedBuild(
  wheels: readonly string[],
  build: KnownBuild,
): "loads" | "pure" | "missing" | undefined {
  const listed = wheels.map(abisOf);
  const abis = new Set(listed.filter(({ anywhere }) => !anywhere).flatMap((one) => one.abis));
  const own = `cp${build.replace(".", "")}`;
  if (abis.has(own) || (build === "3.15t" && abis.has("abi3t"))) return "loads";
  if (listed.some(({ anywhere }) => anywhere)) return "pure";
  return abis.has(own.slice(0, -1)) || abis.has("abi3") ? "missing" : undefined;
}

/** Published knowledge, corrected by what a lock file lists for the very version. */
export function withWheels(
  known: Known | undefined,
  wheels: readonly string[],
  what: string,
  build: KnownBuild,
): Known | undefined {
  const none = { notes: [], advice: known?.advice ?? [] };
  switch (listedBuild(wheels, build)) {
    case "missing": {
      const detail = `The lock file lists wheels of ${what} for ${build.slice(0, -1)} and none for ${build}.`;
      return { verdict: "no-free-threaded-build", evidence: { source: "tag", detail }, ...none };
    }
    case "pure": {
      const detail = `The lock file lists no compiled wheel of ${what} for ${build}, and one for every system.`;
      return { verdict: "pure", evidence: { source: "tag", detail }, ...none, advice: [] };
    }
    case "loads": {
      if (known && known.verdict !== "no-free-threaded-build" && known.verdict !== "pure") return known;
      const detail = `The lock file lists a wheel of ${what} for ${build}, which says that it can be loaded and not whether the GIL stays off.`;
      return { verdict: "unknown", evidence: { source: "tag", detail }, ...none, advice: [] };
    }
    default:
      return known;
  }
}
