// The literals section of a block (RFC 8878, 3.1.1.3.1).
import { fourStreams, huffmanTable, stream } from './huffman';
import { BLOCK, LITERALS } from './layout';

// Kinds; the fourth is packed like the one before.
const RLE: i32 = 1;
const PACKED: i32 = 2;

/** Where the literals of the block are, and how many there are. */
export let literalsAt: usize = 0;
export let literalCount: i32 = 0;

let hasHuffman: bool = false;

/** A frame begins: there is no code yet that could be used again. */
export function forgetHuffman(): void {
  hasHuffman = false;
}

/** The literals section: leaves them at `literalsAt` and gives how long it is, -1 where it is damaged. */
export function readLiterals(at: usize, size: i32): i32 {
  if (size < 2) return -1;
  const kind: i32 = load<u8>(at) & 3;
  const form: i32 = (load<u8>(at) >> 2) & 3;
  let header: i32 = 1;
  if (kind < PACKED) {
    if ((form & 1) == 0) {
      literalCount = load<u8>(at) >> 3;
    } else {
      header = form == 1 ? 2 : 3;
      literalCount = form == 1 ? load<u16>(at) >> 4 : (load<u32>(at) & 0xffffff) >> 4;
    }
    const packed: i32 = kind == RLE ? 1 : literalCount;
    if (literalCount > BLOCK || header + packed > size) return -1;
    literalsAt = at + header;
    if (kind == RLE) {
      literalsAt = LITERALS;
      memory.fill(LITERALS, load<u8>(at + header), literalCount);
    }
    return header + packed;
  }
  const bits: i32 = form < 2 ? 10 : form == 2 ? 14 : 18;
  header = form < 2 ? 3 : form + 2;
  const sizes: u64 = load<u64>(at) >> 4;
  literalCount = <i32>sizes & ((1 << bits) - 1);
  let packed: i32 = <i32>(sizes >> bits) & ((1 << bits) - 1);
  if (literalCount > BLOCK || header + packed > size) return -1;
  const section: i32 = header + packed;
  let from: usize = at + header;
  if (kind == PACKED) {
    const tree: i32 = huffmanTable(from, packed);
    if (tree < 0) return -1;
    hasHuffman = true;
    from += tree;
    packed -= tree;
  } else if (!hasHuffman) return -1;
  literalsAt = LITERALS;
  const fits: bool =
    form == 0 ? stream(from, packed, LITERALS, literalCount) : fourStreams(from, packed, literalCount);
  return fits ? section : -1;
}
