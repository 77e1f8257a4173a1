import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream } from '../random-access.js';
import { pin } from '../spool.js';
import { type Expansion, type Found, item, member } from './found.js';
import { BEGINNINGS } from './sniff.js';

/** Reads a git pack, or one behind the header of a bundle; as plain bytes where no history is asked for. */
export async function* readGitPack(
  format: 'bundle' | 'pack',
  access: RandomAccess,
  where: Provenance,
  { budget, history, spool, screen }: Expansion,
): AsyncGenerator<Found> {
  if (!history) {
    yield item({ type: 'unit', provenance: where, content: new AccessStream(access) });
    return;
  }
  budget.expand(0, access.size);
  // What is opaque is carved in here.
  const screening = screen === undefined ? {} : { screening: { screen, marks: BEGINNINGS, opaque: true } };
  const packed = { file: pin(access, spool), where, budget, ...screening };
  const items =
    format === 'bundle'
      ? (await import('../git/bundle-items.js')).bundleItems(packed)
      : (await import('../git/lone-pack-items.js')).lonePackItems(packed);
  for (const found of items) yield found.type === 'unit' ? member(found) : item(found);
}
