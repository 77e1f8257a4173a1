import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt, JoinedAccess, MemoryAccess, WindowAccess } from '../random-access.js';
import { type Expansion, type Found, missed, placeIn } from './found.js';
import { unpackedName } from './gzip.js';
import { readPacked } from './packed.js';

const HEADER = 6;
/** Checksum, size of the content, size of the member. Version 0 lacks the last. */
const TRAILER = 20;

/**
 * Reads lzip (the manual of lzip 1.24, “File format”): each member is LZMA with properties that never change, and is
 * handed on as the .lzma file that it would be.
 */
export async function* readLzip(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  const place = placeIn(where, unpackedName(where), ['lzip']);
  for (const { start, end } of membersOf(access)) {
    expansion.budget.entry();
    const head = bytesAt(access, start, HEADER);
    const power = head[5]! & 0x1f;
    if (power < 12 || power > 29) {
      yield missed(where, 'corrupt', `damaged at byte ${start + 5}: there is no dictionary of that size`);
      continue;
    }
    const properties = Buffer.alloc(13, 0xff);
    properties[0] = 0x5d;
    properties.writeUInt32LE(2 ** power, 1);
    const data = new WindowAccess(access, start + HEADER, end - start - HEADER - TRAILER);
    yield* readPacked(new JoinedAccess([new MemoryAccess(properties), data]), where, expansion, place);
  }
}

/** From the end, because each member says at its end how long it is; what does not add up is taken for one. */
function membersOf(access: RandomAccess): { start: number; end: number }[] {
  const members: { start: number; end: number }[] = [];
  for (let end = access.size; end > 0; ) {
    const trailer = bytesAt(access, end - 8, 8);
    const size = trailer.length < 8 ? 0 : Number(trailer.readBigUInt64LE(0));
    const start = end - size;
    if (size < HEADER + TRAILER || start < 0 || bytesAt(access, start, 4).toString('latin1') !== 'LZIP')
      break;
    members.unshift({ start, end });
    end = start;
  }
  const [first] = members;
  if (first === undefined || first.start > 0) members.unshift({ start: 0, end: first?.start ?? access.size });
  return members;
}
