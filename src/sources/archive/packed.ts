import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { drain } from './decoded-stream.js';
import { type Expansion, type Found, member } from './found.js';
import { unpack } from './seven-zip.js';
import { complaints } from './seven-zip-complaints.js';

/**
 * Reads a format that packs one content (xz, bzip2…) with 7-Zip.
 * @param place what the content is called
 * @param checked whether the checksum that the format has is known to be that of the content
 */
export async function* readPacked(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
  place: Provenance,
  checked = true,
): AsyncGenerator<Found, undefined> {
  expansion.budget.expand(0, access.size);
  const content = await unpack({ access, budget: expansion.budget, spool: expansion.spool });
  yield member({ type: 'unit', provenance: place, content });
  await drain(content);
  const isKnown = (line: string) =>
    (!checked && /CRC failed/i.test(line)) ||
    (expansion.mayTrail && /data after the end of the payload/i.test(line));
  yield* complaints(content, where, isKnown);
}
