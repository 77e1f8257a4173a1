/** Told where a literal stands: its first byte in the prefilter's memory, and its index. */
export type OnLiteral = (start: number, literal: number) => void;

/** Finds literals in memory of its own, which callers fill. Two kernels stand behind it, and find the same. */
export interface Prefilter {
  readonly kind: 'simd' | 'scalar';
  /** Where input goes. Its length is the capacity. */
  readonly memory: Uint8Array;
  /**
   * Reports every literal that begins in `[from, limit)` and ends at `end` or before it, in order of their windows (not
   * strictly of their starts). Input stands in `[0, end)`.
   */
  find(from: number, limit: number, end: number, found: OnLiteral): void;
  /**
   * Reports every place in `[from, limit)` where base64 of zlib may begin: three characters, too few to be a
   * literal, and of the thirteen behind them each only known to be one of many. Apart
   * from {@link find}, because it costs a fifth more.
   */
  findZlib(from: number, limit: number, end: number, found: OnLiteral): void;
  /** How many bytes of `[from, to)` are LF. */
  countLines(from: number, to: number): number;
}

/** Bytes after the input that a kernel may read (and ignores). */
export const SLACK = 128;
