/** Where the fields of a header block lie; POSIX.1-1988 (ustar), the same in every dialect up to `linkname`. */
const SIZE = 124;
const CHECKSUM = 148;
/** Bytes of a block; everything begins at one. */
export const BLOCK = 512;

/** One header block: what is needed to walk the archive, and the names it holds. Text is latin1. */
export interface TarHeader {
  readonly name: string;
  readonly link: string;
  readonly owner: string;
  readonly size: number;
  /** The type flag: `0` a file, `1` a hard link, `x` a pax header, `L` a long name… `\0` is read as `0`. */
  readonly type: string;
  /** An old GNU sparse header that goes on in the next block. */
  readonly extended: boolean;
}

/** A block whose checksum fits. A block of zeros does not. */
export function isTarHeader(block: Uint8Array): boolean {
  // Almost everything that is no tar fails here, before anything is summed: a checksum field holds octal digits.
  const first = block[CHECKSUM]!;
  if (first !== 0x20 && first !== 0 && (first < 0x30 || first > 0x37)) return false;
  const expected = octal(block, CHECKSUM, 8);
  if (expected === undefined || expected === 0) return false;
  let unsigned = 8 * 0x20;
  let signed = 8 * 0x20;
  for (let i = 0; i < BLOCK; i++) {
    if (i >= CHECKSUM && i < CHECKSUM + 8) continue;
    const byte = block[i]!;
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  // Some old programs summed signed characters.
  return expected === unsigned || expected === signed;
}

export function readTarHeader(block: Uint8Array): TarHeader {
  const ustar = text(block, 257, 5) === 'ustar';
  const posix = ustar && block[262] === 0;
  const type = String.fromCharCode(block[156]!);
  // GNU tar keeps times where ustar keeps the beginning of a long name.
  const prefix = posix ? text(block, 345, 155) : '';
  const name = text(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    link: text(block, 157, 100),
    owner: ustar ? `${text(block, 265, 32)}\n${text(block, 297, 32)}` : '',
    size: number(block, SIZE, 12) ?? 0,
    type: type === '\0' ? '0' : type,
    extended: type === 'S' && block[482] === 1,
  };
}

/** The records of a pax header (`27 mtime=…\n`) by key; what is malformed, to the end, stands under ''. Text is latin1. */
export function paxRecords(body: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  const all = Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1');
  for (let at = 0; at < all.length; ) {
    const space = all.indexOf(' ', at);
    const length = Number(all.slice(at, space));
    if (space < 0 || !(length > space - at) || at + length > all.length) {
      records.set('', all.slice(at));
      break;
    }
    const record = all.slice(space + 1, at + length - 1);
    const equals = record.indexOf('=');
    if (equals > 0) records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}

function text(block: Uint8Array, at: number, length: number): string {
  let end = at;
  while (end < at + length && block[end] !== 0) end++;
  if (end === at) return '';
  return Buffer.from(block.buffer, block.byteOffset + at, end - at).toString('latin1');
}

/** Octal digits, or big-endian binary with the highest bit set (GNU, for sizes over 8 GiB). */
function number(block: Uint8Array, at: number, length: number): number | undefined {
  if ((block[at]! & 0x80) === 0) return octal(block, at, length);
  if (block[at] === 0xff) return undefined;
  let value = block[at]! & 0x7f;
  for (let i = 1; i < length; i++) value = value * 256 + block[at + i]!;
  return Number.isSafeInteger(value) ? value : undefined;
}

function octal(block: Uint8Array, at: number, length: number): number | undefined {
  let value = 0;
  let digits = 0;
  for (let i = at; i < at + length; i++) {
    const byte = block[i]!;
    if (byte >= 0x30 && byte <= 0x37) {
      value = value * 8 + byte - 0x30;
      digits++;
    } else if (byte !== 0x20 && byte !== 0) {
      return undefined;
    } else if (digits > 0) break;
  }
  return value;
}
