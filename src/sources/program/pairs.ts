import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import type { Program } from './program.js';
import { PAIR, type Targets } from './targets.js';
import type { Window } from './windows.js';

/** No text of interest is longer; other numbers beside an address are. */
const LONGEST = 64 * 1024;
const HIGH = 2 ** 32;

/** Pairs of a pointer and a length, as Go, Rust, Swift, Zig and Nim keep texts: `address, length`, one behind the other. */
export function tellPairs(window: Window, program: Program, access: RandomAccess, targets: Targets): void {
  const { words } = window;
  const isWide = program.word === 8;
  const last = window.last >>> 2;
  for (let at = window.first >>> 2; at < last; at += isWide ? 2 : 1) {
    const low = words[at]!;
    if (!targets.mayName(low)) continue;
    const next = words[at + 1]!;
    if (!isWide) {
      // Of Go, modules of WebAssembly have words of eight bytes, too.
      const length = next === 0 ? words[at + 2]! : next;
      tell(targets, low, length);
      continue;
    }
    const length = words[at + 2]! + words[at + 3]! * HIGH;
    tell(targets, low + next * HIGH, length);
    if (program.chainedFrom !== undefined) {
      const chained = low + (next & 0xf) * HIGH;
      tell(targets, chained, length);
      tell(targets, chained + program.chainedFrom, length);
    } else if (targets.isNear(low + next * HIGH)) {
      tellRelocated(words, at, program, access, targets);
    }
  }
}

/** `place, kind, address` of a relocation: the address comes to stand at the place, before the length that is there already. */
function tellRelocated(
  words: Uint32Array,
  at: number,
  program: Program,
  access: RandomAccess,
  targets: Targets,
): void {
  const place = program.offsetOf(words[at - 4]! + words[at - 3]! * HIGH);
  if (place === undefined) return;
  const beside = bytesAt(access, place + 8, 8);
  if (beside.length === 8 && beside.readUInt32LE(4) === 0)
    tell(targets, words[at]! + words[at + 1]! * HIGH, beside.readUInt32LE(0));
}

function tell(targets: Targets, address: number, length: number): void {
  if (length <= 0 || length > LONGEST) return;
  targets.tell(address, length, PAIR);
  targets.begin(address);
}
