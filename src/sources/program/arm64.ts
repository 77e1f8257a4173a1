import type { Targets } from './targets.js';
import type { Window } from './windows.js';

/** How many instructions on an address is completed, and how many before and behind the length is set. */
const COMPLETED = 8;
const BEFORE = 8;
const BEHIND = 10;

/** `adrp` and `add` make an address, `mov` near them the length: 64-bit ARM. See {@link tellX86}. */
export function tellArm64({ words, first, last, address }: Window, targets: Targets): void {
  for (let at = first >>> 2; at < last >>> 2; at++) {
    const word = words[at]!;
    if ((word & 0x9f000000) >>> 0 !== 0x90000000) continue;
    const pages = (((word >>> 5) & 0x7ffff) << 2) | ((word >>> 29) & 3);
    const here = address + at * 4;
    const page = here - (((here % 4096) + 4096) % 4096) + ((pages << 11) >> 11) * 4096;
    if (!targets.mayName(page | 0)) continue;
    for (let next = at + 1; next <= at + COMPLETED; next++) {
      const add = words[next]!;
      const isAdd = (add & 0xffc00000) >>> 0 === 0x91000000 && ((add >>> 5) & 31) === (word & 31);
      if (isAdd) tell(words, next, page + ((add >>> 10) & 0xfff), targets);
    }
  }
}

function tell(words: Uint32Array, place: number, address: number, targets: Targets): void {
  if (!targets.isNear(address)) return;
  targets.begin(address);
  for (let at = place + 1; at <= place + BEHIND; at++) {
    const length = constantOf(words[at] ?? 0);
    if (length !== undefined) targets.tell(address, length, 2 * BEHIND - (at - place));
  }
  for (let at = place - 1; at >= place - BEFORE; at--) {
    const length = constantOf(words[at] ?? 0);
    if (length !== undefined) targets.tell(address, length, BEHIND - (place - at));
  }
}

/** What `movz`, or `orr` of zero and a mask, sets a register to; of 64 bits or 32. */
function constantOf(word: number): number | undefined {
  if ((word & 0x7fe00000) === 0x52800000) return (word >>> 5) & 0xffff;
  if ((word & 0x7f8003e0) !== 0x320003e0) return undefined;
  // Of masks, numbers as small as lengths are one run of ones in all 64 bits, or 32.
  const ones = ((word >>> 10) & 63) + 1;
  const turned = (word >>> 16) & 63;
  const isWide = ((word >>> 22) & 1) === 1;
  const zeros = ((isWide ? 64 : 32) - turned) % (isWide ? 64 : 32);
  return zeros + ones <= 16 ? (2 ** ones - 1) * 2 ** zeros : undefined;
}
