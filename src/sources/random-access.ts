import type { ByteStream } from '../model/source.js';
import type { RandomAccess, SharedBytes } from './file-tree.js';

/** Bytes in memory. `lent` says that they are valid only until the next item is asked for. */
export class MemoryAccess implements RandomAccess {
  readonly bytes: Uint8Array;
  readonly lent: boolean;

  constructor(bytes: Uint8Array, lent = false) {
    this.bytes = bytes;
    this.lent = lent;
  }

  get size(): number {
    return this.bytes.length;
  }

  readAt(position: number, into: Uint8Array): number {
    const part = this.bytes.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  }

  close(): void {}

  shared(start: number, size: number): SharedBytes {
    const part = this.bytes.subarray(start, start + size);
    const bytes = new SharedArrayBuffer(part.length);
    new Uint8Array(bytes).set(part);
    return { bytes, start: 0, size: part.length };
  }
}

/** Bytes in memory, in pieces one behind the other: put together they would take twice the room for a moment. */
export class PartsAccess implements RandomAccess {
  readonly #parts: readonly Uint8Array[];
  /** Where each piece begins. */
  readonly #starts: readonly number[];
  readonly size: number;

  constructor(parts: readonly Uint8Array[], size: number) {
    let start = 0;
    this.#parts = parts;
    this.#starts = parts.map(({ length }) => {
      start += length;
      return start - length;
    });
    this.size = size;
  }

  readAt(position: number, into: Uint8Array): number {
    let filled = 0;
    for (let at = this.#partAt(position); at < this.#parts.length && filled < into.length; at++) {
      const from = position + filled - this.#starts[at]!;
      const piece = this.#parts[at]!.subarray(from, from + into.length - filled);
      into.set(piece, filled);
      filled += piece.length;
    }
    return filled;
  }

  close(): void {}

  shared(start: number, size: number): SharedBytes {
    const bytes = new SharedArrayBuffer(Math.max(0, Math.min(size, this.size - start)));
    this.readAt(start, new Uint8Array(bytes));
    return { bytes, start: 0, size: bytes.byteLength };
  }

  /** The last piece that begins at or before `position`; past the end there is none. */
  #partAt(position: number): number {
    if (position >= this.size) return this.#parts.length;
    let low = 0;
    let high = this.#parts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#starts[middle]! <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** A part of something else, from `start` for at most `length` bytes. Closing it leaves the whole open. */
export class WindowAccess implements RandomAccess {
  readonly whole: RandomAccess;
  readonly start: number;
  readonly size: number;

  constructor(whole: RandomAccess, start: number, length: number) {
    this.whole = whole;
    this.start = start;
    this.size = Math.max(0, Math.min(length, whole.size - start));
  }

  readAt(position: number, into: Uint8Array): number {
    const left = this.size - position;
    if (left <= 0) return 0;
    return this.whole.readAt(this.start + position, left < into.length ? into.subarray(0, left) : into);
  }

  close(): void {}

  shared(start: number, size: number): SharedBytes | undefined {
    return this.whole.shared?.(this.start + start, Math.min(size, this.size - start));
  }
}

/** Several things one behind the other, as one. Closing it leaves them open. */
export class JoinedAccess implements RandomAccess {
  protected readonly parts: readonly RandomAccess[];
  /** Where each part begins. */
  protected readonly starts: readonly number[];
  readonly size: number;

  constructor(parts: readonly RandomAccess[]) {
    let start = 0;
    this.parts = parts;
    this.starts = parts.map(({ size }) => {
      start += size;
      return start - size;
    });
    this.size = start;
  }

  readAt(position: number, into: Uint8Array): number {
    const at = this.#partAt(position);
    return this.parts[at]?.readAt(position - this.starts[at]!, into) ?? 0;
  }

  close(): void {}

  shared(start: number, size: number): SharedBytes | undefined {
    const pieces: SharedBytes[] = [];
    const end = Math.min(start + size, this.size);
    for (let position = start; position < end; position += pieces.at(-1)!.size) {
      const at = this.#partAt(position);
      const from = position - this.starts[at]!;
      const part = this.parts[at]!;
      const piece = part.shared?.(from, Math.min(part.size - from, end - position));
      if (piece === undefined) return undefined;
      pieces.push(piece);
    }
    return { start: 0, size: end - start, pieces };
  }

  /** The index of the part that holds a byte; that behind the last where none does. */
  #partAt(position: number): number {
    let low = 0;
    let high = this.parts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.starts[middle]! + this.parts[middle]!.size <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Reads something with random access from front to back. */
export class AccessStream implements ByteStream {
  readonly access: RandomAccess;
  #position = 0;

  constructor(access: RandomAccess) {
    this.access = access;
  }

  read(into: Uint8Array): number {
    const length = this.access.readAt(this.#position, into);
    this.#position += length;
    return length;
  }

  seek(position: number): void {
    this.#position = position;
  }

  close(): void {
    this.access.close();
  }

  reopen(): AccessStream {
    return new AccessStream(this.access);
  }
}

/** Up to `length` bytes from `position` on, in a fresh buffer. */
export function bytesAt(access: RandomAccess, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, access.size - position)));
  return bytes.subarray(0, fill(access, position, bytes));
}

/** Reads bytes from `position` on, as many as fit and are there; gives how many. */
export function fill(access: RandomAccess, position: number, into: Uint8Array): number {
  let filled = 0;
  while (filled < into.length) {
    const count = access.readAt(position + filled, into.subarray(filled));
    if (count === 0) break;
    filled += count;
  }
  return filled;
}
