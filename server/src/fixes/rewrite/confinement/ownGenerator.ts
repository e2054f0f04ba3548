// Loops that draw from the generator of the module `random`: they draw from a generator of their own.
import { Kind } from "../../../../../grammars/python/symbols.ts";
import type { TextFix } from "../../fix.ts";
import { executedNodes, functionAround } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { moduleMember } from "../text/imported.ts";
import { freshLocal } from "../text/localNames.ts";

/** What draws from a generator, as a method of it and as a function of the module. */
export const drawing =
  "random|uniform|triangular|randint|randrange|getrandbits|randbytes|choice|choices|shuffle|sample|" +
  "expovariate|gauss|normalvariate|lognormvariate|vonmisesvariate|gammavariate|betavariate|binomialvariate|" +
  "paretovariate|weibullvariate";

/** `random.random()` in a loop becomes `rng.random()`, with `rng = random.Random()` in front of the loop. */
export function ownGenerator(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const fn = functionAround(tree, place.node);
  const statement = outermost(place, fn);
  if (tree.kind(fn) !== Kind.FunctionDefinition || statement === 0) return undefined;
  if (!source.isFirstOnLine(tree.start(statement))) return undefined;
  const module = /^(\w+)\.\w+/.exec(tree.source(place.node))?.[1];
  // Names imported one by one are left to the person: any of them may be used elsewhere in another way.
  if (module === undefined) return undefined;
  const member = moduleMember(source, "random", "Random");
  if (member === undefined || member.edits.length > 0 || member.expression !== `${module}.Random`)
    return undefined;
  const title = "Draw from a generator of the call's own: `rng = random.Random()`";
  if (new RegExp(`\\b${module}\\.(seed|setstate)\\(`).test(tree.text))
    return place.refused(
      title,
      "`random.seed` decides here what is drawn; each thread needs a seed of its own.",
    );
  const draws = new RegExp(`^${module}\\.(${drawing})$`);
  const calls = [...executedNodes(tree, [statement])].filter(
    (node) => tree.kind(node) === Kind.Attribute && draws.test(tree.source(node)),
  );
  const rng = freshLocal(tree, "rng", statement);
  return place.fix(
    `${title.replace("rng", rng)} (seeded by the system; the numbers are others)`,
    [
      source.insert(
        tree.start(statement),
        `${rng} = ${member.expression}()${source.eol}${source.indentAt(tree.start(statement))}`,
      ),
      ...calls.map((call) => {
        const root = tree.firstChild(call);
        return source.replace(tree.start(root), tree.end(root), rng);
      }),
    ],
    false,
  );
}

/** The statement in the function's own block that the place stands in. */
function outermost({ tree, node }: Place, fn: number): number {
  for (let at = node; at > 0; at = tree.parent(at)) {
    const block = tree.parent(at);
    if (tree.kind(block) === Kind.Block && tree.parent(block) === fn) return at;
  }
  return 0;
}
