import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt, WindowAccess } from '../random-access.js';
import { ForwardSearch } from './forward-search.js';
import { type Expansion, type Found, item, member, missed, placeIn } from './found.js';
import { base64Stream } from './mail-encodings.js';
import { SNIFF_LENGTH, sniff } from './sniff.js';

/** What a message of OpenPGP in letters begins with (RFC 9580, 6.2). */
const ARMOR = '-----BEGIN PGP MESSAGE-----';
const END = '-----END PGP';
const LONGEST_HEADERS = 4096;
/** Packets of what is signed, packed, or put down as it is: what begins otherwise is encrypted. */
const OPEN: ReadonlySet<number> = new Set([2, 4, 8, 11]);

/** The messages in a text: what is only signed or packed is read, as it is of files that are not in letters. */
export async function* readArmor(
  access: RandomAccess,
  where: Provenance,
  { budget }: Expansion,
): AsyncGenerator<Found> {
  budget.expand(0, access.size);
  yield item({ type: 'unit', provenance: where, content: new AccessStream(access) });
  const search = new ForwardSearch(access);
  for (let at = search.next(ARMOR, 0); at >= 0; at = search.next(ARMOR, at)) {
    const head = bytesAt(access, at, LONGEST_HEADERS).toString('latin1');
    const blank = /\n[ \t]*\r?\n/.exec(head);
    const start = at + (blank === null ? ARMOR.length : blank.index + blank[0].length);
    const close = search.next(END, start);
    at = close < 0 ? access.size : close;
    budget.entry();
    const letters = new WindowAccess(access, start, withoutSum(access, start, at) - start);
    const first = Buffer.from(
      bytesAt(letters, 0, SNIFF_LENGTH).toString('latin1').replace(/\s/g, ''),
      'base64',
    );
    const place = placeIn(where, `message at byte ${start}`, ['stream', 'base64'], {
      start,
      end: start + letters.size,
    });
    yield member({ type: 'unit', provenance: place, content: base64Stream(new AccessStream(letters)) });
    if (sniff(first) !== 'unread' && !OPEN.has(packetOf(first[0] ?? 0)))
      yield missed(place, 'encrypted', 'encrypted by OpenPGP: decrypt it and scan the result');
  }
}

/** The kind of a packet, written in the old way or the new one. */
function packetOf(first: number): number {
  return (first & 0x40) !== 0 ? first & 0x3f : (first >> 2) & 15;
}

/** A line of a sum may stand before the end. */
function withoutSum(access: RandomAccess, start: number, end: number): number {
  const tail = Math.max(start, end - 12);
  const sum = /\n=[A-Za-z0-9+/]{4}\s*$/.exec(bytesAt(access, tail, end - tail).toString('latin1'));
  return sum === null ? end : tail + sum.index;
}
