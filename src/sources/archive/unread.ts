import type { Diagnostic } from '../../model/diagnostic.js';
import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt } from '../random-access.js';
import { type Expansion, type Found, item, missed } from './found.js';
import { readPermuted } from './mailbox.js';

/** A container that is known and not read: what it begins with (one character a byte), and what people call it. */
export interface Unread {
  readonly text: string;
  readonly name: string;
  readonly reason: Diagnostic['reason'];
  readonly fits?: (head: Uint8Array) => boolean;
}

const packed = (text: string, name: string, fits?: Unread['fits']): Unread => ({
  text,
  name,
  reason: 'unsupported',
  ...(fits === undefined ? {} : { fits }),
});
const locked = (text: string, name: string): Unread => ({ text, name, reason: 'encrypted' });

const MAILBOX = '!BDN';

/** To be clean, what is in these would have to be searched; so each is listed by its name. */
export const UNREAD: readonly Unread[] = [
  packed('\x89LZO\0\r\n\x1a\n', 'lzop'),
  packed('LRZI', 'lrzip', (head) => head[4] === 0),
  packed('RZIP\x02', 'rzip'),
  packed('7kSt\xa0\x31\x83\xd3', 'ZPAQ'),
  packed('zPQ', 'ZPAQ', (head) => head[3] === 1 || head[3] === 2),
  packed('ZOO ', 'zoo', (head) => isAt(head, 20, '\xdc\xa7\xc4\xfd')),
  packed('SIT!', 'StuffIt', (head) => isAt(head, 10, 'rLau')),
  packed('StuffIt (c)', 'StuffIt'),
  packed('ALZ\x01', 'ALZip'),
  packed('EGGA', 'EGG', (head) => head[4] === 0 && head[5] === 1),
  packed('\xff\x06\0\0sNaPpY', 'framed Snappy'),
  packed('bvx2', 'LZFSE'),
  packed('pbze', 'Apple Archive'),
  packed('AA01', 'Apple Archive', (head) => head[5] === 0),
  packed('YAA1', 'Apple Archive', (head) => head[5] === 0),
  packed('PAR1', 'Parquet, whose pages are packed'),
  packed('Obj\x01', 'Avro, whose blocks may be packed'),
  packed(MAILBOX, 'an Outlook mailbox (PST, OST)'),
  packed('\x78\x9f\x3e\x22', 'TNEF (winmail.dat)'),
  locked('LUKS\xba\xbe', 'a LUKS volume'),
  locked('Salted__', 'OpenSSL'),
  locked('age-encryption.org/v1\n', 'age'),
  locked('-----BEGIN PGP MESSAGE-----', 'OpenPGP'),
  locked('AEA1', 'Apple Encrypted Archive'),
  locked('\x03\xd9\xa2\x9a', 'KeePass'),
];

/** The bytes as they are, and a line that says what was not looked into. */
export async function* readUnread(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  expansion.budget.expand(0, access.size);
  yield item({ type: 'unit', provenance: where, content: new AccessStream(access) });
  const head = bytesAt(access, 0, 64);
  const known = UNREAD.find(({ text, fits }) => isAt(head, 0, text) && (fits === undefined || fits(head)));
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
    'by its name a part of an archive that was cut into files: its own bytes were scanned; put all parts together (cat NAME.* > NAME, for zip: zip -s 0 NAME.zip --out WHOLE.zip) and scan the result';
  yield missed(where, 'unsupported', detail);
}

function isAt(head: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (head[at + i] !== text.charCodeAt(i)) return false;
  return true;
}
