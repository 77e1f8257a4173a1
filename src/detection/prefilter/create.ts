import type { Prefilter } from './prefilter.js';
import { ScalarPrefilter } from './scalar.js';

/** Input that a prefilter holds: small enough for the second-level cache, large enough that reading is not all calls. */
export const CAPACITY = 288 * 1024;

export function createPrefilter(image: Uint8Array, _simd: boolean): Prefilter {
  return new ScalarPrefilter(image, CAPACITY);
}
