/** A run of bytes, half-open: `start` is its first byte, `end` the first byte after it. Offsets count from 0. */
export interface Span {
  readonly start: number;
  readonly end: number;
}
