import { inflateRawSync } from 'node:zlib';
import { WORD_COSTS } from './words.generated.js';

let probabilities: Float64Array | undefined;

/** @param index a context of three letters, and the letter after them: 27 values each, 0 for a word's edge. */
export function probability(index: number): number {
  probabilities ??= unpacked();
  return probabilities[index]!;
}

/** 1 to 26; 0 for what is no letter. */
export function letterOf(code: number): number {
  const letter = code | 32;
  return letter >= 97 && letter <= 122 ? letter - 96 : 0;
}

/** Costs are stored in quarters of a bit, those of long contexts as what they differ from short ones by. */
function unpacked(): Float64Array {
  const parts = inflateRawSync(Buffer.from(WORD_COSTS, 'base64'));
  const size = 27 ** 3;
  return Float64Array.from({ length: 27 * size }, (_, index) => {
    const cost = (parts[size + index]! + parts[index % size]!) & 255;
    return 2 ** (-cost / 4);
  });
}
