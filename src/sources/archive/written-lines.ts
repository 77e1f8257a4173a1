import type { Feed } from '../feed.js';
import { uudecoded } from './uuencode.js';

/** A file that stands in a text, line for line. */
export interface WrittenFile {
  readonly name: string;
  readonly bytes: Buffer;
  /** Offset of the first line in what was read, and of what follows the last. */
  readonly start: number;
  readonly end: number;
  /** It goes on, but no more of it is kept. */
  readonly isCut: boolean;
  readonly kind: 'file' | 'zlib' | 'zlib of a delta';
}

/** A line of uuencode has 61 characters, one of a patch 66. */
const LONGEST_LINE = 128;
const LONGEST_HEADER = 512;

/** What is uuencoded (POSIX, uuencode), from the line end before `begin` on. @param most bytes of it that are kept */
export async function* uuencodedFile(feed: Feed, most: number): AsyncGenerator<WrittenFile> {
  await lineOf(feed, LONGEST_HEADER);
  const name = /^begin [0-7]{3,6} (\S.*)$/.exec((await lineOf(feed, LONGEST_HEADER)) ?? '')?.[1];
  if (name !== undefined) yield { name, kind: 'file', ...(await decodedLines(feed, uuLine, most)) };
}

/**
 * What a binary patch of git holds (`git diff --binary`): what a file becomes, and behind it what it was, each packed by
 * zlib, as it is or as a delta to the other.
 */
export async function* patchedFiles(feed: Feed, most: number): AsyncGenerator<WrittenFile> {
  await lineOf(feed, LONGEST_HEADER);
  for (const name of ['new content', 'old content']) {
    const header = /^(literal|delta) \d{1,12}$/.exec((await lineOf(feed, LONGEST_HEADER)) ?? '');
    if (header === null) return;
    const kind = header[1] === 'delta' ? 'zlib of a delta' : 'zlib';
    yield { name, kind, ...(await decodedLines(feed, patchLine, most)) };
    await lineOf(feed, LONGEST_LINE);
  }
}

async function decodedLines(
  feed: Feed,
  decode: (line: string) => Buffer | undefined,
  most: number,
): Promise<Pick<WrittenFile, 'bytes' | 'start' | 'end' | 'isCut'>> {
  const start = feed.position;
  const parts: Buffer[] = [];
  let size = 0;
  for (;;) {
    const line = await lineAhead(feed, LONGEST_LINE);
    const bytes = line === undefined ? undefined : decode(line.text);
    if (bytes === undefined || bytes.length === 0 || size > most) {
      const isCut = bytes !== undefined && size > most;
      return { bytes: Buffer.concat(parts), start, end: feed.position, isCut };
    }
    await feed.skip(line!.length);
    parts.push(bytes);
    size += bytes.length;
  }
}

function uuLine(line: string): Buffer | undefined {
  const length = (line.charCodeAt(0) - 32) & 63;
  // Some leave out the blanks at the end of a line.
  return /^[ -`]+$/.test(line) && line.length <= 2 + Math.ceil(length / 3) * 4 ? uudecoded(line) : undefined;
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~';
const VALUES = new Int8Array(256).fill(-1);
for (const [value, digit] of [...DIGITS].entries()) VALUES[digit.charCodeAt(0)] = value;

/** A line of git's base85: a letter for how many bytes it holds, five digits for four of them. */
function patchLine(line: string): Buffer | undefined {
  const letter = line.charCodeAt(0);
  const length = letter >= 0x61 ? letter - 0x61 + 27 : letter - 0x41 + 1;
  if (!/^[A-Za-z]/.test(line) || line.length !== 1 + Math.ceil(length / 4) * 5) return undefined;
  const bytes = Buffer.alloc(Math.ceil(length / 4) * 4);
  for (let group = 0; 5 * group + 1 < line.length; group++) {
    let word = 0;
    for (let digit = 1; digit <= 5; digit++) {
      const value = VALUES[line.charCodeAt(5 * group + digit)]!;
      if (value < 0) return undefined;
      word = word * 85 + value;
    }
    bytes.writeUInt32BE(word % 2 ** 32, 4 * group);
  }
  return bytes.subarray(0, length);
}

/** The next line, taken; without its end. */
async function lineOf(feed: Feed, longest: number): Promise<string | undefined> {
  const line = await lineAhead(feed, longest);
  await feed.skip(line?.length ?? 0);
  return line?.text;
}

async function lineAhead(
  feed: Feed,
  longest: number,
): Promise<{ readonly text: string; readonly length: number } | undefined> {
  for (let seen = 0; ; ) {
    const end = feed.buffer.subarray(feed.start, feed.end).indexOf(0x0a, seen);
    if (end > longest) return undefined;
    if (end >= 0 || feed.ended) {
      const length = end < 0 ? feed.available : end + 1;
      if (length === 0 || length > longest + 1) return undefined;
      return {
        text: feed.buffer.toString('latin1', feed.start, feed.start + length).replace(/\r?\n$/, ''),
        length,
      };
    }
    seen = feed.available;
    if (seen > longest) return undefined;
    await feed.need(seen + 1);
  }
}

/** What a delta adds to its base (gitformat-pack, "Deltified representation"); where it copies, a zero stands. */
export function addedBy(delta: Buffer): Buffer {
  const parts: Uint8Array[] = [];
  let at = sizeEnd(delta, sizeEnd(delta, 0));
  while (at < delta.length) {
    const code = delta[at++]!;
    if (code < 0x80) {
      parts.push(delta.subarray(at, at + code));
      at += code;
    } else {
      parts.push(Buffer.alloc(1));
      for (let bits = code & 0x7f; bits !== 0; bits &= bits - 1) at++;
    }
  }
  return Buffer.concat(parts);
}

function sizeEnd(delta: Buffer, at: number): number {
  let end = at;
  while (end < delta.length && delta[end]! >= 0x80) end++;
  return end + 1;
}
