// What has to be known of a pack before its delta trees can be walked: where its entries begin, what their headers say,
// and which entry is built on which. For packs as nearly all are: below 256 GiB, of fewer than 67 million entries, and
// without deltas that name their base by its ID; whoever has another is told so, and does it himself.

/** Reads `length` bytes of the pack at `position`; gives how many there were. */
// @ts-ignore: decorator
@external('env', 'read')
declare function read(position: f64, length: i32, target: usize): i32;

const NONE: i32 = -1;
const OFS_DELTA: i32 = 6;
const REF_DELTA: i32 = 7;
/** Where the entries of a pack begin. */
const START: u64 = 12;
/** So much of the pack is read at once; and the longest header of an entry but for those with an ID. */
const WINDOW: i32 = 256 * 1024;
const LONGEST_HEADER: u64 = 20;
/** A pair is an offset and, in its lowest bits, a row. */
const ROW_BITS: u64 = 26;
const MOST_ROWS: i32 = 1 << 26;
const BEYOND: f64 = 274877906944.0;
const DIGIT: u64 = 11;
const DIGITS: u32 = 1 << 11;

const places: usize = memory.data(4 * 2048, 16);

/**
 * Reads the offsets of an index, 32 bits each, the highest byte first, at `raw`, in the order of its rows. False when one says
 * that it stands in the table of longer ones.
 */
export function readOffsets(count: i32, raw: usize, offsets: usize): bool {
  let longer: u32 = 0;
  for (let row = 0; row < count; row++) {
    const offset: u32 = bswap<u32>(load<u32>(raw + (<usize>row << 2)));
    longer |= offset;
    store<f64>(offsets + (<usize>row << 3), <f64>offset);
  }
  return <i32>longer >= 0;
}

/**
 * Sorts `offsets`, and writes to `rows` where each stood. `pairs` has room for 8 bytes an entry. False when there are more
 * than fit.
 */
export function sortOffsets(count: i32, offsets: usize, pairs: usize, rows: usize): bool {
  if (count > MOST_ROWS) return false;
  let largest: u64 = 0;
  for (let row = 0; row < count; row++) {
    const offset: f64 = load<f64>(offsets + (<usize>row << 3));
    if (!(offset >= 0 && offset < BEYOND)) return false;
    largest = max(largest, <u64>offset);
    store<u64>(pairs + (<usize>row << 3), ((<u64>offset) << ROW_BITS) | <u64>row);
  }
  // By their digits, the lowest first.
  const end: usize = <usize>count << 3;
  let spare: usize = offsets;
  for (let shift: u64 = ROW_BITS; shift < 64 && largest >> (shift - ROW_BITS) != 0; shift += DIGIT) {
    memory.fill(places, 0, DIGITS << 2);
    for (let at: usize = 0; at < end; at += 8) {
      const place: usize = placeOf(load<u64>(pairs + at), shift);
      store<u32>(place, load<u32>(place) + 8);
    }
    let next: u32 = 0;
    for (let digit: u32 = 0; digit < DIGITS; digit++) {
      const place: usize = places + (digit << 2);
      const length: u32 = load<u32>(place);
      store<u32>(place, next);
      next += length;
    }
    for (let at: usize = 0; at < end; at += 8) {
      const pair: u64 = load<u64>(pairs + at);
      const place: usize = placeOf(pair, shift);
      const to: u32 = load<u32>(place);
      store<u64>(spare + to, pair);
      store<u32>(place, to + 8);
    }
    const sorted: usize = spare;
    spare = pairs;
    pairs = sorted;
  }
  // Where they stand in `offsets` by now, each is read before it is written over.
  for (let entry = 0; entry < count; entry++) {
    const pair: u64 = load<u64>(pairs + (<usize>entry << 3));
    store<f64>(offsets + (<usize>entry << 3), <f64>(pair >> ROW_BITS));
    store<u32>(rows + (<usize>entry << 2), <u32>pair & (MOST_ROWS - 1));
  }
  return true;
}

// @ts-ignore: decorator
@inline
function placeOf(pair: u64, shift: u64): usize {
  return places + (<usize>((pair >> shift) & (DIGITS - 1)) << 2);
}

/**
 * Reads the headers of the entries of [first, last) into the columns; the type of one that can't be read stays 0. `stretches` is
 * what `mapEntries` was given, `window` has room for {@link WINDOW}. False when there is one that takes more than this.
 */
export function readHeaders(
  first: i32,
  last: i32,
  count: i32,
  end: f64,
  offsets: usize,
  sizes: usize,
  headers: usize,
  types: usize,
  parents: usize,
  stretches: usize,
  window: usize,
): bool {
  const entries: usize = last - first;
  memory.fill(sizes + (<usize>first << 2), 0, entries << 2);
  memory.fill(headers + first, 0, entries);
  memory.fill(types + first, 0, entries);
  memory.fill(parents + (<usize>first << 2), 0xff, entries << 2);
  let from: u64 = 0;
  let filled: i32 = 0;
  for (let entry = first; entry < last; entry++) {
    const offset: u64 = <u64>load<f64>(offsets + (<usize>entry << 3));
    if (offset < START || <f64>offset >= end) continue;
    if (offset < from || offset + LONGEST_HEADER > from + <u64>filled) {
      const left: f64 = end - <f64>offset;
      filled = read(<f64>offset, left < <f64>WINDOW ? <i32>left : WINDOW, window);
      from = offset;
    }
    const limit: usize = window + filled;
    const start: usize = window + <usize>(offset - from);
    let at: usize = start;
    if (at >= limit) continue;
    let byte: u64 = load<u8>(at++);
    const type: i32 = <i32>((byte >> 4) & 7);
    if (type == REF_DELTA) return false;
    if (type == 0 || type == 5) continue;
    let size: u64 = byte & 15;
    for (let bits: u64 = 4; (byte & 0x80) != 0; bits += 7) {
      if (at >= limit || bits > 53) return false;
      byte = load<u8>(at++);
      size |= (byte & 0x7f) << bits;
    }
    if (size >= 0xffffffff) return false;
    if (type == OFS_DELTA) {
      if (at >= limit) continue;
      byte = load<u8>(at++);
      let distance: u64 = byte & 0x7f;
      while ((byte & 0x80) != 0 && at < limit && distance <= offset) {
        byte = load<u8>(at++);
        distance = ((distance + 1) << 7) | (byte & 0x7f);
      }
      // Farther away than the pack begins, or cut short.
      if ((byte & 0x80) != 0) return false;
      if (distance <= offset) {
        const base: i32 = entryAt(offset - distance, offsets, stretches, count);
        store<i32>(parents + (<usize>entry << 2), base);
      }
    }
    store<u8>(types + entry, <u8>type);
    store<u32>(sizes + (<usize>entry << 2), <u32>size);
    store<u8>(headers + entry, <u8>(at - start));
  }
  return true;
}

/** The bits of an offset that tell places in a stretch apart. */
let shift: u64 = 0;

/**
 * Notes of each stretch of the pack, about as many as there are entries, the first entry in it or behind it. `stretches` has room
 * for 4 bytes an entry and 8 more.
 */
export function mapEntries(count: i32, offsets: usize, stretches: usize): void {
  const last: u64 = count == 0 ? 0 : <u64>load<f64>(offsets + (<usize>(count - 1) << 3));
  shift = 0;
  while (last >> shift >= <u64>count) shift++;
  let entry: i32 = 0;
  for (let stretch = 0; stretch <= count; stretch++) {
    while (entry < count && <u64>load<f64>(offsets + (<usize>entry << 3)) >> shift < <u64>stretch) entry++;
    store<i32>(stretches + (<usize>stretch << 2), entry);
  }
}

function entryAt(offset: u64, offsets: usize, stretches: usize, count: i32): i32 {
  const stretch: usize = stretches + (<usize>(offset >> shift) << 2);
  let low: i32 = load<i32>(stretch);
  let high: i32 = load<i32>(stretch, 4) - 1;
  while (low <= high) {
    const middle: i32 = (low + high) >>> 1;
    const found: u64 = <u64>load<f64>(offsets + (<usize>middle << 3));
    if (found == offset) return middle;
    if (found < offset) low = middle + 1;
    else high = middle - 1;
  }
  return NONE;
}

/**
 * Links the entries that are built on the same: to each its first child and its next sibling. The child that most is
 * built on comes last. `weights` has room for 4 bytes an entry, `heaviest` for one.
 */
export function link(
  count: i32,
  parents: usize,
  firsts: usize,
  nexts: usize,
  weights: usize,
  heaviest: usize,
): void {
  memory.fill(firsts, 0xff, <usize>count << 2);
  memory.fill(nexts, 0xff, <usize>count << 2);
  memory.fill(weights, 0, <usize>count << 2);
  memory.fill(heaviest, 0, count);
  // A base stands before what is built on it: one pass from the end sums whole subtrees.
  for (let entry = count - 1; entry >= 0; entry--) {
    const base: i32 = load<i32>(parents + (<usize>entry << 2));
    if (base == NONE) continue;
    const weight: u32 = load<u32>(weights + (<usize>entry << 2)) + 1;
    const sum: usize = weights + (<usize>base << 2);
    store<u32>(sum, load<u32>(sum) + weight);
    const first: usize = firsts + (<usize>base << 2);
    const rival: i32 = load<i32>(first);
    if (rival == NONE || weight > load<u32>(weights + (<usize>rival << 2)) + 1) store<i32>(first, entry);
  }
  for (let entry = 0; entry < count; entry++) {
    const first: i32 = load<i32>(firsts + (<usize>entry << 2));
    if (first != NONE) store<u8>(heaviest + first, 1);
  }
  for (let entry = count - 1; entry >= 0; entry--) {
    const base: i32 = load<i32>(parents + (<usize>entry << 2));
    if (base == NONE || load<u8>(heaviest + entry) != 0) continue;
    const first: usize = firsts + (<usize>base << 2);
    store<i32>(nexts + (<usize>entry << 2), load<i32>(first));
    store<i32>(first, entry);
  }
}
