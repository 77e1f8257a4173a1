import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import type { Expansion } from './found.js';
import { isWhole } from './zip-check.js';
import { type Decrypted, decryptions } from './zip-decrypt.js';
import type { ZipReading } from './zip-member.js';

/** What the right password makes of a member: the one that its checksum confirms, else the first that may be right. */
export async function decrypted(
  access: RandomAccess,
  reading: ZipReading,
  expansion: Expansion,
  where: Provenance,
): Promise<Decrypted | undefined> {
  const { passwords, spool } = expansion;
  let likely: Decrypted | undefined;
  for (const tried of decryptions(access, reading, passwords, spool)) {
    if (passwords.length === 1 || (await isWhole(tried, expansion, where))) {
      likely?.access.close();
      return tried;
    }
    if (likely === undefined) likely = tried;
    else tried.access.close();
  }
  return likely;
}
