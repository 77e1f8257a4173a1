import type { Provenance } from '../../model/provenance.js';
import type { ScanUnit } from '../../model/source.js';
import { Feed } from '../feed.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt, WindowAccess } from '../random-access.js';
import { BodyStream } from './body-stream.js';
import { carveStreams } from './carve.js';
import { cpioEnd } from './cpio-end.js';
import { drain } from './decoded-stream.js';
import { type Expansion, type Found, item, member, missed, names, placeIn, SHORTEST_NAME } from './found.js';
import { unpackedName } from './gzip.js';
import { list, type SevenZipJob, type SevenZipStream, test, unpack } from './seven-zip.js';
import { complaints, unreadable } from './seven-zip-complaints.js';
import { type ListedMember, parseListing } from './seven-zip-listing.js';

/** Reads a format that holds many members with 7-Zip, and the file as it is. */
export async function* readArchive(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
  format: string,
): AsyncGenerator<Found> {
  expansion.budget.expand(0, access.size);
  const placeOf = (path: string) => placeIn(where, OURS.test(path) ? unpackedName(where) : path, [format]);
  const { job, listed, errors } = await opened(
    { ...jobOf(access, expansion), ...typeOf(format) },
    expansion.passwords,
  );
  for (const { path, encrypted } of listed) {
    expansion.budget.entry();
    if (path.length >= SHORTEST_NAME) yield names(placeOf(path), Buffer.from(path));
    if (encrypted || (format === 'compound' && path === ENCRYPTED_DOCUMENT))
      yield missed(
        placeOf(path),
        'encrypted',
        'the member is encrypted: give its password (--password-file), or unpack it and scan the result',
      );
  }
  if (listed.length === 0 && errors.length > 0) {
    yield unreadable(where, hasHiddenNames(access) ? ['encrypted'] : errors);
    yield* carveStreams(access, where, expansion);
  } else {
    const content = await unpack(job);
    yield* contents(content, listed, where, placeOf);
    await drain(content);
    yield* complaints(content, where, (line) => concernsEncrypted(line, listed));
  }
  yield item({ type: 'unit', provenance: where, content: new AccessStream(access) });
  if (format === 'cpio') yield* behindCpio(access, where);
}

/** What lies behind a cpio: the file system that Linux begins with is several, one behind the other, the last one packed. */
function* behindCpio(access: RandomAccess, where: Provenance): Generator<Found> {
  const start = cpioEnd(access);
  if (start === undefined) return;
  const span = { start, end: access.size };
  const provenance = placeIn(where, `archive at byte ${start}`, ['stream', 'stored'], span);
  const content = new AccessStream(new WindowAccess(access, start, access.size - start));
  yield member({ type: 'unit', provenance, content });
}

/**
 * Whether a complaint is about what was listed as encrypted, member by member: without the password, the decoder reads
 * noise, and calls it what it looks like.
 */
function concernsEncrypted(line: string, listed: readonly ListedMember[]): boolean {
  const encrypted = listed.filter((member) => member.encrypted);
  if (encrypted.length === 0) return false;
  if (encrypted.length === listed.length || /password|encrypted/i.test(line)) return true;
  return encrypted.some(({ path }) => line.endsWith(` : ${path}`));
}

/** What 7-Zip calls a content without a name: nothing, or by our name of the archive (see `seven-zip-worker.js`). */
const OURS = /^(?:archive~?)?$/;
/** What an encrypted document of Office is called in its compound file ([MS-OFFCRYPTO] 2.3). */
const ENCRYPTED_DOCUMENT = 'EncryptedPackage';

/** The beginning of an NTFS as a file in it: it would be taken for one that was cut short. */
const BOOT_SECTOR = '[SYSTEM]/$Boot';

/** What 7-Zip calls a format, where that is another name; which RAR it is, 7-Zip tells itself. */
const TYPES: Readonly<Record<string, string | undefined>> = { szdd: 'mslz', rar: undefined };

function typeOf(format: string): { type?: string } {
  const type = format in TYPES ? TYPES[format] : format;
  return type === undefined ? {} : { type };
}

/** Lists with each password until members show, none of them encrypted without one to try. */
async function opened(job: SevenZipJob, passwords: readonly string[]) {
  const first = await list(job);
  let found = { job, listed: parseListing(first.text), errors: first.errors };
  if (found.listed.length > 0 && !found.listed.some(({ encrypted }) => encrypted)) return found;
  for (const password of passwords) {
    const tried: SevenZipJob = { ...job, password };
    const { text, errors } = await list(tried);
    const listed = parseListing(text);
    if (listed.length === 0 || !(await fits(tried))) continue;
    found = { job: tried, listed: listed.map((entry) => ({ ...entry, encrypted: false })), errors };
    break;
  }
  return found;
}

/** Whether the password unpacks the archive: a listing may be clear where the contents are not. */
async function fits(job: SevenZipJob): Promise<boolean> {
  return !(await test(job)).some((line) => /password|broke off/i.test(line));
}

/** One content after the other, by the sizes that are listed. */
async function* contents(
  content: SevenZipStream,
  listed: readonly ListedMember[],
  where: Provenance,
  placeOf: (path: string) => Provenance,
): AsyncGenerator<Found> {
  const filled = listed.filter(({ folder, encrypted, size }) => !folder && !encrypted && size !== 0);
  if (filled.length === 1) {
    yield member({ type: 'unit', provenance: placeOf(filled[0]!.path), content });
    return;
  }
  const feed = new Feed(content);
  let listedSize = 0;
  for (const { path, size } of filled) {
    if (size === undefined) continue;
    const body = new BodyStream(feed, size);
    listedSize += size;
    const unit: ScanUnit = { type: 'unit', provenance: placeOf(path), content: body };
    yield path === BOOT_SECTOR ? item(unit) : member(unit);
    await body.finish();
  }
  yield* unlisted(feed, content, listedSize, where);
}

/** Where sizes don't add up it can't be said which bytes are whose; they are searched all the same. */
async function* unlisted(
  feed: Feed,
  content: SevenZipStream,
  listedSize: number,
  where: Provenance,
): AsyncGenerator<Found> {
  const more = await feed.need(1);
  if (more) yield member({ type: 'unit', provenance: where, content: feed });
  await drain(feed);
  if (content.size === listedSize || content.fault !== undefined || content.errors.length > 0) return;
  const detail = `its list of members promises ${listedSize} bytes, ${content.size} were unpacked and scanned: what was found may stand under the name of a neighbour`;
  yield missed(where, 'corrupt', detail);
}

/** A 7z whose directory is encrypted: what describes that directory is clear, and names the AES coder (7zFormat.txt). */
function hasHiddenNames(access: RandomAccess): boolean {
  const start = bytesAt(access, 0, 32);
  if (start.length < 32 || start.toString('latin1', 0, 2) !== '7z') return false;
  const header = bytesAt(access, 32 + Number(start.readBigUInt64LE(12)), 4096);
  return header[0] === 0x17 && header.includes('\x06\xf1\x07\x01', 0, 'latin1');
}

function jobOf(access: RandomAccess, { budget, spool }: Expansion): SevenZipJob {
  return { access, budget, spool };
}
