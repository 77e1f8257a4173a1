import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt, WindowAccess } from '../random-access.js';
import { type Expansion, type Found, item, member, missed, names, SHORTEST_NAME } from './found.js';
import { unpackedName } from './gzip.js';
import { list, type SevenZipJob, type Unpacked, unpack } from './seven-zip.js';
import { type ListedMember, parseListing } from './seven-zip-listing.js';

/**
 * Reads a format that packs one content (xz, bzip2, zstd…) with 7-Zip.
 * @param place what the content is called; by default the name of the file without its ending
 */
export async function* readPacked(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
  place: Provenance = { kind: 'member', container: where, path: unpackedName(where) },
): AsyncGenerator<Found, undefined> {
  expansion.budget.expand(0, access.size);
  const unpacked = await unpack(jobOf(access, expansion));
  yield member({ type: 'unit', provenance: place, content: new AccessStream(unpacked.content) });
  yield* complaints(unpacked, where);
  unpacked.content.close();
}

/** Reads a format that holds many members (7z, rar, cab, iso, cpio, ar, rpm, xar) with 7-Zip, and the file as it is. */
export async function* readArchive(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  expansion.budget.expand(0, access.size);
  const { job, listed, errors } = await opened(jobOf(access, expansion), expansion.passwords);
  for (const { path, encrypted } of listed) {
    expansion.budget.entry();
    if (path.length >= SHORTEST_NAME) yield names(memberOf(where, path), Buffer.from(path));
    if (encrypted)
      yield missed(
        memberOf(where, path),
        'encrypted',
        'the member is encrypted: give its password, or unpack it and scan the result',
      );
  }
  if (listed.length === 0 && errors.length > 0) {
    yield unreadable(where, hasHiddenNames(access) ? ['encrypted'] : errors);
  } else {
    const unpacked = await unpack(job);
    yield* contents(unpacked, listed, where);
    yield* complaints(
      listed.some(({ encrypted }) => encrypted) ? withoutPasswords(unpacked) : unpacked,
      where,
    );
    unpacked.content.close();
  }
  yield item({ type: 'unit', provenance: where, content: new AccessStream(access) });
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
  const { content, errors } = await unpack(job);
  content.close();
  return !errors.some((line) => /password|broke off/i.test(line));
}

function* contents(
  { content }: Unpacked,
  listed: readonly ListedMember[],
  where: Provenance,
): Generator<Found> {
  const filled = listed.filter(({ folder, encrypted }) => !folder && !encrypted);
  const known = filled.reduce((sum, { size }) => sum + (size ?? 0), 0);
  if (filled.length === 1 || known !== content.size) {
    // Where sizes don't add up it can't be said which bytes are whose; they are searched all the same.
    const place = filled.length === 1 ? memberOf(where, filled[0]!.path) : where;
    yield member({ type: 'unit', provenance: place, content: new AccessStream(content) });
    return;
  }
  let position = 0;
  for (const { path, size } of filled) {
    if (size === undefined || size === 0) continue;
    const window = new WindowAccess(content, position, size);
    yield member({ type: 'unit', provenance: memberOf(where, path), content: new AccessStream(window) });
    position += size;
  }
}

function* complaints({ errors, exceeded, content }: Unpacked, where: Provenance): Generator<Found> {
  if (exceeded !== undefined) yield { type: 'exceeded', error: exceeded, where };
  else if (errors.length > 0) yield unreadable(where, errors, content.size);
}

function unreadable(where: Provenance, errors: readonly string[], size = 0): Found {
  const text = errors.join('; ');
  const read = size > 0 ? ` The first ${size} bytes of content were scanned` : ' Nothing inside was scanned';
  if (/memory/i.test(text))
    return missed(where, 'too_large', `needs more memory to unpack than is allowed.${read}`);
  if (/password|encrypted/i.test(text)) {
    return missed(
      where,
      'encrypted',
      `encrypted: give its password, or unpack it and scan the result.${read}`,
    );
  }
  const reason = /unsupported/i.test(text) ? 'unsupported' : 'corrupt';
  return missed(where, reason, `the decoder reports: ${errors.slice(0, 3).join('; ')}.${read}`);
}

/** A 7z whose directory is encrypted: what describes that directory is clear, and names the AES coder (7zFormat.txt). */
function hasHiddenNames(access: RandomAccess): boolean {
  const start = bytesAt(access, 0, 32);
  if (start.length < 32 || start.toString('latin1', 0, 2) !== '7z') return false;
  const header = bytesAt(access, 32 + Number(start.readBigUInt64LE(12)), 4096);
  return header[0] === 0x17 && header.includes('\x06\xf1\x07\x01', 0, 'latin1');
}

/** What is encrypted was listed member by member. */
function withoutPasswords(unpacked: Unpacked): Unpacked {
  return { ...unpacked, errors: unpacked.errors.filter((line) => !/password|encrypted/i.test(line)) };
}

function memberOf(where: Provenance, path: string): Provenance {
  return { kind: 'member', container: where, path: path === '' ? unpackedName(where) : path };
}

function jobOf(access: RandomAccess, { budget, spool }: Expansion): SevenZipJob {
  return { access, budget, spool };
}
