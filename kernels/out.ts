// The OUT buffer, which is searched where it stands, and the lists of what the host has to know beside.

import { copy } from './delta';
import { typeOf } from './entries';
import { INPUT, prepare, search, searchZlib } from './search';

export { IMAGE, INPUT } from './search';

/** Looks into OUT and the lists, where something in them may matter. What it strikes out of `finished` does not count. */
// @ts-ignore: decorator
@external('env', 'flush')
declare function flush(): void;

/** Takes note of what was passed, and begins to count anew. */
// @ts-ignore: decorator
@external('env', 'settle')
declare function settle(): void;

/** The longest literal that is looked for, less one. */
export const REACH: i32 = 15;

/** OUT stands where the search reads. */
const out: usize = INPUT;
export const OUT: i32 = 256 * 1024;
/** So many times OUT is searched before the host hears what was passed: it keeps the time. */
const OFTEN: i32 = 16;

let searches: bool = false;
let drains: i32 = 0;
/** The root that was not done when the host was shown something: it may have to be struck out once it is. */
let seen: i32 = -1;
let lists: usize = 0;
let listRoom: i32 = 0;
let root: i32 = -1;

/** Bytes in OUT. */
export let outUsed: i32 = 0;
/** Lists of `listRoom` rows each, in this order: where in OUT what root begins (2 words), trees that were walked to the
 * end (root, objects, and as f64 bytes and packed bytes: 6 words), trees that are given back (1 word), what is named
 * and not there (namer, type, and an ID of 32 bytes: 10 words). */
export let startCount: i32 = 0;
export let finishedCount: i32 = 0;
export let returnedCount: i32 = 0;
export let missingCount: i32 = 0;

/** Of roots that were walked to the end, by type: how many objects, and their bytes. Then the bytes made, and the packed. */
export const PASSED: usize = memory.data(8 * 10, 8);
const MADE: usize = PASSED + 64;
const PACKED: usize = PASSED + 72;

export function setOut(listsAt: usize, rows: i32): void {
  lists = listsAt;
  listRoom = rows;
}

/** The image is in place: OUT is searched here, and the host only sees it where something is in it. */
export function searchHere(): void {
  prepare();
  searches = true;
}

/** Stands before what an object begins with: the byte before would make a word of it where a literal must not follow one. */
export const SEAM: u8 = 0x0a;

/** From here on OUT belongs to another root; to none: -1. */
export function begin(entry: i32): void {
  if (startCount == listRoom || outUsed + 16 > OUT) drain();
  store<u8>(out + outUsed++, SEAM);
  root = entry;
  noteStart();
}

function noteStart(): void {
  store<i32>(lists + (startCount << 3), outUsed);
  store<i32>(lists + (startCount++ << 3), root, 4);
}

export function finish(objects: i32, made: f64, packed: f64): void {
  if (finishedCount == listRoom) drain();
  const row: usize = lists + listRoom * 8 + finishedCount++ * 24;
  store<i32>(row, root);
  store<i32>(row, objects, 4);
  store<f64>(row, made, 8);
  store<f64>(row, packed, 16);
}

export function giveBack(entry: i32): void {
  if (returnedCount == listRoom) drain();
  store<i32>(lists + listRoom * 32 + (returnedCount++ << 2), entry);
}

export function miss(entry: i32, type: i32, id: usize, idBytes: i32): void {
  if (missingCount == listRoom) drain();
  const row: usize = lists + listRoom * 36 + missingCount++ * 40;
  store<i32>(row, entry);
  store<i32>(row, type, 4);
  memory.copy(row + 8, id, idBytes);
}

/** Searches OUT, and empties it and the lists. The end of OUT is kept in front: literals may begin in it. */
export function drain(): void {
  const shows: bool = showsAnything();
  if (shows || (finishedCount > 0 && load<i32>(lists + listRoom * 8) == seen)) {
    flush();
    seen = shows ? root : -1;
  }
  for (let row = 0; row < finishedCount; row++) pass(lists + listRoom * 8 + row * 24);
  if (++drains % OFTEN == 0) settlePassed();
  const kept: i32 = min(REACH, outUsed);
  memory.copy(out, out + outUsed - kept, kept);
  outUsed = kept;
  startCount = 0;
  finishedCount = 0;
  returnedCount = 0;
  missingCount = 0;
  noteStart();
}

/** Whether there is anything for the host to see. */
function showsAnything(): bool {
  if (!searches || returnedCount > 0 || missingCount > 0) return true;
  const end: usize = out + outUsed;
  return search(out, end, end) > 0 || searchZlib(out, end, end) > 0 || nextMark(0) >= 0;
}

function pass(row: usize): void {
  const count: f64 = <f64>load<i32>(row, 4);
  if (count > 0) {
    const sums: usize = PASSED + (<usize>(typeOf(load<i32>(row)) - 1) << 4);
    store<f64>(sums, load<f64>(sums) + count);
    store<f64>(sums, load<f64>(sums, 8) + load<f64>(row, 8), 8);
  }
  store<f64>(MADE, load<f64>(MADE) + load<f64>(row, 8));
  store<f64>(PACKED, load<f64>(PACKED) + load<f64>(row, 16));
}

/** Tells the host what was passed so far. */
export function settlePassed(): void {
  settle();
  memory.fill(PASSED, 0, 80);
}

/** Puts bytes into OUT. */
export function emit(at: usize, length: i32): void {
  while (length > 0) {
    if (outUsed + 16 > OUT) drain();
    const part: i32 = min(length, OUT - outUsed);
    copy(out + outUsed, at, part);
    outUsed += part;
    at += part;
    length -= part;
  }
}

/** Where in OUT up to `length` bytes, and 16 more, may be put; `putTo` says how far they went. */
export function roomFor(length: i32): usize {
  if (outUsed + length > OUT) drain();
  return out + outUsed;
}

// @ts-ignore: decorator
@inline
export function putTo(end: usize): void {
  outUsed = <i32>(end - out);
}

/** Where in OUT, from `from` on, stands what may mark the end of a zip or the head of an ISO image; -1 at the end. */
export function nextMark(from: i32): i32 {
  const end: usize = out + outUsed;
  for (let at: usize = out + from; at < end; at += 64) {
    const any: v128 = v128.or(
      v128.or(marksIn(at), marksIn(at + 16)),
      v128.or(marksIn(at + 32), marksIn(at + 48)),
    );
    if (!v128.any_true(any)) continue;
    for (let place = at; place < at + 64; place++) {
      const word: u32 = load<u32>(place);
      if (word == 0x06054b50 && place + 4 <= end) return <i32>(place - out);
      if (word == 0x30304443 && load<u8>(place, 4) == 0x31 && place + 5 <= end) return <i32>(place - out);
    }
  }
  return -1;
}

/** Which of 16 places may begin `PK\5\6` or `CD001`. */
// @ts-ignore: decorator
@inline
function marksIn(at: usize): v128 {
  const here: v128 = v128.load(at);
  const zip: v128 = v128.and(
    i8x16.eq(here, i8x16.splat(0x50)),
    i8x16.eq(v128.load(at, 2), i8x16.splat(5)),
  );
  return v128.or(zip, v128.and(i8x16.eq(here, i8x16.splat(0x43)), i8x16.eq(v128.load(at, 4), i8x16.splat(0x31))));
}
