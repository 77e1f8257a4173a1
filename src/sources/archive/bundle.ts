import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream } from '../random-access.js';
import { pin } from '../spool.js';
import { type Expansion, type Found, item, member } from './found.js';

/** Reads a git bundle: its header and its objects; as plain bytes where no history is asked for. */
export async function* readBundle(
  access: RandomAccess,
  where: Provenance,
  { budget, history, spool }: Expansion,
): AsyncGenerator<Found> {
  if (!history) {
    yield item({ type: 'unit', provenance: where, content: new AccessStream(access) });
    return;
  }
  budget.expand(0, access.size);
  const { BundleSource } = await import('../git/bundle-source.js');
  const source = new BundleSource({ file: pin(access, spool), where, budget });
  for (const found of source.items()) yield found.type === 'unit' ? member(found) : item(found);
}
