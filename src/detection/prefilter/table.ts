import { base64Disguises, LONGEST } from './disguise.js';
import type { Literal } from './literals.js';

/**
 * The literals as both kernels read them, one flat image. Input is read in aligned words of four bytes. Of each literal
 * four windows of four bytes are chosen, one for each alignment that it may have, so every occurrence holds exactly one
 * chosen window ("gram" below) in exactly one aligned word. An open hash table leads from grams to the literals to
 * compare; what rules out most words before that, each kernel makes of it for itself. Of short literals, windows may reach
 * over an end by a character: then each character that may stand there makes a gram.
 *
 * The offsets are repeated in `kernels/search.ts`.
 */
export const KEYS = 0;
export const SLOTS = 32768;
export const FIRSTS = KEYS + 4 * SLOTS;
export const ENTRIES = FIRSTS + 2 * SLOTS;
export const MOST_ENTRIES = 65024;
export const VALUES = ENTRIES + 4 * MOST_ENTRIES;
export const MOST_LITERALS = 14336;
export const IMAGE_BYTES = VALUES + LONGEST * MOST_LITERALS;

/** Knuth's multiplicative hash; its top bits choose the slot. */
export const MULTIPLIER = 0x9e3779b1;

/**
 * Of a gram's entries, this one and all after it are of literals that reach over the word after the gram or, if not, over
 * the one before: a look at both words rules most of them out at once.
 */
export const PAIRED = 1 << 30;

/** A literal and the four windows (offsets from -1, by the remainder of their position) that the table holds of it. */
export interface WindowedLiteral extends Literal {
  readonly windows: readonly number[];
}

export function buildImage(literals: readonly WindowedLiteral[]): Uint8Array {
  const image = new Uint8Array(IMAGE_BYTES);
  const view = new DataView(image.buffer);
  const byGram = new Map<number, { alone: number[]; paired: number[] }>();
  if (literals.length > MOST_LITERALS) throw new RangeError('more literals than the image holds');
  for (const [index, literal] of literals.entries()) {
    const { text, windows } = literal;
    image.set(Buffer.from(text, 'latin1'), VALUES + LONGEST * index);
    for (const offset of windows) {
      const entry = index | ((offset + 1) << 16) | (text.length << 20);
      for (const gram of gramsAt(literal, offset)) {
        const entries = byGram.get(gram) ?? { alone: [], paired: [] };
        byGram.set(gram, entries);
        (offset + 8 <= text.length || offset >= 4 ? entries.paired : entries.alone).push(entry);
      }
    }
  }
  let next = 0;
  for (const [gram, { alone, paired }] of byGram) {
    // Those that end with the gram last: what stands behind it tells nothing of them.
    alone.sort((a, b) => Number(reachOf(a) <= 4) - Number(reachOf(b) <= 4));
    const entries = [...alone, ...paired.map((entry, index) => (index === 0 ? entry | PAIRED : entry))];
    let slot = Math.imul(gram, MULTIPLIER) >>> 17;
    while (view.getUint32(KEYS + 4 * slot, true) !== 0) slot = (slot + 1) % SLOTS;
    view.setUint32(KEYS + 4 * slot, gram, true);
    view.setUint16(FIRSTS + 2 * slot, next, true);
    if (next + entries.length > MOST_ENTRIES) throw new RangeError('more windows than the image holds');
    for (const [index, entry] of entries.entries()) {
      const last = index === entries.length - 1 ? 1 << 31 : 0;
      view.setUint32(ENTRIES + 4 * next++, (entry | last) >>> 0, true);
    }
  }
  return image;
}

/**
 * Chooses the windows: few different grams, because each costs false alarms, and of those the ones that ordinary text
 * holds least.
 */
export function chooseWindows(literals: readonly Literal[]): WindowedLiteral[] {
  const uses = new Map<number, number>();
  for (const { text } of literals) {
    for (let offset = 0; offset + 4 <= text.length; offset++) {
      const gram = gramAt(text, offset);
      uses.set(gram, (uses.get(gram) ?? 0) + 1);
    }
  }
  const chosen = new Set<number>();
  const crowded = crowdedGrams(literals);
  const ordered = [...literals.entries()].sort(([, a], [, b]) => a.text.length - b.text.length);
  const windows: number[][] = literals.map(() => []);
  for (const [index, { text, after, outer, group }] of ordered) {
    windows[index] = [0, 1, 2, 3].map((alignment) => {
      let best = -1;
      let bestScore = Number.NEGATIVE_INFINITY;
      for (let offset = alignment; offset + 4 <= text.length; offset += 4) {
        const gram = gramAt(text, offset);
        const shared = chosen.has(gram) ? 6 : Math.log2(uses.get(gram) ?? 1);
        const score =
          shared -
          ordinariness(text, offset) -
          (!crowded.has(gram) ? 0 : isCut(outer, group) ? 2 : chosen.has(gram) ? 40 : 50);
        if (gram !== 0 && score > bestScore) {
          best = offset;
          bestScore = score;
        }
      }
      if (best === -1 && after !== undefined) return alignment + 4 <= text.length + 1 ? alignment : BEFORE;
      if (best === -1)
        throw new RangeError('a literal that is zeros at some alignment can not be looked for');
      chosen.add(gramAt(text, best));
      return best;
    });
  }
  return literals.map((literal, index) => ({ ...literal, windows: windows[index]! }));
}

/** Of two parts of a prefix, crowded grams are all that text does not hold everywhere. */
const isCut = (outer: string, group: number) =>
  outer === 'cut-lines' || outer === 'markup' || (outer === 'folded' && group > 0);

/** The window that begins a character before the literal does. */
const BEFORE = -1;

/** How far the literal of an entry goes from the beginning of its window on. */
function reachOf(entry: number): number {
  return ((entry >>> 20) & 31) - (((entry >>> 16) & 15) - 1);
}

const ANY = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('');

/** What may stand in a window of a literal. */
function gramsAt({ text, after = '', before = ANY }: Literal, offset: number): number[] {
  if (offset === BEFORE) {
    return [...before].map((byte) => gramAt(byte + text, 0));
  }
  if (offset + 4 <= text.length) return [gramAt(text, offset)];
  return [...after].map((next) => gramAt(text + next, offset));
}

/**
 * The grams of a plain prefix and of its base64: what near misses are made of, so no other literal should be compared
 * at them if it can be avoided.
 */
function crowdedGrams(literals: readonly Literal[]): Set<number> {
  const grams = new Set<number>();
  for (const prefix of literals.filter(({ outer }) => outer === 'plain')) {
    for (const { text } of [prefix, ...base64Disguises(prefix.text)]) {
      for (let offset = 0; offset + 4 <= text.length; offset++) grams.add(gramAt(text, offset));
    }
  }
  return grams;
}

export function gramAt(text: string, offset: number): number {
  let gram = 0;
  for (let index = 3; index >= 0; index--) gram = (gram << 8) | text.charCodeAt(offset + index);
  return gram >>> 0;
}

/** How likely ordinary files hold these four bytes: a rough weight in bits, for comparison only. */
function ordinariness(text: string, offset: number): number {
  let weight = 0;
  for (let index = offset; index < offset + 4; index++) {
    const character = text[index]!;
    if (character === '\0') weight += 3.5;
    // Indentation.
    else if (character === ' ' && index > offset && /[ \n]/.test(text[index - 1]!)) weight += 7;
    else if (/[a-z ]/.test(character)) weight += 2.5;
    else if (/[0-9:]/.test(character)) weight += 3;
    // What parts strings of JSON, and tags.
    else if (/[",<>/]/.test(character)) weight += 3;
    else if (/[A-Z\n]/.test(character)) weight += 1;
  }
  return weight;
}
