import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { MOST_SEGMENTS, Program, type Segment } from './program.js';

const CODE = 10;
const DATA = 11;
const MOST_SECTIONS = 1000;
/** Code stands in no memory. */
const NOWHERE = -(2 ** 40);
/** A number, an address and what else stands before the bytes of a segment. */
const LONGEST_HEAD = 32;

/** A module of WebAssembly: segments of data say where in its memory they go. */
export function wasmProgram(access: RandomAccess): Program {
  const segments: Segment[] = [];
  let at = 8;
  for (let count = 0; count < MOST_SECTIONS && at < access.size; count++) {
    const head = bytesAt(access, at, LONGEST_HEAD);
    const length = unsigned(head, 1);
    if (head.length < 2 || length === undefined) break;
    const start = at + length.next;
    if (head[0] === CODE)
      segments.push({ offset: start, size: length.value, address: NOWHERE, isCode: true });
    if (head[0] === DATA) segments.push(...dataIn(access, start, start + length.value));
    at = start + length.value;
  }
  return new Program({ segments, word: 4, machine: 'wasm' });
}

function dataIn(access: RandomAccess, start: number, end: number): Segment[] {
  const segments: Segment[] = [];
  const count = unsigned(bytesAt(access, start, LONGEST_HEAD), 0);
  let at = start + (count?.next ?? 0);
  for (let left = Math.min(count?.value ?? 0, MOST_SEGMENTS); left > 0 && at < end; left--) {
    const head = bytesAt(access, at, LONGEST_HEAD);
    const kind = head[0];
    let next = kind === 2 ? (unsigned(head, 1)?.next ?? 0) : 1;
    let address: number | undefined;
    if (kind !== 1) {
      const place = signed(head, next + 1);
      if (!isConstant(head[next]) || place === undefined || head[place.next] !== 0x0b) break;
      address = place.value;
      next = place.next + 1;
    }
    const size = unsigned(head, next);
    if (size === undefined) break;
    const offset = at + size.next;
    // What is copied there on demand alone has no address of its own.
    if (address !== undefined) segments.push({ offset, size: size.value, address, isCode: false });
    at = offset + size.value;
  }
  return segments;
}

/** `i32.const`, `i64.const`. */
export function isConstant(byte: number | undefined): boolean {
  return byte === 0x41 || byte === 0x42;
}

interface Numeral {
  readonly value: number;
  readonly next: number;
}

function unsigned(bytes: Uint8Array, at: number): Numeral | undefined {
  let value = 0;
  for (let next = at; next < at + 5; next++) {
    const byte = bytes[next];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * (next - at));
    if (byte < 0x80) return { value, next: next + 1 };
  }
  return undefined;
}

/** The same with a sign, of which addresses and lengths have none. */
export function signed(bytes: Uint8Array, at: number): Numeral | undefined {
  const found = unsigned(bytes, at);
  if (found === undefined) return undefined;
  const isNegative = (bytes[found.next - 1]! & 0x40) !== 0;
  return isNegative ? { value: found.value - 2 ** (7 * (found.next - at)), next: found.next } : found;
}
