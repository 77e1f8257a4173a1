import type { Provenance } from '../../model/provenance.js';
import type { ByteStream, ScanUnit } from '../../model/source.js';
import { Feed } from '../feed.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt } from '../random-access.js';
import type { ContainerFormat } from './container-format.js';
import { carves, type ExpansionOptions } from './expansion-options.js';
import { FURTHER_IN, sniffFurtherIn } from './further-in.js';
import { MAIL_HEAD, mayBeMail } from './mail-head.js';
import {
  isContainerByName,
  isNamedBrotli,
  isNamedPart,
  isNamedRevisions,
  isNamedZipVolume,
} from './named.js';
import { isNoText, isOpaque, mayEndInZip, sniff, sniffAround, sniffWhole, TELLING } from './sniff.js';

/** What arrives once and must be read at any place (to be carved, to see whether a zip is behind it) is held in memory up to this size. */
const HELD = 1024 * 1024;

interface LookedInto {
  readonly content: Uint8Array | ByteStream;
  readonly head: Uint8Array;
}

/** Whether a unit must go through {@link expand}: cheap, for the many that need not. */
export function mayExpand(unit: ScanUnit, options?: ExpansionOptions): boolean {
  if (unit.aspect === 'name') return false;
  if (!(unit.content instanceof Uint8Array)) return true;
  return mayExpandBytes('path' in unit.provenance ? unit.provenance.path : '', unit.content, options);
}

/** The same of what is in memory whole. @param path its name, as a report has it or as bytes in Latin-1 */
export function mayExpandBytes(path: string, bytes: Uint8Array, options?: ExpansionOptions): boolean {
  if (isContainerByName(path) || sniffWhole(bytes) !== undefined) return true;
  return options !== undefined && carves(options) && isNoText(bytes);
}

/** Whether a file can be searched as it is, without {@link expand}. @param deep whether streams in opaque bytes are looked for */
export function isPlain(access: RandomAccess, where: Provenance, deep: boolean): boolean {
  const content = new AccessStream(access);
  const head = bytesAt(access, 0, MAIL_HEAD);
  return formatOf(head, content, where) === undefined && !(deep && isNoText(head));
}

/** The first bytes of a content, and the content with those bytes still in front. */
export async function lookInto(
  content: Uint8Array | ByteStream,
  options: ExpansionOptions,
): Promise<LookedInto> {
  if (content instanceof Uint8Array) return { content, head: content };
  if (content instanceof AccessStream) {
    const head = bytesAt(content.access, 0, TELLING);
    return { content, head: mayBeMail(head) ? bytesAt(content.access, 0, MAIL_HEAD) : head };
  }
  const feed = content instanceof Feed ? content : new Feed(content);
  await feed.need(TELLING);
  const head = feed.buffer.subarray(feed.start, feed.end);
  // Disks tell what they are further in.
  if (isOpaque(head)) await feed.need(FURTHER_IN);
  if (mayBeMail(head)) await feed.need(MAIL_HEAD);
  if (!wantsLooking(headOf(feed), feed, options) || (await feed.need(HELD)))
    return { content: feed, head: headOf(feed) };
  const bytes = await feed.take(feed.available);
  return { content: bytes, head: bytes };
}

function headOf(feed: Feed): Uint8Array {
  return feed.buffer.subarray(feed.start, Math.min(feed.end, feed.start + MAIL_HEAD));
}

export function formatOf(
  head: Uint8Array,
  content: Uint8Array | ByteStream,
  where: Provenance,
): ContainerFormat | undefined {
  if (isNamedRevisions(where)) return 'streams';
  const format = sniff(head);
  if (format !== undefined) return format;
  if (isNamedPart(where)) return isNamedZipVolume(where) ? 'zip' : 'part';
  if (isNamedBrotli(where)) return 'brotli';
  if (content instanceof Uint8Array) return sniffWhole(content);
  if (content instanceof Feed) return sniffFurtherIn(content.buffer.subarray(content.start, content.end));
  if (!(content instanceof AccessStream)) return undefined;
  return sniffAround(bytesAt(content.access, 0, FURTHER_IN), content.access);
}

/** Whether something may lie in bytes that are no container: compressed streams, or what shows at the end alone. */
export function wantsLooking(
  head: Uint8Array,
  content: Uint8Array | ByteStream,
  options: ExpansionOptions,
): boolean {
  if (carves(options) && isNoText(head)) return true;
  return content instanceof Feed && (isOpaque(head) || mayEndInZip(head));
}
