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
/** How far before that the beginning of a line is looked for: container engines cut lines at 16 KiB. */
export const LINE_BEFORE = 17 * 1024;
/** What a view holds at most: a token in two more layers of the widest encodings. */
export const VIEW_BYTES = 4096;

/** Stands in a view for what can't be part of a token: no ASCII character. */
export const NOT_TEXT = 0xff;

/** Where views are collected, one after the other: most are a few bytes long, and making room for the longest is dear. */
const BYTES = new Uint8Array(VIEW_BYTES);
const STARTS = new Uint32Array(VIEW_BYTES);
const ENDS = new Uint32Array(VIEW_BYTES);

/** Collects a view, byte for byte; one at a time. */
export class ViewBuilder {
  length = 0;

  get full(): boolean {
    return this.length === VIEW_BYTES;
  }

  push(byte: number, start: number, end: number): void {
    if (this.full) return;
    BYTES[this.length] = byte;
    STARTS[this.length] = start;
    ENDS[this.length++] = end;
  }

  /** @param next where decoding stopped, of the `limit` that it may read in `bytes`. */
  view(encoding: Encoding, next: number, limit: number, bytes: Uint8Array): DecodedView {
    return {
      encoding,
      bytes: BYTES.slice(0, this.length),
      starts: STARTS.slice(0, this.length),
      ends: ENDS.slice(0, this.length),
      stop: next,
      full: this.full || (next >= limit && limit < bytes.length),
    };
  }
}
