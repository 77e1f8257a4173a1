import type { Prefilter } from './prefilter.js';
import { ScalarPrefilter } from './scalar.js';
import { SimdPrefilter } from './simd.js';
import type { Table } from './tables.js';

/** Input that a prefilter holds: small enough for the second-level cache, large enough that reading is not all calls. */
export const CAPACITY = 288 * 1024;

/** @param simd `false` keeps to the scalar kernel; it also stands in where WebAssembly or its SIMD is missing. */
export function createPrefilter(table: Table, simd: boolean): Prefilter {
  const fast = simd ? SimdPrefilter.create(table, CAPACITY) : undefined;
  return fast ?? new ScalarPrefilter(table, CAPACITY);
}
