import { DataFault } from '../../model/data-fault.js';
import type { MemberProvenance, Provenance } from '../../model/provenance.js';
import { ChainFault } from '../delta-chains.js';
import type { RandomAccess } from '../file-tree.js';
import { applyDelta } from '../git/delta.js';
import { inflateExactly } from '../git/inflate.js';
import { bytesAt } from '../random-access.js';
import { carveStreams } from './carve.js';
import { type Expansion, type Found, member, missed, placeIn } from './found.js';

/** A block of texts that were packed together, by zlib or LZMA, and how long it is so and unpacked. */
const BLOCK = /^gcb1([zl])\n(\d{1,12})\n(\d{1,12})\n/;
const BEGINS = 'gcb1';
const LONGEST_HEAD = 40;
const WINDOW = 1024 * 1024;
const WHOLE = 0x66;
const DELTA = 0x64;

/**
 * The texts of a pack of Bazaar's: in blocks, most as what they have of others there, so that the block itself shows them
 * in pieces. Older formats have no blocks, but streams of zlib.
 */
export async function* readBazaar(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  let blocks = 0;
  for (const start of placesOf(access)) {
    const head = BLOCK.exec(bytesAt(access, start, LONGEST_HEAD).toString('latin1'));
    if (head === null) continue;
    blocks += 1;
    const [line, codec, packed, size] = head;
    const place = placeIn(where, `block at byte ${start}`, ['bazaar']);
    expansion.budget.expand(0, Number(packed));
    if (codec === 'l') {
      yield missed(place, 'unsupported', 'packed by LZMA, which is not read here');
    } else if (Math.max(Number(packed), Number(size)) > expansion.budget.limits.memory) {
      yield missed(place, 'too_large', 'is larger than what is held in memory (--max-memory)');
    } else {
      yield* readBlock(bytesAt(access, start + line.length, Number(packed)), Number(size), place, expansion);
    }
  }
  if (blocks === 0) yield* carveStreams(access, where, expansion);
}

function* readBlock(
  packed: Buffer,
  size: number,
  place: MemberProvenance,
  expansion: Expansion,
): Generator<Found> {
  let block: Buffer | undefined;
  try {
    block = inflateExactly(packed, size).bytes;
    yield* textsIn(block, place, expansion);
  } catch (error) {
    if (!(error instanceof DataFault)) throw error;
    yield missed(place, 'corrupt', `${error.message}: texts from there on were not put together`);
    if (block !== undefined) yield member({ type: 'unit', provenance: place, content: block });
  }
}

function* placesOf(access: RandomAccess): Generator<number> {
  for (let position = 0; position < access.size; position += WINDOW) {
    const window = bytesAt(access, position, WINDOW + BEGINS.length - 1);
    for (let at = window.indexOf(BEGINS); at >= 0; at = window.indexOf(BEGINS, at + 1)) yield position + at;
  }
}

/** Whole ones, and deltas as git has them of all that stands before in the block, without the size of that. */
function* textsIn(
  block: Buffer,
  { container, path, formats = [] }: MemberProvenance,
  { budget }: Expansion,
): Generator<Found> {
  for (let at = 0; at < block.length; ) {
    const length = numberAt(block, at + 1);
    const end = length.next + length.value;
    const stored = block.subarray(length.next, end);
    if (end > block.length || (block[at] !== WHOLE && block[at] !== DELTA))
      throw new ChainFault('is damaged');
    const content =
      block[at] === WHOLE
        ? stored
        : applyDelta(block, Buffer.concat([numberOf(block.length), stored]), budget.limits.memory);
    budget.entry();
    budget.expand(content.length, 0);
    const provenance = placeIn(container, `text at byte ${at} of the ${path}`, formats);
    yield member({ type: 'unit', provenance, content });
    at = end;
  }
}

/** Seven bits a byte, the lowest first. */
function numberAt(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let next = at, scale = 1; next < bytes.length && next < at + 5; next++, scale *= 128) {
    value += (bytes[next]! & 127) * scale;
    if (bytes[next]! < 128) return { value, next: next + 1 };
  }
  return { value: 0, next: bytes.length };
}

function numberOf(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest >= 128 ? (rest % 128) | 128 : rest);
    if (rest < 128) return Buffer.from(bytes);
  }
}
