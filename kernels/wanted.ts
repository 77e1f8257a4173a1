// A set of object IDs, eight bytes of each: whoever is told of one that only looks alike compares the whole.

let wanted: usize = 0;
let wantedBits: i32 = 0;
let seed: u64 = 0;

/** Room for IDs in 2 ** `bits` slots. */
export function setWanted(at: usize, bits: i32, random: f64): void {
  wanted = at;
  wantedBits = bits;
  seed = <u64>(random * 9007199254740992.0) | 1;
  seed |= seed << 40;
  memory.fill(wanted, 0, <usize>8 << bits);
}

export function addWanted(at: usize): void {
  const mask: u32 = (1 << wantedBits) - 1;
  const key = keyOf(at);
  for (let slot = slotOf(key); ; slot = (slot + 1) & mask) {
    const known = load<u64>(wanted + ((<usize>slot) << 3));
    if (known == key) return;
    if (known != 0) continue;
    store<u64>(wanted + ((<usize>slot) << 3), key);
    return;
  }
}

// @ts-ignore: decorator
@inline
export function isWanted(at: usize): bool {
  const mask: u32 = (1 << wantedBits) - 1;
  const key = keyOf(at);
  let slot = slotOf(key);
  let known = load<u64>(wanted + ((<usize>slot) << 3));
  while (known != key && known != 0) {
    slot = (slot + 1) & mask;
    known = load<u64>(wanted + ((<usize>slot) << 3));
  }
  return known == key;
}

// @ts-ignore: decorator
@inline
function slotOf(key: u64): u32 {
  return <u32>((key * seed) >> <u64>(64 - wantedBits));
}

// @ts-ignore: decorator
@inline
function keyOf(at: usize): u64 {
  const key = load<u64>(at);
  return key == 0 ? 1 : key;
}
