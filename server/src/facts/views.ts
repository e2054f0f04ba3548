// Calls that stand for the elements of a container while somebody else may change it.

/** Calls that hand out the elements of their argument one by one, while somebody else may change it. */
export const lazyViews = new Set(["enumerate", "zip", "map", "filter", "reversed", "iter"]);

/** `six.iteritems(d)` and its like: what code for Python 2 and 3 calls a dictionary's views. */
export const compatibilityViews: ReadonlyMap<string, string> = new Map([
  ["iteritems", "items"],
  ["iterkeys", "keys"],
  ["itervalues", "values"],
  ["viewitems", "items"],
  ["viewkeys", "keys"],
  ["viewvalues", "values"],
]);
