import type { Encoding } from './encoding.js';

/** Bytes as one decoding gives them, with the place each came from. Offsets are those of the bytes that were decoded. */
export interface DecodedView {
  readonly encoding: Encoding;
  readonly bytes: Uint8Array;
  /** Where the encoded form of each byte starts and ends. Forms of neighbours may share characters, as in base64. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** Set when decoding stopped because the view was full, not because the encoded text ended. */
  readonly full: boolean;
  /** The first byte that was not decoded. */
  readonly stop: number;
}

/** Undoes one layer around `at`, where `group` says how a group of the encoding lies to it (see `Disguise`). */
export type Decoder = (bytes: Uint8Array, at: number, group: number) => DecodedView | undefined;

/** How far a decoder reads before and after the place it is pointed at; what a session keeps around each chunk. */
export const READ_BEFORE = 2048;
export const READ_AFTER = 12 * 1024;
/** What a view holds at most: a token in two more layers of the widest encodings. */
export const VIEW_BYTES = 4096;

/** Stands in a view for what can't be part of a token: no ASCII character. */
export const NOT_TEXT = 0xff;

/** Collects a view, byte for byte. */
export class ViewBuilder {
  readonly #bytes = new Uint8Array(VIEW_BYTES);
  readonly #starts = new Uint32Array(VIEW_BYTES);
  readonly #ends = new Uint32Array(VIEW_BYTES);
  length = 0;

  get full(): boolean {
    return this.length === VIEW_BYTES;
  }

  push(byte: number, start: number, end: number): void {
    if (this.full) return;
    this.#bytes[this.length] = byte;
    this.#starts[this.length] = start;
    this.#ends[this.length++] = end;
  }

  /** @param next where decoding stopped, of the `limit` that it may read in `bytes`. */
  view(encoding: Encoding, next: number, limit: number, bytes: Uint8Array): DecodedView {
    return {
      encoding,
      bytes: this.#bytes.subarray(0, this.length),
      starts: this.#starts.subarray(0, this.length),
      ends: this.#ends.subarray(0, this.length),
      stop: next,
      full: this.full || (next >= limit && limit < bytes.length),
    };
  }
}
