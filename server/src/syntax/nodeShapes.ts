// What the grammar says of each kind of node: which are kept, which have no children, where fields stand and where a
// node begins and ends. Tables by kind, as the reader of trees looks them up for every node.
import { Field, Kind } from "../../../grammars/python/symbols.ts";

const symbolSpace = 65536;

function tableOf(kinds: readonly Kind[]): Uint8Array {
  const table = new Uint8Array(symbolSpace);
  for (const kind of kinds) table[kind] = 1;
  return table;
}

export const isNamed = tableOf(Object.values(Kind).filter((id) => typeof id === "number"));

export const isLeaf = tableOf([
  Kind.Identifier,
  Kind.Integer,
  Kind.Float,
  Kind.True,
  Kind.False,
  Kind.None,
  Kind.Ellipsis,
  Kind.Comment,
  Kind.LineContinuation,
  Kind.PassStatement,
  Kind.BreakStatement,
  Kind.ContinueStatement,
  Kind.StringStart,
  Kind.StringEnd,
  Kind.WildcardImport,
  Kind.ImportPrefix,
]);

/** Kinds whose children have no fields, but for the cases of a `match`, whose field says no more than their kind. */
export const hasNoFields = tableOf([
  Kind.Module,
  Kind.Block,
  Kind.ExpressionStatement,
  Kind.ArgumentList,
  Kind.ExpressionList,
  Kind.Tuple,
  Kind.List,
  Kind.Set,
  Kind.Dictionary,
  Kind.PatternList,
  Kind.TuplePattern,
  Kind.ListPattern,
  Kind.Parameters,
  Kind.LambdaParameters,
  Kind.DottedName,
  Kind.ConcatenatedString,
  Kind.String,
  Kind.GlobalStatement,
  Kind.NonlocalStatement,
  Kind.WithClause,
  Kind.ParenthesizedExpression,
  Kind.ReturnStatement,
  Kind.AssertStatement,
  Kind.ComparisonOperator,
]);

/** Fields that the first child always has, and those of all others where they are always the same. */
const fieldsByPosition: readonly (readonly [kind: Kind, first: Field, later: Field])[] = [
  [Kind.Attribute, Field.Object, Field.Attribute],
  [Kind.Call, Field.Function, Field.Arguments],
  [Kind.Pair, Field.Key, Field.Value],
  [Kind.KeywordArgument, Field.Name, Field.Value],
  [Kind.DefaultParameter, Field.Name, Field.Value],
  [Kind.BinaryOperator, Field.Left, Field.Right],
  [Kind.BooleanOperator, Field.Left, Field.Right],
  [Kind.Subscript, Field.Value, Field.Subscript],
  [Kind.AugmentedAssignment, Field.Left, Field.Right],
  [Kind.Assignment, Field.Left, Field.None],
  [Kind.IfStatement, Field.Condition, Field.None],
  [Kind.ElifClause, Field.Condition, Field.None],
  [Kind.WhileStatement, Field.Condition, Field.None],
  [Kind.ForStatement, Field.Left, Field.None],
  [Kind.FunctionDefinition, Field.Name, Field.None],
  [Kind.ClassDefinition, Field.Name, Field.None],
];
export const firstField = new Uint8Array(symbolSpace);
export const laterField = new Uint8Array(symbolSpace);
for (const [kind, first, later] of fieldsByPosition) {
  firstField[kind] = first;
  laterField[kind] = later;
}

/** The field behind whose child the grammar lets nothing follow; 0 where there is none. */
export const lastField = laterField.slice();
lastField[Kind.Subscript] = Field.None;
lastField[Kind.Assignment] = Field.Right;

/** Kinds that begin with their first child and end with their last. */
const likeTheirChildren = [
  Kind.Attribute,
  Kind.Call,
  Kind.Pair,
  Kind.KeywordArgument,
  Kind.DefaultParameter,
  Kind.BinaryOperator,
  Kind.BooleanOperator,
  Kind.ComparisonOperator,
  Kind.AugmentedAssignment,
  Kind.Assignment,
  Kind.DottedName,
];
export const startsWithChild = tableOf([...likeTheirChildren, Kind.ExpressionStatement, Kind.Subscript]);

const compound = [
  Kind.IfStatement,
  Kind.ElifClause,
  Kind.ElseClause,
  Kind.WhileStatement,
  Kind.ForStatement,
  Kind.TryStatement,
  Kind.ExceptClause,
  Kind.FinallyClause,
  Kind.WithStatement,
  Kind.FunctionDefinition,
  Kind.ClassDefinition,
];
export const endsWithChild = tableOf([
  ...likeTheirChildren,
  ...compound,
  Kind.NotOperator,
  Kind.UnaryOperator,
  Kind.RaiseStatement,
]);

/** Statements that a line break behind one of their children ends. */
export const isSimple = tableOf([Kind.ExpressionStatement, Kind.ReturnStatement]);

/** Kinds that end with their last child if a line break follows it, and may else end in a comma or semicolon. */
export const endsWithLine = tableOf([Kind.ExpressionStatement, Kind.ReturnStatement, Kind.Block]);

const bracketed = [
  Kind.ArgumentList,
  Kind.Parameters,
  Kind.ParenthesizedExpression,
  Kind.Tuple,
  Kind.List,
  Kind.Set,
  Kind.Dictionary,
];
/** Kinds that a bracket opens and the same kind of bracket closes, with nothing outside. */
export const isBracketed = tableOf(bracketed);

/** Kinds whose first token is a keyword or a bracket, no node of its own. */
export const opensWithToken = tableOf([
  ...bracketed,
  ...compound,
  Kind.ReturnStatement,
  Kind.RaiseStatement,
  Kind.NotOperator,
  Kind.UnaryOperator,
]);

/** The character between two children, where they are told apart by one. */
export const separator = new Uint8Array(symbolSpace);
for (const kind of [...bracketed, Kind.ExpressionList, Kind.PatternList]) separator[kind] = ",".charCodeAt(0);
for (const kind of [Kind.Assignment, Kind.KeywordArgument, Kind.DefaultParameter])
  separator[kind] = "=".charCodeAt(0);
for (const kind of [...compound, Kind.Pair]) separator[kind] = ":".charCodeAt(0);

/** Kinds whose text is a fixed word. */
export const fixedLength = new Uint8Array(symbolSpace);
fixedLength[Kind.None] = 4;
fixedLength[Kind.True] = 4;
fixedLength[Kind.False] = 5;

/** What the grammar lets stand anywhere; such a child has no field and is nobody's operand. */
export const isExtra = tableOf([Kind.Error, Kind.Comment, Kind.LineContinuation]);
