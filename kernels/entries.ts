// The entries of a pack: what is known of them, and what they become when they are inflated. The pack is read in pages,
// of which the last ones used are kept.
import { DONE, SLACK, consumed, inflate } from './inflate';

/** Reads `length` bytes of the pack at `position`; gives how many there were. */
// @ts-ignore: decorator
@external('env', 'read')
declare function read(position: f64, length: i32, target: usize): i32;

/** There is no such entry. */
export const NONE: i32 = -1;
// Types of objects (gitformat-pack).
export const COMMIT: i32 = 1;
export const TREE: i32 = 2;
export const BLOB: i32 = 3;
export const TAG: i32 = 4;

/** A part of the pack that is read at once, and what is read beyond it, so that few entries lie across an end. */
const PAGE: i32 = 4096;
const BEYOND: i32 = 1024;
export const STRIDE: i32 = PAGE + BEYOND + SLACK;
/** Deflate can't do better (zlib's technical notes). */
const BEST_RATIO: f64 = 1032;

let offsets: usize = 0;
let sizes: usize = 0;
let headers: usize = 0;
let types: usize = 0;
let firsts: usize = 0;
let nexts: usize = 0;
let pages: usize = 0;
let held: usize = 0;
let slots: i32 = 0;
let spill: usize = 0;
let spillRoom: i32 = 0;

/** Packed bytes that were inflated since `countAnew`. */
export let packed: f64 = 0;

/**
 * Columns, one value an entry: where it begins (and of one more, where the last ends), its size, the length of its
 * header, its type, the first entry built on it, and the next built on the same.
 */
export function setColumns(a: usize, b: usize, c: usize, d: usize, e: usize, f: usize): void {
  offsets = a;
  sizes = b;
  headers = c;
  types = d;
  firsts = e;
  nexts = f;
}

export function setPages(at: usize, heldAt: usize, count: i32, spillAt: usize, room: i32): void {
  pages = at;
  held = heldAt;
  slots = count;
  spill = spillAt;
  spillRoom = room;
  memory.fill(held, 0xff, count << 3);
}

// @ts-ignore: decorator
@inline
export function sizeOf(entry: i32): u32 {
  return load<u32>(sizes + (<usize>entry << 2));
}

// @ts-ignore: decorator
@inline
export function typeOf(entry: i32): i32 {
  return load<u8>(types + entry);
}

// @ts-ignore: decorator
@inline
export function firstOn(entry: i32): i32 {
  return load<i32>(firsts + (<usize>entry << 2));
}

// @ts-ignore: decorator
@inline
export function nextTo(entry: i32): i32 {
  return load<i32>(nexts + (<usize>entry << 2));
}

export function countAnew(): void {
  packed = 0;
}

/** Inflates an entry, which has to be exactly as long, packed and unpacked, as everything else says. */
export function unpack(entry: i32, target: usize, size: u32): bool {
  const position: f64 = load<f64>(offsets + (<usize>entry << 3)) + <f64>load<u8>(headers + entry);
  const room: f64 = load<f64>(offsets + (<usize>entry << 3), 8) - position;
  if (room <= 0 || room > <f64>i32.MAX_VALUE || <f64>size > room * BEST_RATIO) return false;
  const length: i32 = <i32>room;
  const source: usize = fetch(position, length);
  if (source == 0 || inflate(source, length, target, size) != DONE || consumed != length) return false;
  packed += room;
  return true;
}

function fetch(position: f64, length: i32): usize {
  const page: f64 = Math.floor(position / <f64>PAGE);
  const within: i32 = <i32>(position - page * <f64>PAGE);
  if (within + length > PAGE + BEYOND) {
    return length <= spillRoom && read(position, length, spill) == length ? spill : 0;
  }
  const slot: i32 = <i32>(<i64>page % <i64>slots);
  const at: usize = pages + slot * STRIDE;
  const note: usize = held + (<usize>slot << 3);
  if (load<i32>(note) != <i32>page) {
    store<i32>(note, -1);
    const filled: i32 = read(page * <f64>PAGE, PAGE + BEYOND, at);
    store<i32>(note, filled, 4);
    store<i32>(note, <i32>page);
  }
  return within + length <= load<i32>(note, 4) ? at + within : 0;
}
