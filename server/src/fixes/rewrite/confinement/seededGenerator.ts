// Functions that seed the generator that all share and then draw from it: they seed and draw from one of their own, which
// gives the same numbers.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextFix } from "../../fix.ts";
import { LocalCalls } from "../../hazards/reentrance.ts";
import { importedAs } from "../../lock/threadingImport.ts";
import { bodyOf, functionAround } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { methodCall } from "../text/expressions.ts";
import { freshLocal } from "../text/localNames.ts";
import { drawing } from "./ownGenerator.ts";

interface Generator {
  /** What makes one with a seed, behind the name of the module. */
  readonly made: string;
  /** Its methods that give what the functions of the module of the same name give. */
  readonly draws: RegExp;
}

const numpyDraws =
  "rand|randn|randint|random|random_sample|choice|shuffle|permutation|bytes|uniform|normal|standard_normal|" +
  "exponential|poisson|binomial|beta|gamma|lognormal|laplace|geometric|multinomial|multivariate_normal|dirichlet|" +
  "chisquare|triangular|weibull|pareto|zipf|vonmises|gumbel|logistic|rayleigh|power|hypergeometric";

const ofPython: Generator = { made: "Random", draws: new RegExp(`^(${drawing})$`) };
const ofNumpy: Generator = { made: "RandomState", draws: new RegExp(`^(${numpyDraws})$`) };

/** `random.seed(n); random.random()` becomes `rng = random.Random(n); rng.random()`. */
export function seededGenerator(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const seed = methodCall(tree, place.node);
  const fn = functionAround(tree, place.node);
  const statement = tree.parent(place.node);
  if (seed?.name !== "seed" || tree.kind(fn) !== Kind.FunctionDefinition) return undefined;
  const module = tree.source(seed.receiver);
  const body = bodyOf(tree, fn);
  const generator = generatorOf(tree, module, [...tree.children(0), ...body]);
  // Seeded in some cases only, the rest would draw from a generator that is not there.
  if (generator === undefined || !body.includes(statement) || !place.ownsLines(statement)) return undefined;
  if (seed.args.length > 1) return undefined;
  const uses = usesOf(tree, fn, module).filter((use) => use !== seed.receiver);
  const isDraw = (use: number) => {
    const call = methodCall(tree, tree.parent(tree.parent(use)));
    return call?.receiver === use && generator.draws.test(call.name);
  };
  const isBehind = (use: number) => tree.start(use) > tree.end(statement) && functionAround(tree, use) === fn;
  if (uses.length === 0 || !uses.every((use) => isDraw(use) && isBehind(use))) return undefined;
  const rng = freshLocal(tree, "rng", statement);
  const argument = seed.args.map((arg) => tree.source(arg)).join("");
  const made = `${rng} = ${module}.${generator.made}(${argument})`;
  const title = `Draw from a generator of its own: \`${made.replace(/\s+/g, " ")}\``;
  const drawsToo = (other: number) => usesOf(tree, other, module).length > 0;
  const rest = body.slice(body.indexOf(statement));
  const region = { block: tree.parent(statement), statements: rest };
  if (new LocalCalls(tree).reaches(region, (other) => other !== fn && drawsToo(other)) !== undefined)
    return place.refused(title, "Functions that are called from here draw from the shared one, too.");
  return place.fix(
    `${title} (the same numbers; whoever draws from the shared one afterwards gets others)`,
    [
      source.replace(tree.start(statement), tree.end(statement), made),
      ...uses.map((use) => source.replace(tree.start(use), tree.end(use), rng)),
    ],
    false,
  );
}

/** By how one of the statements imports the module: `random`, `np.random`. */
function generatorOf(
  tree: CompactTree,
  module: string,
  statements: readonly number[],
): Generator | undefined {
  const names = (of: string) => statements.map((statement) => importedAs(tree, statement, of));
  if (names("random").includes(module)) return ofPython;
  const [root, random] = module.split(".");
  const isNumpy =
    (random === "random" && names("numpy").includes(root!)) || names("numpy.random").includes(module);
  return isNumpy ? ofNumpy : undefined;
}

/** The expressions in a function that name the module. */
function usesOf(tree: CompactTree, fn: number, module: string): number[] {
  const uses: number[] = [];
  for (let node = fn; node < tree.subtreeEnd(fn); node += 1) {
    const kind = tree.kind(node);
    // The second one of `random.random` is a name within the module.
    const isName = kind === Kind.Identifier && tree.field(node) !== Field.Attribute;
    if ((isName || kind === Kind.Attribute) && tree.source(node) === module) uses.push(node);
  }
  return uses;
}
