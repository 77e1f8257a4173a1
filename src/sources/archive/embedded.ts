import { crc32 } from 'node:zlib';
import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt, WindowAccess } from '../random-access.js';
import { type Expansion, type Found, item, member, placeIn } from './found.js';
import { LZOP } from './lzo.js';
import { MarkSearch } from './mark-search.js';
import { isPicture, pictureEnds } from './picture-end.js';

/** How far into a program an archive behind it is looked for: the unpackers in front are shorter. */
const REACH = 8 * 1024 * 1024;
const WINDOW = 1024 * 1024;
/** As much of what follows a picture is looked at: the mark of a tar stands further in. */
const TAIL = 512;
/** What is needed of a header to tell that it is one. */
const HEADER = 64;
const LINE_END = 0x0a;

interface Archive {
  /** Behind a script alone: programs hold such streams among their data, and go on behind them. */
  readonly inScripts?: true;
  readonly mark: Buffer;
  /** @param rest how many bytes there are from the mark on */
  readonly fits: (header: Buffer, rest: number) => boolean;
  /** How far before its mark it begins. */
  readonly before?: number;
  /** How long it is, where its header says so. */
  readonly length?: (header: Buffer) => number;
}

/** What archives behind programs begin with, and what else must fit: programs that read them hold the mark, too. */
const ARCHIVES: readonly Archive[] = [
  {
    ...mark('7z\xbc\xaf\x27\x1c', (header) => crc32(header.subarray(12, 32)) === header.readUInt32LE(8)),
    length: (header) => 32 + Number(header.readBigUInt64LE(12) + header.readBigUInt64LE(20)),
  },
  mark('Rar!\x1a\x07\0', (header) => header[9] === 0x73 && header.readUInt16LE(12) >= 13),
  mark('Rar!\x1a\x07\x01\0', (header) => {
    const size = header[12]!;
    return size < 0x40 && crc32(header.subarray(12, 13 + size)) === header.readUInt32LE(8);
  }),
  {
    ...mark(
      'MSCF\0\0\0\0',
      (header) => header[24] === 3 && header[25] === 1 && header.readUInt32LE(16) < 0x10000,
    ),
    length: (header) => header.readUInt32LE(8),
  },
  {
    ...mark(
      'hsqs',
      (header) => header.readUInt16LE(28) === 4 && 2 ** header.readUInt16LE(22) === header.readUInt32LE(12),
    ),
    length: (header) => Number(header.readBigUInt64LE(40)),
  },
  {
    ...mark('\xef\xbe\xad\xdeNullsoftInst', (header, rest) => {
      const following = header.readUInt32LE(20);
      return header.readUInt32LE(16) > 0 && following > 0 && following <= rest + 4;
    }),
    before: 4,
  },
  script('\x1f\x8b\x08', (header) => (header[3]! & 0xe0) === 0),
  script('\xfd7zXZ\0', (header) => crc32(header.subarray(6, 8)) === header.readUInt32LE(8)),
  script('BZh', (header) => header.toString('latin1', 4, 10) === '1AY&SY'),
  script('\x1f\x9d', (header) => (header[2]! & 0x1f) >= 9 && (header[2]! & 0x1f) <= 16),
  script(LZOP, () => true),
  script('\x28\xb5\x2f\xfd', () => true),
  script('\x04\x22\x4d\x18', () => true),
  { ...script('ustar', () => true), before: 257 },
  // One that is whole is told by its end.
  script('PK\x03\x04', (header) => header[4]! < 64 && header.readUInt16LE(26) > 0),
];

const BEHIND_SCRIPTS = { archives: ARCHIVES, marks: marksOf(ARCHIVES) };
const IN_PROGRAMS = ARCHIVES.filter(({ inScripts }) => inScripts === undefined);
const BEHIND_PROGRAMS = { archives: IN_PROGRAMS, marks: marksOf(IN_PROGRAMS) };

/** Where an archive begins behind a program, a script or a picture. */
export function embeddedAt(access: RandomAccess): number | undefined {
  const head = bytesAt(access, 0, HEADER);
  if (!isPicture(head)) return behindProgram(access);
  for (const end of pictureEnds(head, access)) {
    const tail = bytesAt(access, end, TAIL);
    const gap = tail.findIndex((byte) => byte !== 0 && byte !== 0x0a && byte !== 0x0d && byte !== 0x20);
    if (gap >= 0 && isArchive(tail.subarray(gap), access.size - end - gap)) return end + gap;
  }
  return undefined;
}

/** Right where a picture ends, what begins as an archive is one. */
function isArchive(tail: Buffer, rest: number): boolean {
  return ARCHIVES.some(
    ({ mark: text, fits, before = 0 }) =>
      tail.length >= before + HEADER && tail.indexOf(text) === before && fits(tail.subarray(before), rest),
  );
}

function behindProgram(access: RandomAccess): number | undefined {
  const end = Math.min(access.size, REACH);
  const wanted = bytesAt(access, 0, 2).toString('latin1') === '#!' ? BEHIND_SCRIPTS : BEHIND_PROGRAMS;
  for (let position = 0; position < end; position += WINDOW - HEADER) {
    const window = bytesAt(access, position, WINDOW);
    let first = Number.POSITIVE_INFINITY;
    for (const at of wanted.marks.placesIn(window)) {
      for (const archive of wanted.archives) {
        const begin = at - (archive.before ?? 0);
        if (begin > 0 && begin < first && begins(window, at, archive, access.size - position)) first = begin;
      }
    }
    if (first < window.length) return position + first;
  }
  return undefined;
}

/** How long the archive is that begins so, if one does. @param rest how many bytes there are from there on */
export function archiveLength(header: Buffer, rest: number): number | undefined {
  if (header.length < HEADER) return undefined;
  const known = ARCHIVES.find(
    ({ mark: text, fits, before, inScripts }) =>
      before === undefined && inScripts === undefined && header.indexOf(text) === 0 && fits(header, rest),
  );
  if (known === undefined) return undefined;
  const length = known.length?.(header) ?? rest;
  return length > HEADER / 2 && length <= rest ? length : rest;
}

/** The program or the picture as it is, and the archive behind it. */
export async function* readEmbedded(
  access: RandomAccess,
  where: Provenance,
  { budget }: Expansion,
): AsyncGenerator<Found> {
  budget.expand(0, access.size);
  const at = embeddedAt(access) ?? access.size;
  const span = { start: at, end: access.size };
  yield item({ type: 'unit', provenance: where, content: new AccessStream(new WindowAccess(access, 0, at)) });
  const place = placeIn(where, `archive at byte ${at}`, ['stream', 'stored'], span);
  const behind = new WindowAccess(access, at, access.size - at);
  yield member({ type: 'unit', provenance: place, content: new AccessStream(behind) });
}

function mark(text: string, fits: Archive['fits']): Archive {
  return { mark: Buffer.from(text, 'latin1'), fits };
}

/** What lies behind a script begins on a line of its own. */
function script(text: string, fits: Archive['fits']): Archive {
  return { ...mark(text, fits), inScripts: true };
}

function marksOf(archives: readonly Archive[]): MarkSearch {
  return new MarkSearch(archives.map((archive) => archive.mark.toString('latin1')));
}

/** @param rest bytes from the window's beginning to the end of the file */
function begins(
  window: Buffer,
  at: number,
  { mark, fits, before = 0, inScripts }: Archive,
  rest: number,
): boolean {
  const header = window.subarray(at, at + HEADER);
  if (header.length < HEADER || !header.subarray(0, mark.length).equals(mark)) return false;
  if (inScripts !== undefined && window[at - before - 1] !== LINE_END) return false;
  return fits(header, rest - at);
}
