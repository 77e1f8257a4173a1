import { BASE85 } from '../decode/base85.js';
import { type Disguise, SHORTEST } from './disguise.js';

const GROUP = 5;
/** The first and the last byte that a token may go on with. */
const LEAST = 0x2d;
const MOST = 0x7a;
/** Digits that depend on what follows are put in as long as they are few. */
const FEW = 3;

/**
 * What base85 makes of a prefix at each of four places in a group of four bytes, in each family: the groups that lie in it,
 * and of the next one the digits that what follows hardly changes.
 */
export function base85Disguises(prefix: string): Disguise[] {
  return BASE85.flatMap(({ digits }, family) =>
    [0, 1, 2, 3].flatMap((skipped) => {
      const whole = prefix.slice(skipped);
      const count = whole.length >> 2;
      const first = Array.from({ length: count }, (_, at) => wordOf(whole.slice(4 * at, 4 * at + 4)))
        .flatMap(digitsOf)
        .map((digit) => digits[digit]!)
        .join('');
      return goingOn(whole.slice(4 * count)).map(({ known, next }) => {
        const text = first + known.map((digit) => digits[digit]!).join('');
        const after = next.map((digit) => digits[digit]!).join('');
        const disguise = { text, outer: 'base85' as const, group: family };
        return text.length < SHORTEST && after !== '' ? { ...disguise, after, before: digits } : disguise;
      });
    }),
  );
}

interface Digits {
  readonly known: readonly number[];
  readonly next: readonly number[];
}

/** The digits that a group may begin with whose first bytes are known; and which may follow. */
function goingOn(rest: string, known: readonly number[] = []): Digits[] {
  const least = digitsOf(wordOf(rest + String.fromCharCode(LEAST) + '\0'.repeat(3 - rest.length)));
  const most = digitsOf(wordOf(rest + String.fromCharCode(MOST) + '\xff'.repeat(3 - rest.length)));
  return between(least, most, known);
}

function between(least: readonly number[], most: readonly number[], known: readonly number[]): Digits[] {
  const at = known.length;
  const [from, to] = [least[at]!, most[at]!];
  const next = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  if (at === GROUP - 2 || next.length > FEW) return [{ known, next }];
  return next.flatMap((digit) =>
    between(
      digit === from ? least : [...least.slice(0, at + 1), ...Array(GROUP - at - 1).fill(0)],
      digit === to ? most : [...most.slice(0, at + 1), ...Array(GROUP - at - 1).fill(84)],
      [...known, digit],
    ),
  );
}

function wordOf(text: string): number {
  return Buffer.from(text, 'latin1').readUInt32BE(0);
}

function digitsOf(word: number): number[] {
  return Array.from({ length: GROUP }, (_, at) => Math.floor(word / 85 ** (GROUP - 1 - at)) % 85);
}
