import type { Prefilter } from './prefilter.js';
import { ScalarPrefilter } from './scalar.js';
import { SimdPrefilter } from './simd.js';
import type { Table } from './tables.js';

/** Input that a prefilter holds. Measured: reading a file gets faster up to pieces of a megabyte. */
export const CAPACITY = 1024 * 1024;

/** @param simd `false` keeps to the scalar kernel; it also stands in where WebAssembly or its SIMD is missing. */
export function createPrefilter(table: Table, simd: boolean): Prefilter {
  const fast = simd ? SimdPrefilter.create(table, CAPACITY) : undefined;
  return fast ?? new ScalarPrefilter(table, CAPACITY);
}
