// The checksum: XXH64 with seed 0 (xxHash specification, 1.0).

const PRIME1: u64 = 0x9e3779b185ebca87;
const PRIME2: u64 = 0xc2b2ae3d27d4eb4f;
const PRIME3: u64 = 0x165667b19e3779f9;
const PRIME4: u64 = 0x85ebca77c2b2ae63;
const PRIME5: u64 = 0x27d4eb2f165667c5;
const STRIPE: i32 = 32;
const TAIL: usize = memory.data(32, 16);
let lane1: u64 = 0;
let lane2: u64 = 0;
let lane3: u64 = 0;
let lane4: u64 = 0;
let hashed: u64 = 0;

export function hashBegin(): void {
  lane1 = PRIME1 + PRIME2;
  lane2 = PRIME2;
  lane3 = 0;
  lane4 = 0 - PRIME1;
  hashed = 0;
}

export function hash(at: usize, length: i32): void {
  const waiting: i32 = <i32>(hashed & 31);
  hashed += length;
  let from: usize = at;
  let left: i32 = length;
  if (waiting > 0) {
    const part: i32 = min(STRIPE - waiting, length);
    memory.copy(TAIL + waiting, at, part);
    if (waiting + part < STRIPE) return;
    stripes(TAIL, STRIPE);
    from += part;
    left -= part;
  }
  stripes(from, left & ~31);
  memory.copy(TAIL, from + (left & ~31), left & 31);
}

function stripes(at: usize, length: i32): void {
  let a: u64 = lane1;
  let b: u64 = lane2;
  let c: u64 = lane3;
  let d: u64 = lane4;
  for (const end: usize = at + length; at < end; at += 32) {
    a = rotl(a + load<u64>(at) * PRIME2, 31) * PRIME1;
    b = rotl(b + load<u64>(at, 8) * PRIME2, 31) * PRIME1;
    c = rotl(c + load<u64>(at, 16) * PRIME2, 31) * PRIME1;
    d = rotl(d + load<u64>(at, 24) * PRIME2, 31) * PRIME1;
  }
  lane1 = a;
  lane2 = b;
  lane3 = c;
  lane4 = d;
}

function merged(hash: u64, lane: u64): u64 {
  return (hash ^ (rotl(lane * PRIME2, 31) * PRIME1)) * PRIME1 + PRIME4;
}

export function hashEnd(): u32 {
  let hash: u64 = PRIME5;
  if (hashed >= <u64>STRIPE) {
    hash = rotl(lane1, 1) + rotl(lane2, 7) + rotl(lane3, 12) + rotl(lane4, 18);
    hash = merged(merged(merged(merged(hash, lane1), lane2), lane3), lane4);
  }
  hash += hashed;
  let at: usize = TAIL;
  let left: i32 = <i32>(hashed & 31);
  for (; left >= 8; left -= 8, at += 8) {
    hash ^= rotl(load<u64>(at) * PRIME2, 31) * PRIME1;
    hash = rotl(hash, 27) * PRIME1 + PRIME4;
  }
  if (left >= 4) {
    hash ^= <u64>load<u32>(at) * PRIME1;
    hash = rotl(hash, 23) * PRIME2 + PRIME3;
    left -= 4;
    at += 4;
  }
  for (; left > 0; left--, at++) {
    hash ^= <u64>load<u8>(at) * PRIME5;
    hash = rotl(hash, 11) * PRIME1;
  }
  hash = (hash ^ (hash >> 33)) * PRIME2;
  hash = (hash ^ (hash >> 29)) * PRIME3;
  return <u32>(hash ^ (hash >> 32));
}
