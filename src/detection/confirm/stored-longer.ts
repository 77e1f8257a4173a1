/** As far back the beginning of a value is looked for: of one that lies behind its length, or whose length tells little by itself. */
const LONGEST = 1024;
const LONGEST_TOLD = 200;
/** Compiled Python: short ASCII, interned or not. */
const OF_PYTHON = new Set([0xda, 0xfa]);
/** ASN.1, as certificates have it: a text of UTF-8, and the sequence or set that follows. */
const OF_ASN = 0x0c;
const NEXT_IN_ASN = new Set([0x30, 0x31]);
const OF_JAVA = 0x74;
/** A text whose length stands in the next byte; what is less than that says a length itself (from 0x60 on). */
const TEXT_OF_CBOR = 0x78;
/** What may stand behind a value of Python or Java besides the next one: where it is remembered, or was before. */
const REMEMBERED = 0x71;
const TILDE = 0x7e;
/** Instructions of a pickle that may follow (pickletools.py). */
const INSTRUCTIONS = new Set([...'XUCBTKJMGNhjsuaetl}]().'].map((letter) => letter.charCodeAt(0)));
/** A kind, and a length or a number that is a letter. */
const LONGEST_TAIL = 2;
/** A node of LMDB (mdb.c): the length of its value in four bytes, flags, the length of its key in two. */
const NODE = 8;
const LONGEST_KEY = 511;

export type Tell = (begin: number, length: number, isSure: boolean) => void;

/**
 * Lengths before a text of which the prefix is not the beginning (`//registry/:_authToken=tg_org_…`): it begins behind the
 * last byte that is no text, or near it.
 *
 * @param run where the characters of a body end, of which the last may belong to the next value
 */
export function lengthsOfLonger(bytes: Uint8Array, start: number, run: number, tell: Tell): void {
  textsOfCbor(bytes, start, run, tell);
  const at = lastControl(bytes, start);
  if (at === undefined) return;
  wideLengths(bytes, at, run, tell);
  if (start - at > LONGEST_TOLD) return;
  const tails = (begin: number, length: number) => {
    const tail = run - begin - length;
    const isTail = tail > 0 && tail <= LONGEST_TAIL && isMark(bytes[run]);
    tell(begin, length, begin < start && (isTail || (tail > 0 && isRecord(bytes, begin + length))));
  };
  // Behind a kind that is a letter; behind a mark that belongs to the value, as Chromium has it before text.
  tails(at + 3, bytes[at + 2]!);
  if (bytes[at] === 1 && at > 0) tails(at, bytes[at - 1]!);
  kindsBefore(bytes, start, run, tell);
  if (at + 2 > start - 1) return;
  tails(at + 2, bytes[at + 1]!);
  tails(at + 1, bytes[at]!);
  if (bytes[at] !== 0) return;
  const isLong = bytes[at - 1] === 0 && bytes[at - 2] === 0;
  tell(at + 1, bytes[at - (isLong ? 3 : 1)] ?? 0, false);
}

/**
 * Texts of CBOR (RFC 8949), of which each follows the one before, from a byte that no text has (a map or a list begins with
 * one) on beyond `run`: between them there is nothing but their lengths, and those may be letters.
 */
function textsOfCbor(bytes: Uint8Array, start: number, run: number, tell: Tell): void {
  let from = start - 1;
  const floor = Math.max(0, start - LONGEST_TOLD);
  while (from > floor && isText(bytes[from])) from--;
  if (isText(bytes[from])) return;
  let found: { begin: number; end: number } | undefined;
  let next = from + 1;
  while (next < run) {
    const kind = bytes[next]!;
    const begin = next + (kind === TEXT_OF_CBOR ? 2 : 1);
    if (kind < 0x60 || kind > TEXT_OF_CBOR) return;
    next = begin + (kind === TEXT_OF_CBOR ? bytes[next + 1]! : kind - 0x60);
    if (begin <= start && next > start) found = { begin, end: next };
    if (found !== undefined && bytes.subarray(begin, next).some(isControl)) return;
  }
  const isWhole = next >= run || bytes[run]! >= 0x80 || isMark(bytes[run]);
  if (found !== undefined && found.end < run && isWhole) tell(found.begin, found.end - found.begin, true);
}

/** Lengths of two bytes and four, which hardly anything else looks like. */
function wideLengths(bytes: Uint8Array, at: number, run: number, tell: Tell): void {
  const [first = 0, second = 0, third = 0, last] = [at - 3, at - 2, at - 1, at].map((place) => bytes[place]);
  const next = bytes[at + 1] ?? 0;
  const sure = (begin: number, length: number) => {
    const end = begin + length;
    if (end < run && isFollowed(bytes, end, run)) tell(begin, length, true);
  };
  // The lowest byte first, as Parquet, pickles and BSON have it; the highest first, as Thrift and Erlang do.
  if (last === 0 && third === 0) sure(at + 1, first + 256 * second);
  const isAlone = last === 0 && isFollowed(bytes, at + 2 + next, run);
  if (second === 0 && third === 0 && (isAlone || isLengthAt(bytes, at + 3 + 256 * last! + next, run)))
    sure(at + 2, 256 * last! + next);
  if (first === 0 && second === 0) sure(at + 1, 256 * third + last!);
  if (third === OF_JAVA && last === 0 && isOfJava(bytes, at + 2 + next)) tell(at + 2, next, true);
  const value = valueOfNode(bytes, at + 1 - NODE);
  if (value !== undefined && valueOfNode(bytes, value.begin + value.length) !== undefined)
    tell(value.begin, value.length, true);
}

/** The value of a node of LMDB, if one begins there. */
function valueOfNode(bytes: Uint8Array, at: number): { begin: number; length: number } | undefined {
  if (at < 0 || [2, 3, 4, 5].some((further) => bytes[at + further] !== 0)) return undefined;
  const key = (bytes[at + 6] ?? 0) + 256 * (bytes[at + 7] ?? 0);
  if (key === 0 || key > LONGEST_KEY) return undefined;
  return { begin: at + NODE + key, length: (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0) };
}

/** Whether another value may follow, of which `run` is in the middle: none does where a zero, white space or a mark ends a text. */
function isFollowed(bytes: Uint8Array, end: number, run: number): boolean {
  if (isLengthAt(bytes, end + 1, run) || isRemembered(bytes, end, run)) return true;
  return run - end <= LONGEST_TAIL && (isMark(bytes[run]) || bytes[run]! >= 0x80);
}

/** Whether a value of a pickle is remembered there, under any number, and the next instruction follows. */
function isRemembered(bytes: Uint8Array, end: number, run: number): boolean {
  return bytes[end] === REMEMBERED && run === end + 1 && INSTRUCTIONS.has(bytes[end + 2] ?? 0);
}

/** Whether the zeros of a length of four bytes begin there, where the characters of a body end, and no more zeros than those. */
function isLengthAt(bytes: Uint8Array, at: number, run: number): boolean {
  return (
    at === run && bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 0 && (bytes[at + 3] ?? 0) > 0
  );
}

function isOfJava(bytes: Uint8Array, end: number): boolean {
  if (bytes[end + 1] !== 0) return false;
  return bytes[end] === OF_JAVA || (bytes[end] === REMEMBERED && bytes[end + 2] === TILDE);
}

/** Lengths of one byte behind a kind that no text has, and no control character need stand before. */
function kindsBefore(bytes: Uint8Array, start: number, run: number, tell: Tell): void {
  for (let kind = start - 3; kind >= Math.max(0, start - LONGEST_TOLD); kind--) {
    if (isControl(bytes[kind + 2]) || bytes[kind + 2]! >= 0x80) return;
    const length = bytes[kind + 1]!;
    const end = kind + 2 + length;
    if (end >= run || length < 0x20 || length >= 0x80) continue;
    const isOfAsn = bytes[kind] === OF_ASN && NEXT_IN_ASN.has(bytes[end]!) && isLengthOfAsn(bytes[end + 1]);
    if (isOfAsn || OF_PYTHON.has(bytes[kind]!)) tell(kind + 2, length, true);
  }
}

/** A length of ASN.1: below 128, or how many bytes it takes. */
function isLengthOfAsn(byte = 0): boolean {
  return byte < 0x20 || (byte > 0x80 && byte < 0x85);
}

/** Whether a record of a log of LevelDB begins there: its sum, its length, its kind, and a number that is not very large. */
function isRecord(bytes: Uint8Array, at: number): boolean {
  const kind = bytes[at + 6] ?? 0;
  const length = (bytes[at + 4] ?? 0) + 256 * (bytes[at + 5] ?? 0);
  return (
    kind >= 1 && kind <= 2 && length > 12 && length < 0x8000 && bytes[at + 13] === 0 && bytes[at + 14] === 0
  );
}

/** The last byte before a text that no text has. */
function lastControl(bytes: Uint8Array, start: number): number | undefined {
  const floor = Math.max(0, start - LONGEST);
  for (let at = start - 1; at >= floor; at--) if (isControl(bytes[at])) return at;
  return undefined;
}

/** A control character, but for the one that ends texts. */
function isMark(byte: number | undefined): boolean {
  return byte !== 0 && isControl(byte);
}

function isText(byte: number | undefined): boolean {
  return byte !== undefined && byte < 0x80 && !isControl(byte);
}

/** What stands in no text: no white space, and nothing that terminals are told. */
export function isControl(byte: number | undefined): boolean {
  return byte !== undefined && byte < 0x20 && (byte < 0x07 || byte > 0x0d) && byte !== 0x1b;
}
