import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';

/** The pages of a database, or of its write-ahead log, in the order in which they lie there. */
export interface Pages {
  readonly count: number;
  /** Whether there are more than are looked at. */
  readonly isCut: boolean;
  /** Bytes of a page that are used. */
  readonly usable: number;
  nth(index: number): { readonly number: number; readonly at: number };
  /** Which page of that number is meant on the page `near`; `undefined` where there is none. */
  find(number: number, near: number): number | undefined;
}

const WAL_HEADER = 32;
const FRAME_HEADER = 24;
/** Pages and frames of a log that are looked at: for each, a byte or two numbers are kept. */
const MOST_PAGES = 32 * 1024 * 1024;
const MOST_FRAMES = 1024 * 1024;

export function isWal(head: Uint8Array): boolean {
  return head[0] === 0x37 && head[1] === 0x7f && head[2] === 0x06 && (head[3]! & 0xfe) === 0x82;
}

/** `undefined` where the header names no size of pages that there is. */
export function pagesOf(access: RandomAccess): Pages | undefined {
  const header = bytesAt(access, 0, 100);
  if (header.length < 100) return undefined;
  if (isWal(header)) return pagesOfLog(access, header.readUInt32BE(8));
  const size = sizeIn(header);
  const usable = size - header[20]!;
  if (!isSize(size) || usable < 480) return undefined;
  const all = Math.ceil(access.size / size);
  const count = Math.min(all, MOST_PAGES);
  return {
    count,
    isCut: count < all,
    usable,
    nth: (index) => ({ number: index + 1, at: index * size }),
    find: (number) => (number > 0 && number <= count ? number - 1 : undefined),
  };
}

/** How long a database is by its header, where that was written with its last change (1.3.7): not by a program of before 2010. */
export function declaredLength(access: RandomAccess): number | undefined {
  const header = bytesAt(access, 0, 100);
  if (header.length < 100 || isWal(header)) return undefined;
  const isCurrent = header.readUInt32BE(24) === header.readUInt32BE(92);
  return isCurrent ? header.readUInt32BE(28) * sizeIn(header) : undefined;
}

/** A log holds a page as often as it was written: one that is meant was written with the one that means it, or near. */
function pagesOfLog(access: RandomAccess, size: number): Pages | undefined {
  if (!isSize(size)) return undefined;
  const step = FRAME_HEADER + size;
  const all = Math.max(0, Math.floor((access.size - WAL_HEADER) / step));
  const count = Math.min(all, MOST_FRAMES);
  const numbers = new Uint32Array(count);
  const frames = new Map<number, number[]>();
  for (let index = 0; index < count; index++) {
    const number = bytesAt(access, WAL_HEADER + index * step, 4).readUInt32BE(0);
    numbers[index] = number;
    const known = frames.get(number);
    if (known === undefined) frames.set(number, [index]);
    else known.push(index);
  }
  return {
    count,
    isCut: count < all,
    usable: size,
    nth: (index) => ({ number: numbers[index]!, at: WAL_HEADER + index * step + FRAME_HEADER }),
    find: (number, near) => nearest(frames.get(number) ?? [], near),
  };
}

function nearest(sorted: readonly number[], to: number): number | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < to) low = middle + 1;
    else high = middle;
  }
  const [before, behind] = [sorted[low - 1], sorted[low]];
  if (before === undefined || behind === undefined) return before ?? behind;
  return to - before < behind - to ? before : behind;
}

/** Of its pages; the largest does not fit the field. */
function sizeIn(header: Buffer): number {
  const named = header.readUInt16BE(16);
  return named === 1 ? 65536 : named;
}

function isSize(size: number): boolean {
  return size >= 512 && size <= 65536 && (size & (size - 1)) === 0;
}

/** Where a value begins: its bytes in a page, and how many more there are in others. */
interface Beginning {
  readonly start: number;
  readonly end: number;
  readonly left: number;
  /** The page that it begins in. */
  readonly near: number;
  /** How often each page was read as a part of a value; pages that have no count here are not. */
  readonly used: Uint8Array;
  /** How often at most that is done. */
  readonly most: number;
}

interface ChainPart {
  readonly index: number;
  /** Where it begins, in the file and in the value. */
  readonly at: number;
  readonly from: number;
  readonly length: number;
}

const WINDOW = 1024 * 1024;

/** Pages as they lie one behind the other, read many at a time. */
export class PageReader {
  readonly #access: RandomAccess;
  #window: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(access: RandomAccess) {
    this.#access = access;
  }

  /** Valid until the next call. */
  at(position: number, length: number): Buffer {
    const from = position - this.#start;
    const isAtEnd = this.#start + this.#window.length >= this.#access.size && this.#window.length > 0;
    if (from < 0 || (from + length > this.#window.length && !isAtEnd)) {
      this.#window = bytesAt(this.#access, position, WINDOW);
      this.#start = position;
      return this.#window.subarray(0, length);
    }
    return this.#window.subarray(from, from + length);
  }
}

/** A value that lies in several pages, as one: each page begins with the number of the next. It counts the pages that it takes. */
export class Chain implements RandomAccess {
  readonly start: number;
  readonly end: number;
  readonly size: number;
  readonly parts: readonly ChainPart[];
  readonly #access: RandomAccess;

  /** @param beginning with `start` equal to `end`, the page there is the first of the chain. */
  constructor(access: RandomAccess, pages: Pages, { start, end, left, near, used, most }: Beginning) {
    this.#access = access;
    this.start = start;
    this.end = end;
    const parts: ChainPart[] = [];
    const local = end - start;
    let from = local;
    const next = (at: number) => pages.find(numberAt(access, at), near);
    let index = local === 0 ? near : next(end);
    while (index !== undefined && from < local + left && ((used[index] ?? most) & 0x7f) < most) {
      const { at } = pages.nth(index);
      const length = Math.min(pages.usable - 4, local + left - from, access.size - at - 4);
      if (length <= 0) break;
      used[index]! += 1;
      parts.push({ index, at: at + 4, from, length });
      from += length;
      index = next(at);
    }
    this.parts = parts;
    this.size = from;
  }

  readAt(position: number, into: Uint8Array): number {
    const local = this.end - this.start;
    let filled = 0;
    while (filled < into.length && position + filled < this.size) {
      const at = position + filled;
      const part = at < local ? undefined : this.parts[this.#partAt(at)];
      const place = part === undefined ? this.start + at : part.at + at - part.from;
      const length = part === undefined ? local - at : part.from + part.length - at;
      const count = this.#access.readAt(place, into.subarray(filled, filled + length));
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }

  close(): void {}

  /** Parts are as long as each other, but for the last. */
  #partAt(at: number): number {
    const [first] = this.parts;
    return Math.min(Math.floor((at - first!.from) / first!.length), this.parts.length - 1);
  }
}

function numberAt(access: RandomAccess, at: number): number {
  const bytes = bytesAt(access, at, 4);
  return bytes.length === 4 ? bytes.readUInt32BE(0) : 0;
}
