import { LONGEST } from './disguise.js';
import { type OnLiteral, type Prefilter, SLACK } from './prefilter.js';
import { ENTRIES, FIRSTS, KEYS, MULTIPLIER, SLOTS, VALUES } from './table.js';
import type { Table } from './tables.js';

/** The prefilter in plain JavaScript: the twin of `kernels/search.ts` for machines without WebAssembly SIMD. */
export class ScalarPrefilter implements Prefilter {
  readonly kind = 'scalar';
  readonly memory: Uint8Array;
  readonly #words: Uint32Array;
  readonly #bits: Uint32Array;
  readonly #keys: Uint32Array;
  readonly #firsts: Uint16Array;
  readonly #entries: Uint32Array;
  readonly #values: Uint8Array;
  readonly #zlib: number;

  constructor({ image, outers }: Table, capacity: number) {
    this.#zlib = outers.length - 1;
    const buffer = new ArrayBuffer(((capacity + 3) & ~3) + SLACK);
    this.memory = new Uint8Array(buffer, 0, capacity);
    this.#words = new Uint32Array(buffer);
    this.#keys = new Uint32Array(image.buffer, image.byteOffset + KEYS, SLOTS);
    this.#bits = bitsOf(image, this.#keys);
    this.#firsts = new Uint16Array(image.buffer, image.byteOffset + FIRSTS, SLOTS);
    this.#entries = new Uint32Array(image.buffer, image.byteOffset + ENTRIES, (VALUES - ENTRIES) / 4);
    this.#values = image.subarray(VALUES);
  }

  find(from: number, limit: number, end: number, found: OnLiteral): void {
    const words = this.#words;
    const bits = this.#bits;
    const last = Math.min(end, limit + LONGEST) >> 2;
    for (let index = from >> 2; index <= last; index++) {
      const word = words[index]!;
      const hash = Math.imul(word, MULTIPLIER);
      if (((bits[hash >>> 20]! >>> (hash >>> 15)) & 1) !== 0) {
        this.#compare(word, hash, index << 2, from, limit, end, found);
      }
    }
  }

  findZlib(from: number, limit: number, end: number, found: OnLiteral): void {
    const { memory } = this;
    const last = Math.min(limit, end - LONGEST + 1);
    for (let at = memory.indexOf(0x65, from); at !== -1 && at < last; at = memory.indexOf(0x65, at + 1)) {
      const least = ZLIB_LEVELS[memory[at + 1]!]!;
      const third = memory[at + 2]!;
      if (third >= least && third <= least + 3 && this.#goesOn(at) && this.#isNoWord(at)) {
        found(at, this.#zlib);
      }
    }
  }

  #goesOn(at: number): boolean {
    for (let next = at + 3; next < at + LONGEST; next++) if (!mayBeBase64(this.memory[next]!)) return false;
    return true;
  }

  #isNoWord(at: number): boolean {
    const { memory } = this;
    if (at === 0 || !isAlphanumeric(memory[at - 1]!)) return true;
    return (
      memory[at - 2] === 0x5c ||
      memory[at - 3] === 0x25 ||
      (memory[at - 6] === 0x5c && memory[at - 5] === 0x75)
    );
  }

  countLines(from: number, to: number): number {
    let lines = 0;
    for (let at = this.memory.indexOf(10, from); at !== -1 && at < to; at = this.memory.indexOf(10, at + 1)) {
      lines++;
    }
    return lines;
  }

  #compare(
    word: number,
    hash: number,
    at: number,
    from: number,
    limit: number,
    end: number,
    found: OnLiteral,
  ): void {
    let slot = hash >>> 17;
    for (; this.#keys[slot] !== word; slot = (slot + 1) % SLOTS) if (this.#keys[slot] === 0) return;
    for (let next = this.#firsts[slot]!; ; next++) {
      const entry = this.#entries[next]!;
      const start = at + 1 - ((entry >>> 16) & 15);
      const length = (entry >>> 20) & 31;
      if (start >= from && start < limit && start + length <= end) {
        const literal = entry & 0xffff;
        if (this.#stands(literal, start, length)) found(start, literal);
      }
      if (entry >>> 31 === 1) return;
    }
  }

  #stands(literal: number, start: number, length: number): boolean {
    const offset = LONGEST * literal;
    for (let index = 0; index < length; index++) {
      if (this.memory[start + index] !== this.#values[offset + index]) return false;
    }
    return true;
  }
}

/** By the second character, the first of four that the third may be: the headers of zlib (RFC 1950, 2.2) by their level. */
const ZLIB_LEVELS = new Uint16Array(256).fill(256);
for (const [level, third] of ['Jw', 'No', 'AE', 'F4'])
  ZLIB_LEVELS[level!.charCodeAt(0)] = third!.charCodeAt(0);

/** Of either alphabet, or what escapes one of it. */
function mayBeBase64(byte: number): boolean {
  return isAlphanumeric(byte) || '+-/_%\\'.includes(String.fromCharCode(byte));
}

function isAlphanumeric(byte: number): boolean {
  return (byte >= 0x30 && byte < 0x3a) || ((byte | 0x20) >= 0x61 && (byte | 0x20) < 0x7b);
}

const known = new WeakMap<Uint8Array, Uint32Array>();

/** A bit for each hash of a word: whether a gram has it. Made once of an image. */
function bitsOf(image: Uint8Array, keys: Uint32Array): Uint32Array {
  const made = known.get(image);
  if (made !== undefined) return made;
  const bits = new Uint32Array(4096);
  for (const key of keys) {
    if (key === 0) continue;
    const hash = Math.imul(key, MULTIPLIER);
    bits[hash >>> 20]! |= 1 << (hash >>> 15);
  }
  known.set(image, bits);
  return bits;
}
