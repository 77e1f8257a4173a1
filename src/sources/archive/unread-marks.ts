import type { Diagnostic } from '../../model/diagnostic.js';
import { windowsOf } from './version-marks.js';

/** A container that is known and not read: what it begins with (one character per byte), and what people call it. */
export interface Unread {
  readonly text: string;
  /** Where it begins, if not at once. */
  readonly at?: number;
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
const behind = (at: number, text: string, name: string, fits?: Unread['fits']): Unread => ({
  at,
  ...packed(text, name, fits),
});
const locked = (text: string, name: string, fits?: Unread['fits']): Unread => ({
  ...packed(text, name, fits),
  reason: 'encrypted',
});

export const MAILBOX = '!BDN';

/** To be clean, what is in these would have to be searched; so each is listed by its name. */
export const UNREAD: readonly Unread[] = [
  packed('LRZI', 'lrzip', (head) => head[4] === 0),
  packed('RZIP\x02', 'rzip'),
  packed('7kSt\xa0\x31\x83\xd3', 'ZPAQ'),
  packed('zPQ', 'ZPAQ', (head) => head[3] === 1 || head[3] === 2),
  packed('ZOO ', 'zoo', (head) => isAt(head, 20, '\xdc\xa7\xc4\xfd')),
  packed('SIT!', 'StuffIt', (head) => isAt(head, 10, 'rLau')),
  packed('StuffIt (c)', 'StuffIt'),
  packed('ALZ\x01', 'ALZip'),
  packed('EGGA', 'EGG', (head) => head[4] === 0 && head[5] === 1),
  packed(
    'bvx',
    'LZFSE',
    (head) => isAt(head, 3, '2') || isAt(head, 3, '-') || isAt(head, 3, '1') || isAt(head, 3, 'n'),
  ),
  packed('pbzx', 'the payload of a package of macOS (pbzx)'),
  packed('PRI * HTTP/2.0\r\n\r\nSM\r\n', 'HTTP/2, whose headers are packed (HPACK)'),
  packed('KDUMP   ', 'a dump of the kernel’s memory (makedumpfile)'),
  packed('MAM\x04', 'what Windows packed (MAM)'),
  packed('ZWS', 'Flash, packed by LZMA', (head) => head[3]! < 64 && head[12] === 0x5d),
  packed('\x3f\xd7\x6c\x17', 'Lucene, which packs what it stores', isLucene),
  packed('qpress10', 'qpress'),
  packed('UnityFS\0', 'assets of Unity, which are packed'),
  packed('\x1a\0\0\x04\0\0', 'a database of Notes, whose values may be packed'),
  packed('SEQ', 'a file of Hadoop whose records are packed', isSequenceOf),
  packed('\r\0\0\0\0\0\0\0nix-archive-1', 'an archive of Nix (NAR)'),
  packed('pbze', 'Apple Archive'),
  packed('AA01', 'Apple Archive', (head) => head[5] === 0),
  packed('YAA1', 'Apple Archive', (head) => head[5] === 0),
  packed('ORC', 'ORC, whose columns are packed', (head) => head[3]! < 0x20 || head[3]! >= 0x80),
  packed('DELTA', 'revisions of Subversion, packed by LZ4', (head) => windowsOf(head) === 2),
  packed('SVN-fs-dump-format-version: 3\n', 'a dump of Subversion that is made of deltas'),
  packed('\xd6\xc3\xc4', 'a delta (VCDIFF)', (head) => head[3] === 0 || head[3] === 0x53),
  packed('\x16\xd1\x16\xd1\x01', 'a table of InfluxDB, whose values are packed'),
  packed('\x7fVirtualBox SavedState V', 'the memory of a machine of VirtualBox'),
  packed('LVF\x09\r\n\xff\0', 'files in an image of EnCase (L01)'),
  ...['EVF2', 'LEF2'].map((text) => packed(`${text}\r\n\x81\0`, 'an image of EnCase 7 (Ex01, Lx01)')),
  packed('MSSQLBAK', 'a packed back-up of SQL Server'),
  ...['HIBR', 'hibr'].map((text) =>
    packed(text, 'the memory of Windows at rest (hiberfil.sys)', (head) => isAt(head, 5, '\0\0\0')),
  ),
  packed(MAILBOX, 'an Outlook mailbox (PST, OST)'),
  locked('LUKS\xba\xbe', 'a LUKS volume'),
  locked('Salted__', 'OpenSSL'),
  // The same in base64.
  locked('U2FsdGVkX1', 'OpenSSL'),
  locked('VimCrypt~0', 'Vim'),
  locked('KWALLET\n\r\0\r\n', 'KWallet'),
  locked('GnomeKeyring\n\r\0\n', 'GNOME’s keyring'),
  locked('ANDROID BACKUP\n', 'the password of a back-up of Android', (head) => isAt(head, 19, 'AES-256')),
  locked('bplist00', 'the password of a back-up of an iPhone or iPad', isLockedPhone),
  locked('{"created":"', 'restic, whose key this is', isKeyOfRestic),
  locked('duplicacy\0', 'Duplicacy'),
  locked('\xeb\x58\x90-FVE-FS-', 'BitLocker'),
  locked('\xeb\x52\x90-FVE-FS-', 'BitLocker'),
  // Messages of OpenPGP (RFC 9580, 4.2): a session key for a public key (version 3, an algorithm that there is) or a password.
  ...['\x84', '\x85', '\xc1'].map((text) => locked(text, 'OpenPGP', isForKey)),
  ...['\x8c', '\xc3'].map((text) => locked(text, 'OpenPGP', isForPassword)),
  ...['\x30\x80', '\x30\x82', '\x30\x83'].map((text) => locked(text, 'CMS (S/MIME)', isEnveloped)),
  locked('age-encryption.org/v1\n', 'age'),
  locked('-----BEGIN AGE ENCRYPTED FILE-----', 'age'),
  locked('AEA1', 'Apple Encrypted Archive'),
  locked('\x03\xd9\xa2\x9a', 'KeePass'),
];

/** What shows further in, file systems above all, and is not read: plain files in it are searched, for they lie there as they are. */
const UNREAD_FURTHER_IN: readonly Unread[] = [
  behind(7, '**ACE**', 'ACE'),
  behind(8, 'DUCK', 'a database of DuckDB, whose columns are packed'),
  behind(0, '\0\0\0\x7b', 'dar, which may pack files in ways that have no mark', isDar),
  behind(0, 'FsA0', 'fsarchiver, which may pack files in ways that have no mark'),
  behind(12, 'BB02', 'a volume of Bacula, whose blocks cut up what they hold', isBacula),
  behind(
    0,
    '\xc3\xca\x04\xc1',
    'the cache of Chromium on Windows, of which answers in Brotli cannot be told',
  ),
  behind(4, '\xef\xcd\xab\x89\x20\x06', 'a database of ESE (Exchange, Windows), whose values may be packed'),
  ...[26, 27].map((at) => behind(at, 'db_header', 'a database of CouchDB, whose documents are packed')),
  behind(8, '\xac\xcb\xba\xf5\x02\0\0\0', 'what ZFS sends, whose blocks may be packed'),
  behind(3, 'EXFAT   ', 'a file system (exFAT)'),
  behind(3, 'ReFS\0', 'a file system (ReFS)'),
  behind(0x4018, 'version\0\0\0\0\x08', 'a file system (ZFS)'),
  behind(4096, '\xfc\x4e\x2b\xa9\x01\0\0\0', 'a disk of a RAID (md)'),
  behind(0, 'XFSB', 'a file system (XFS)'),
  behind(0, '\x31\x18\x10\x06', 'a file system (UBIFS)'),
  behind(0, 'UBI#\x01', 'a volume of flash memory (UBI)'),
  behind(32, 'NXSB', 'a file system (APFS)'),
  behind(512, 'LABELONE', 'a volume of LVM'),
  behind(1024, '\xe2\xe1\xf5\xe0', 'a file system (EROFS)'),
  behind(1024, '\x10\x20\xf5\xf2', 'a file system (F2FS)'),
  behind(0x10034, 'ReIsEr', 'a file system (ReiserFS)'),
  behind(0x10040, '_BHRfS_M', 'a file system (Btrfs)'),
];

/** By where each begins and its first byte: nearly all bytes that are asked about are ruled out by that. */
const FIRSTS = UNREAD_FURTHER_IN.map((each) => [each.at ?? 0, each.text.charCodeAt(0), each] as const);

/** The one that shows further in. */
export function unreadFurtherIn(head: Uint8Array): Unread | undefined {
  for (const [at, first, each] of FIRSTS) if (head[at] === first && isUnread(head, each)) return each;
  return undefined;
}

/** Whether the mark stands where it should, and the rest fits. */
export function isUnread(head: Uint8Array, { text, at = 0, fits }: Unread): boolean {
  return isAt(head, at, text) && (fits === undefined || fits(head));
}

function isLucene(head: Uint8Array): boolean {
  const name = Buffer.from(head.buffer, head.byteOffset + 5, Math.min(40, head.length - 5)).toString(
    'latin1',
  );
  return /^Lucene\d+(?:StoredFields|Compound)/.test(name);
}

/** A file of Hadoop (SequenceFile) that names a codec in its header whose blocks have no mark. */
function isSequenceOf(head: Uint8Array): boolean {
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 512)).toString('latin1');
  return /compress\.(?:Snappy|Lz4|Lzo)Codec/.test(start);
}

/** A packet of that tag, whose length fits in the header (old or new form), and its first byte. */
function packetBody(head: Uint8Array): number {
  return head[0] === 0x85 ? 3 : head[0]! >= 0xc0 && head[1]! >= 192 ? 3 : 2;
}

function isForKey(head: Uint8Array): boolean {
  const at = packetBody(head);
  return head[at] === 3 && [1, 2, 16, 18, 25, 26].includes(head[at + 9] ?? 0);
}

function isForPassword(head: Uint8Array): boolean {
  const at = packetBody(head);
  const [version, cipher, key] = [head[at], head[at + 1] ?? 0, head[at + 2] ?? 0xff];
  return head[1]! >= 4 && head[1]! < 120 && version! >= 4 && version! <= 6 && cipher <= 13 && key <= 60;
}

/** What the list of a back-up holds of keys, if there is a password; its names of values stand first. */
function isLockedPhone(head: Uint8Array): boolean {
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 512)).toString('latin1');
  return start.includes('BackupKeyBag') && start.includes('ManifestKey');
}

function isKeyOfRestic(head: Uint8Array): boolean {
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 512)).toString('latin1');
  return start.includes('"kdf":"scrypt"') && start.includes('"salt":"');
}

/** A label of ten bytes, whether it is the last slice, and what else its header holds (dar's `header.cpp`). */
function isDar(head: Uint8Array): boolean {
  return (
    'TNE'.includes(String.fromCharCode(head[14] ?? 0)) && 'TNS'.includes(String.fromCharCode(head[15] ?? 0))
  );
}

/** A block of up to 4 MiB, and the first of its numbers. */
function isBacula(head: Uint8Array): boolean {
  const size = ((head[4]! << 24) | (head[5]! << 16) | (head[6]! << 8) | head[7]!) >>> 0;
  return size >= 24 && size <= 4 * 1024 * 1024;
}

/** The object identifier of enveloped data (RFC 5652, 6.1). */
function isEnveloped(head: Uint8Array): boolean {
  const oid = '\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03';
  return isAt(head, 2 + (head[1]! & 15), oid);
}

function isAt(head: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (head[at + i] !== text.charCodeAt(i)) return false;
  return true;
}
