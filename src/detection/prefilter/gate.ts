/**
 * The gate lets most ordinary text pass unhashed. A block of 16 bytes is hashed when it holds no byte of 0x20 to 0x2A
 * (as within base64, hex, UTF-16, escapes of every character: `run`), or holds one of
 *
 * - the three bytes up to the first `_` of a prefix, or what shares their nibbles
 * - `%`, `&` or a backslash
 * - `=` before 4 to 7: quoted-printable
 * - a digit of 4 to 7, any byte, a byte of 0x20 to 0x2A and a digit of 4 to 7: separated hex
 *
 * Most literals hold one of these. One that does not is a literal only where it lies in a run of {@link RUN} bytes, long
 * enough to hold a whole block at any alignment; a whole token in such a disguise is longer than that. Both kernels hold
 * to this, so that they find the same.
 *
 * Bytes are classified by two tables of 16, for their low and their high nibble: a byte is in the classes (bits) that
 * both name. The kernel looks up 16 bytes at once.
 */
export const RUN = 31;

const FIRST = 0x01;
const SECOND = 0x02;
const THIRD = 0x04;
const EQUALS = 0x08;
const FOUR_TO_SEVEN = 0x10;
const ALONE = 0x60;
const BREAKER = 0x80;

/** The two tables, low nibble first: 32 bytes. */
export function gateOf(prefixes: readonly string[]): Uint8Array {
  const tables = new Uint8Array(32);
  const put = (bit: number, codes: readonly number[]): void => {
    for (const code of codes) {
      tables[code & 15]! |= bit;
      tables[16 + (code >> 4)]! |= bit;
    }
  };
  for (const prefix of prefixes) {
    const end = Math.max(prefix.indexOf('_'), 2);
    for (const [index, bit] of [FIRST, SECOND, THIRD].entries())
      put(bit, [prefix.charCodeAt(end - 2 + index)]);
  }
  put(EQUALS, [0x3d]);
  put(FOUR_TO_SEVEN, [0x34, 0x35, 0x36, 0x37]);
  put(0x20, [0x25, 0x26]);
  put(0x40, [0x5c]);
  put(
    BREAKER,
    Array.from({ length: 11 }, (_, index) => 0x20 + index),
  );
  return tables;
}

/** Whether `text` (Latin-1) opens the gate by what it holds. */
export function opensGate(text: string, gate: Uint8Array): boolean {
  const classes = Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    return gate[code & 15]! & gate[16 + (code >> 4)]!;
  });
  const has = (index: number, bit: number): boolean => ((classes[index] ?? 0) & bit) !== 0;
  return classes.some(
    (_, index) =>
      has(index, ALONE) ||
      (has(index, THIRD) && has(index - 1, SECOND) && has(index - 2, FIRST)) ||
      (has(index, FOUR_TO_SEVEN) &&
        (has(index - 1, EQUALS) || (has(index - 1, BREAKER) && has(index - 3, FOUR_TO_SEVEN)))),
  );
}

/** Whether `[start, end)` lies in a run without breakers of {@link RUN} bytes or more. */
export function inRun(bytes: Uint8Array, start: number, end: number, filled: number): boolean {
  let first = start;
  while (first > 0 && end - first < RUN && !isBreaker(bytes[first - 1]!)) first--;
  let last = first;
  while (last < filled && last - first < RUN && !isBreaker(bytes[last]!)) last++;
  return last >= end && last - first >= RUN;
}

function isBreaker(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x2a;
}
