import type { Program } from './program.js';
import type { Targets } from './targets.js';
import { AROUND, type Window } from './windows.js';

/** How far from an address the length is set, in bytes: the next instruction as a rule, and seldom more than five on. */
const BEFORE = 40;
const BEHIND = AROUND - 8;

/**
 * Addresses in instructions, relative to the next one or absolute, and the numbers that are set near them: a call takes a
 * text as an address and a length. What is only near is no proof: whoever asks gets all of it, the nearest first.
 */
export function tellX86(window: Window, word: Program['word'], targets: Targets): void {
  const { bytes } = window;
  for (let at = window.first; at < window.last; at++) {
    const value = wordAt(bytes, at);
    if (targets.mayName(value) && (word === 4 || isSet(bytes, at))) tell(window, value >>> 0, at, targets);
    // ModR/M: memory, relative to where the next instruction begins.
    if ((bytes[at - 1]! & 0xc7) !== 0x05) continue;
    const address = window.address + at + 4 + value;
    if (!targets.mayName(address | 0)) continue;
    tell(window, address, at, targets);
    targets.begin(address);
  }
}

function tell({ bytes }: Window, address: number, place: number, targets: Targets): void {
  if (!targets.isNear(address)) return;
  for (let at = place + 4; at < place + BEHIND; at++) {
    const length = constantAt(bytes, at);
    if (length !== undefined) targets.tell(address, length, 2 * BEHIND - (at - place));
  }
  for (let at = place - 4; at > place - BEFORE; at--) {
    const length = constantAt(bytes, at);
    if (length !== undefined) targets.tell(address, length, BEHIND - (place - at));
  }
}

/** The number that an instruction sets, where one begins right before `at` or stores it: no more than a text has characters. */
function constantAt(bytes: Uint8Array, at: number): number | undefined {
  const before = bytes[at - 1]!;
  // push imm8; cmp or others with imm8
  if (before === 0x6a || bytes[at - 2] === 0x83) return bytes[at]! < 0x80 ? bytes[at] : undefined;
  if (bytes[at + 3] !== 0 || bytes[at + 2] !== 0) return undefined;
  return before === 0x3d || isSet(bytes, at) ? wordAt(bytes, at) : undefined;
}

/** `mov` of a register or into memory, `push`. */
function isSet(bytes: Uint8Array, at: number): boolean {
  const before = bytes[at - 1]!;
  return (before & 0xf8) === 0xb8 || before === 0x68 || isStore(bytes, at);
}

/** `mov` into memory or a register: C7, ModR/M, perhaps SIB, perhaps a displacement. `cmp` is 81. */
function isStore(bytes: Uint8Array, at: number): boolean {
  for (let back = 2; back <= 7; back++) {
    const opcode = bytes[at - back];
    if (opcode !== 0xc7 && opcode !== 0x81) continue;
    const mode = bytes[at - back + 1]!;
    const displacement = [mode % 8 === 5 ? 4 : 0, 1, 4, 0][mode >>> 6]!;
    const scaled = mode >>> 6 !== 3 && mode % 8 === 4 ? 1 : 0;
    if (2 + scaled + displacement === back) return true;
  }
  return false;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
