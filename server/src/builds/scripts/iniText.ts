/** The sections, keys and values of `setup.cfg` and its like, with their places. */

export interface IniEntry {
  readonly section: string;
  /** In lower case, with underscores. */
  readonly key: string;
  /** Offsets of the key, and of the value with its further lines. */
  readonly start: number;
  readonly keyEnd: number;
  readonly value: string;
  readonly valueStart: number;
}

export function iniEntries(text: string): IniEntry[] {
  const found: IniEntry[] = [];
  let section = "";
  const pattern =
    /^(?:\[([^\]\n]+)\]|([A-Za-z_][\w.-]*)[ \t]*[=:][ \t]*([^\n]*(?:\n(?:[ \t]+[^\n]*|[ \t]*(?=\n[ \t])))*))/gm;
  for (const match of text.matchAll(pattern)) {
    if (match[1] !== undefined) {
      section = match[1].trim();
      continue;
    }
    const name = match[2]!;
    const value = match[3] ?? "";
    found.push({
      section,
      key: name.toLowerCase().replaceAll("-", "_"),
      start: match.index,
      keyEnd: match.index + name.length,
      value,
      valueStart: match.index + match[0].length - value.length,
    });
  }
  return found;
}

/** The lines of a value without comments, each with its offset in the text. */
export function linesOf({ value, valueStart }: IniEntry): { text: string; start: number }[] {
  const found: { text: string; start: number }[] = [];
  for (const match of value.matchAll(/[^\n]+/g)) {
    const text = match[0].trim();
    if (text !== "" && !/^[#;]/.test(text))
      found.push({ text, start: valueStart + match.index + match[0].indexOf(text) });
  }
  return found;
}
