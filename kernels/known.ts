// A set of object IDs: 31 bits that were made of each, beside those that its slot stands for. That an ID which is not
// there passes for one that is happens once in a thousand million times, and nobody can aim at it: it depends on a random
// number.

let ids: usize = 0;
let idBits: i32 = 0;
let seed: u64 = 0;

/** Bytes of an object ID. */
export let idBytes: i32 = 20;
/** Whether it is known which IDs there are; else nothing is asked. */
export let areKnown: bool = false;

/** Room for IDs of `bytes` bytes, in 2 ** `bits` slots. */
export function setIds(at: usize, bits: i32, bytes: i32, random: f64): void {
  ids = at;
  idBits = bits;
  idBytes = bytes;
  areKnown = true;
  seed = <u64>(random * 9007199254740992.0) | 1;
  seed |= seed << 40;
  memory.fill(ids, 0, <usize>4 << bits);
}

export function addIds(at: usize, count: i32, step: i32): void {
  for (; count > 0; count--) {
    const hash: u64 = hashOf(at);
    const key: u32 = keyOf(hash);
    let place: usize = ids + (<usize>slotOf(hash) << 2);
    for (;;) {
      const known: u32 = load<u32>(place);
      if (known == key) break;
      if (known == 0) {
        store<u32>(place, key);
        break;
      }
      place = after(place);
    }
    at += step;
  }
}

/** Whether an ID is there, in a look that is not followed by another: it may be there all the same. */
// @ts-ignore: decorator
@inline
export function isNear(id: usize): bool {
  const hash: u64 = hashOf(id);
  const four: v128 = v128.load(ids + (<usize>slotOf(hash) << 2));
  return v128.any_true(i32x4.eq(four, i32x4.splat(<i32>keyOf(hash))));
}

// @ts-ignore: decorator
@inline
export function isKnown(id: usize): bool {
  const hash: u64 = hashOf(id);
  const key: u32 = keyOf(hash);
  let place: usize = ids + (<usize>slotOf(hash) << 2);
  let known: u32 = load<u32>(place);
  while (known != key && known != 0) {
    place = after(place);
    known = load<u32>(place);
  }
  return known == key;
}

// @ts-ignore: decorator
@inline
function after(place: usize): usize {
  return ids + ((place + 4 - ids) & ((<usize>4 << idBits) - 1));
}

// @ts-ignore: decorator
@inline
function hashOf(id: usize): u64 {
  return load<u64>(id) * seed + load<u64>(id, 8) * (seed >> 7 | 1);
}

// @ts-ignore: decorator
@inline
function slotOf(hash: u64): u32 {
  return <u32>(hash >> <u64>(64 - idBits));
}

// @ts-ignore: decorator
@inline
function keyOf(hash: u64): u32 {
  return <u32>(((hash ^ (hash >> 32)) * seed) >> 32) | 1;
}
