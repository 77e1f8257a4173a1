import { brotliDecompressSync, constants } from 'node:zlib';
import { Feed } from '../feed.js';
import { AccessStream, MemoryAccess } from '../random-access.js';
import { InflateFault } from './deflate-bits.js';
import { Inflater } from './inflater.js';
import { unpackLzString } from './lz-string.js';
import { sniff } from './sniff.js';
import { nameOf, SHOWN } from './written-names.js';
import { type Writing, WrittenStream } from './written-stream.js';

/** A place in a text at which something packed begins; `named` says that only its name tells so. */
export interface WrittenPlace {
  readonly at: number;
  readonly writing: Writing | 'named' | 'uuencode' | 'patch';
}

/** Where such places are in some bytes. */
export type FindWritten = (bytes: Uint8Array) => readonly WrittenPlace[];

/** What tells what it is, and whether it can be unpacked. */
export const SAMPLE = 2048;
/** As much of a text as `isWritten` looks at. */
const PEEK = 4 * 1024;
/** The same where each byte is spelled: piece for piece, which is dear. */
const PEEK_SPELLED = 1536;
/** Less than this, unpacked, is no accident and holds no secret; packed, it is shorter than any secret. */
const TELLING = 20;
/** What a sample of Brotli may unpack to while it is looked at. */
const MOST_OF_SAMPLE = 1024 * 1024;
export const LEAST = 24;
/** A literal leads to a group of base64; what was packed begins in it. */
const NEAR = 8;
/** As many bytes as show the longest of the literals there. */
const SHOWING = 64;
/** What is looked at of others. */
const SHORT = 160;

/** Whether something packed begins at a place of a text, as far as the bytes from there on tell: without opening it. */
export function isWritten(
  bytes: Uint8Array,
  { writing }: WrittenPlace,
  find: FindWritten,
  depth = 0,
): boolean {
  const shown = Math.min(bytes.length, writing === 'named' ? SHOWN : SHORT);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, shown).toString('latin1');
  if (writing === 'patch') return /^patch\r?\n(?:literal|delta) \d+\r?\n[A-Za-z][!-~]{5,65}\r?\n/.test(text);
  if (writing === 'uuencode') return /^\nbegin [0-7]{3,6} \S[^\n]*\n[ -`]{5,}\r?\n/.test(text);
  const name = writing === 'named' ? nameOf(text) : { length: 0, writing, packing: undefined };
  if (name === undefined || depth > 2) return false;
  const isDense = name.writing === 'base64' || name.writing === 'hex';
  const most = name.length + (isDense ? PEEK : PEEK_SPELLED);
  const input = new AccessStream(new MemoryAccess(bytes.subarray(name.length, most)));
  const written = new WrittenStream(input, name.writing);
  const head = allOf(written);
  if (head.length < LEAST) return false;
  if (name.packing === 'brotli') return isBrotli(head);
  if (name.packing === 'lz-string') return isLzString(head);
  const data = name.packing === 'deflate' ? 0 : dataStart(head);
  if (data !== undefined && inflates(head.subarray(data))) return true;
  const inner = writtenAgain(head, find);
  if (inner !== undefined) return isWritten(head.subarray(inner.at), inner, find, depth + 1);
  return data === undefined && isOpened(head);
}

/** Whether it is a container; of messages of HTTP, whose text other decoders read, one with a body that they do not. */
export function isOpened(head: Buffer): boolean {
  const format = sniff(head);
  return format === 'http' ? ENCODED.test(head.toString('latin1')) : format !== undefined;
}

/** The fields of a body that is packed, or sent in chunks. */
const ENCODED = /^(?:content|transfer)-encoding:/im;

/** As much as a sample holds, of what is in memory. */
function allOf(written: WrittenStream): Buffer {
  const into = Buffer.alloc(SAMPLE);
  let length = 0;
  for (let count = -1; count !== 0 && length < SAMPLE; length += count)
    count = written.read(into.subarray(length)) as number;
  return into.subarray(0, length);
}

/** What is packed and written in what was written: it begins at once. */
export function writtenAgain(head: Uint8Array, find: FindWritten): WrittenPlace | undefined {
  return find(head.subarray(0, SHOWING)).find((each) => each.at < NEAR);
}

/** Whether this begins Brotli (RFC 7932); the sample may end in the middle of it. */
export function isBrotli(sample: Buffer): boolean {
  try {
    const options = { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength: MOST_OF_SAMPLE };
    return brotliDecompressSync(sample, options).length >= TELLING;
  } catch (error) {
    // More than was asked for is Brotli, too.
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
  }
}

/** Whether a sample unpacks to a text. */
export function isLzString(sample: Buffer): boolean {
  return unpackLzString(sample, SAMPLE).text.length >= TELLING;
}

/** Where DEFLATE data begin: behind a header of gzip (RFC 1952) or zlib (RFC 1950). */
export function dataStart(head: Buffer): number | undefined {
  if (sniff(head) !== 'gzip') return head[0] === 0x78 && head.readUInt16BE(0) % 31 === 0 ? 2 : undefined;
  const flags = head[3]!;
  let at = 10;
  if (flags & 4) at += 2 + head.readUInt16LE(10);
  for (const flag of [8, 16]) if (flags & flag) at = head.indexOf(0, at) + 1 || head.length;
  return flags & 2 ? at + 2 : at;
}

/** Whether this begins DEFLATE data (RFC 1951); the sample may end in the middle of them. */
export function inflates(sample: Buffer, telling = TELLING): boolean {
  const feed = new Feed(new AccessStream(new MemoryAccess(sample)), SAMPLE);
  const inflater = new Inflater(feed);
  try {
    while (inflater.step() === 'input') feed.more();
    return inflater.ready >= telling;
  } catch (error) {
    if (!(error instanceof InflateFault)) throw error;
    return feed.ended && feed.available < LEAST && inflater.ready >= telling;
  } finally {
    inflater.release();
  }
}
