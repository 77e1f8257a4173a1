import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream } from '../random-access.js';
import { pin } from '../spool.js';
import { type Expansion, type Found, item, member } from './found.js';
import { BEGINNINGS, PDF } from './sniff.js';

/** What objects begin with that have to be looked into. */
const TELLING = [...BEGINNINGS, PDF];

/** Reads a git bundle: its header and its objects; as plain bytes where no history is asked for. */
export async function* readBundle(
  access: RandomAccess,
  where: Provenance,
  { budget, history, spool, screen }: Expansion,
): AsyncGenerator<Found> {
  if (!history) {
    yield item({ type: 'unit', provenance: where, content: new AccessStream(access) });
    return;
  }
  budget.expand(0, access.size);
  const { BundleSource } = await import('../git/bundle-source.js');
  // What is opaque is carved in here.
  const screening = screen === undefined ? {} : { screening: { screen, marks: TELLING, opaque: true } };
  const source = new BundleSource({ file: pin(access, spool), where, budget, ...screening });
  for (const found of source.items()) yield found.type === 'unit' ? member(found) : item(found);
}
