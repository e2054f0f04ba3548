/** Turns the bytes of a Python file into text the way CPython does: byte-order mark, then PEP 263 cookie, then UTF-8. */
import { TextDecoder } from "node:util";

export interface DecodedSource {
  readonly text: string;
  /** What a user should know about the decoding, absent when nothing was lost. */
  readonly note?: string;
}

// https://docs.python.org/3/reference/lexical_analysis.html#encoding-declarations: first or second line, and the
// second counts only when the first is blank or a comment.
const cookie = /^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)/;
const blankOrComment = /^[ \t\f]*(?:#.*)?$/;

/** Python's names that WHATWG's table (https://encoding.spec.whatwg.org/#names-and-labels) does not know. */
const pythonNames = new Map([
  ["utf8-sig", "utf-8"],
  ["utf-8-sig", "utf-8"],
  ["utf", "utf-8"],
  ["u8", "utf-8"],
  ["latin", "latin1"],
  ["latin-1", "latin1"],
  ["iso-latin-1", "latin1"],
  ["iso8859-1", "latin1"],
  ["8859", "latin1"],
  ["646", "ascii"],
  ["eucjp", "euc-jp"],
  ["euckr", "euc-kr"],
  ["shiftjis", "shift_jis"],
  ["cp932", "shift_jis"],
  ["cp936", "gbk"],
  ["cp949", "euc-kr"],
  ["cp950", "big5"],
]);

/** Never throws: bytes that do not fit their encoding become U+FFFD, and the note says so. */
export function decodePython(bytes: Uint8Array): DecodedSource {
  const declared = hasByteOrderMark(bytes) ? undefined : declaredEncoding(bytes);
  const decoder = decoderFor(declared ?? "utf-8");
  const encoding = decoder?.encoding ?? "utf-8";
  const problem = decoder === undefined ? `unknown encoding "${declared}", read as UTF-8` : undefined;
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return problem === undefined ? { text } : { text, note: problem };
  } catch {
    const text = new TextDecoder(encoding).decode(bytes);
    return { text, note: problem ?? `bytes that are not ${encoding} were replaced` };
  }
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 1024));
  const [first = "", second = ""] = head.split(/\r\n|\r|\n/, 2);
  const match = cookie.exec(first) ?? (blankOrComment.test(first) ? cookie.exec(second) : null);
  return match?.[1];
}

function decoderFor(name: string): TextDecoder | undefined {
  const label = name.toLowerCase().replaceAll("_", "-");
  for (const candidate of [pythonNames.get(label), label, name, label.replaceAll("-", "_")]) {
    if (candidate === undefined) {
      continue;
    }
    try {
      return new TextDecoder(candidate);
    } catch {
      // Not a label the platform knows; try the next spelling.
    }
  }
  return undefined;
}
