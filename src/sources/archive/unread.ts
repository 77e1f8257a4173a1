import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt } from '../random-access.js';
import { carveStreams } from './carve.js';
import { type Expansion, type Found, item, missed } from './found.js';
import { FURTHER_IN } from './further-in.js';
import { readPermuted } from './mailbox.js';
import { isUnread, MAILBOX, UNREAD, unreadFurtherIn } from './unread-marks.js';

/** The bytes as they are, and a line that says what was not looked into. */
export async function* readUnread(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  yield item({ type: 'unit', provenance: where, content: new AccessStream(access) });
  const head = bytesAt(access, 0, FURTHER_IN);
  const further = unreadFurtherIn(head);
  // Files of a disk lie in it as they are, packed ones too.
  if (further === undefined) expansion.budget.expand(0, access.size);
  else yield* carveStreams(access, where, expansion);
  const known = further ?? UNREAD.find((each) => isUnread(head, each));
  if (known === undefined) return;
  if (known.text === MAILBOX) yield* readPermuted(access, where, expansion);
  const what =
    known.reason === 'encrypted' ? `encrypted by ${known.name}` : `${known.name}, which is not read`;
  const detail = `${what}: its own bytes were scanned; unpack it and scan the result`;
  yield missed(where, known.reason, detail);
}

/** A part of an archive that was cut into files: the bytes as they are, and a line that says so. */
export async function* readPart(
  access: RandomAccess,
  where: Provenance,
  { budget }: Expansion,
): AsyncGenerator<Found> {
  budget.expand(0, access.size);
  yield item({ type: 'unit', provenance: where, content: new AccessStream(access) });
  const detail =
    'by its name a volume of an archive whose volumes from the first on are not beside it: its own bytes were scanned; put all volumes into one folder and scan that';
  yield missed(where, 'unsupported', detail);
}
