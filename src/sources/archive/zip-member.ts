import { crc32, inflateRawSync } from 'node:zlib';
import type { Budget } from '../../model/budget.js';
import { diagnostic } from '../../model/diagnostic.js';
import type { Provenance } from '../../model/provenance.js';
import { SourceFault } from '../../model/source.js';
import { Feed } from '../feed.js';
import type { RandomAccess } from '../file-tree.js';
import type { Inflated } from '../git/inflate.js';
import { PackKernel } from '../git/pack-kernel.js';
import { AccessStream, bytesAt, JoinedAccess, MemoryAccess, WindowAccess } from '../random-access.js';
import { accessOf, pin, type SyncStream } from '../spool.js';
import type { Expansion, Found } from './found.js';
import { InflateStream } from './inflate-stream.js';
import { inflate, type NativeInflateStream } from './native-inflate-stream.js';
import { StoredStream } from './stored-stream.js';
import { zipAlone } from './zip-alone.js';
import { type ZipEntry, type ZipHeader, zip64 } from './zip-directory.js';

const LOCAL = 0x04034b50;
const LOCAL_SIZE = 30;
/** So much is read at once of a local header: name and extra field are in it, as a rule. */
const LOCAL_AHEAD = 384;
export const STORED = 0;
export const DEFLATED = 8;
const DEFLATE64 = 9;
const BZIP2 = 12;
const LZMA = 14;
export const ZSTD = 93;
const XZ = 95;
const SHRUNK = 1;
const IMPLODED = 6;
const PPMD = 98;
/** Packed as a file of that format would be, LZMA with a header of its own. */
const WHOLE_FILES = [BZIP2, LZMA, ZSTD, XZ];
/** What 7-Zip reads, and in a zip only. */
const IN_ZIPS = [SHRUNK, IMPLODED, PPMD];
export const ENCRYPTED = 1;
/** Sizes and checksum stand behind the data, not in the local header. */
export const DESCRIPTOR = 8;
/** Members up to this size, packed and unpacked, are inflated in one call. */
const SMALL_PACKED = 256 * 1024;
const SMALL = 1024 * 1024;

/** Made for the first member. */
let kernel: PackKernel | undefined;

/** What a report calls the methods that are read. */
const METHODS = new Map([
  [STORED, 'stored'],
  [DEFLATED, 'deflate'],
  [DEFLATE64, 'deflate64'],
  [BZIP2, 'bzip2'],
  [LZMA, 'lzma'],
  [ZSTD, 'zstd'],
  [XZ, 'xz'],
  [SHRUNK, 'shrink'],
  [IMPLODED, 'implode'],
  [PPMD, 'ppmd'],
]);

export function methodName(method: number): string {
  return METHODS.get(method) ?? `method ${method}`;
}

/** How one header says that a member is to be read. */
export interface ZipReading extends ZipHeader {
  /** Where its name ends in its own header. */
  readonly nameEnd: number;
  /** Where its data begins. */
  readonly data: number;
}

/** The local header (APPNOTE 4.3.7) at `at`, or undefined where there is none. */
export function readLocalHeader(access: RandomAccess, at: number): ZipReading | undefined {
  const fixed = bytesAt(access, at, LOCAL_AHEAD);
  if (fixed.length < LOCAL_SIZE || fixed.readUInt32LE(0) !== LOCAL) return undefined;
  const nameLength = fixed.readUInt16LE(26);
  const extraLength = fixed.readUInt16LE(28);
  const length = nameLength + extraLength;
  const rest =
    LOCAL_SIZE + length <= LOCAL_AHEAD
      ? fixed.subarray(LOCAL_SIZE, LOCAL_SIZE + length)
      : bytesAt(access, at + LOCAL_SIZE, length);
  const [size, packed] = zip64(rest.subarray(nameLength), [fixed.readUInt32LE(22), fixed.readUInt32LE(18)]);
  return {
    name: rest.subarray(0, nameLength),
    flags: fixed.readUInt16LE(6),
    method: fixed.readUInt16LE(8),
    checksum: fixed.readUInt32LE(14),
    time: fixed.readUInt16LE(10),
    extra: rest.subarray(nameLength),
    size: size!,
    packed: packed!,
    nameEnd: at + LOCAL_SIZE + nameLength,
    data: at + LOCAL_SIZE + nameLength + extraLength,
  };
}

/**
 * The ways in which a member can be read. Directory and local header should agree; where they do not, readers differ
 * in which they believe, and a secret may be in what either of them sees.
 */
export function readingsOf(access: RandomAccess, entry: ZipEntry): ZipReading[] {
  const local = readLocalHeader(access, entry.header);
  if (local === undefined) return [];
  const { name, flags, method, checksum, time, extra, packed, size } = entry;
  const { nameEnd, data } = local;
  const central: ZipReading = { name, flags, method, checksum, time, extra, packed, size, nameEnd, data };
  const differs =
    local.method !== central.method ||
    (local.flags & ENCRYPTED) !== (central.flags & ENCRYPTED) ||
    ((local.flags & DESCRIPTOR) === 0 && local.packed !== central.packed);
  return differs ? [central, { ...local, name: entry.name }] : [central];
}

/** The content of a member that can be read. */
export type ZipContent =
  | { readonly bytes: Buffer; readonly consumed: number }
  | { readonly stream: InflateStream | NativeInflateStream | StoredStream };

/**
 * Opens a member; small ones are unpacked at once. What zlib refuses is read again byte by byte, up to the damage.
 * @throws BudgetExceeded
 */
export function openMember(access: RandomAccess, reading: ZipReading, budget: Budget): ZipContent {
  const window = new WindowAccess(access, reading.data, reading.packed);
  if (reading.method === STORED) return openStored(window, reading, budget);
  if (reading.method === DEFLATED && reading.packed <= SMALL_PACKED) {
    const packed = bytesAt(window, 0, window.size);
    const small = inflateSmall(packed, reading);
    if (small !== undefined) {
      budget.expand(small.bytes.length, 0);
      return small;
    }
  }
  return { stream: inflate(feedOf(window), budget, optionsOf(reading)) };
}

/**
 * The whole content, readable at any place until the spool is closed.
 * @throws SourceFault where it can't be had
 */
export function openWhole(
  access: RandomAccess,
  reading: ZipReading | undefined,
  where: Provenance,
  { budget, spool }: Expansion,
): RandomAccess {
  if (reading === undefined)
    throw new SourceFault(diagnostic(where, 'corrupt', 'no member begins where the directory says'));
  if (!opensWhole(reading))
    throw new SourceFault(
      diagnostic(where, 'unsupported', `packed by method ${reading.method}, or encrypted`),
    );
  const window = new WindowAccess(access, reading.data, reading.packed);
  if (reading.method === STORED) return window;
  return spool.keepNow(new InflateStream(feedOf(window), budget, optionsOf(reading)) as SyncStream);
}

export interface Unpacked {
  readonly content: RandomAccess;
  /** Whether nothing was wrong with it. */
  readonly whole: boolean;
}

/** The same for whatever can be read, by decoders that make their reader wait, too. It stays until the spool is closed. */
export async function unpackWhole(
  access: RandomAccess,
  reading: ZipReading,
  where: Provenance,
  expansion: Expansion,
): Promise<Unpacked> {
  const { spool } = expansion;
  const file = packedFile(access, reading);
  if (file === undefined)
    return { content: pin(openWhole(access, reading, where, expansion), spool), whole: true };
  let content: RandomAccess | undefined;
  let whole = true;
  for await (const found of unpackFile(file, reading, where, expansion)) {
    if (found.type !== 'member') whole = false;
    else content = await accessOf(found.unit.content, spool);
  }
  return { content: pin(content!, spool), whole };
}

/** Reads {@link packedFile}: the content, and what is wrong with it. */
export async function* unpackFile(
  file: RandomAccess,
  reading: ZipReading,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found, undefined> {
  if (reading.method === ZSTD) {
    const { readZstd } = await import('./zstd.js');
    return yield* readZstd(new AccessStream(file), where, expansion, where, false);
  }
  const { readPacked } = await import('./packed.js');
  return yield* readPacked(file, where, expansion, where, !isUnchecked(reading));
}

/** Whether nothing says what the checksum of its content is. */
export function isUnchecked({ flags, checksum }: ZipReading): boolean {
  return (flags & DESCRIPTOR) !== 0 && checksum === 0;
}

/** Whether {@link openWhole} opens it. */
export function opensWhole({ flags, method }: Pick<ZipReading, 'flags' | 'method'>): boolean {
  return (flags & ENCRYPTED) === 0 && [STORED, DEFLATED, DEFLATE64].includes(method);
}

export function canRead(reading: ZipReading): boolean {
  return [STORED, DEFLATED, DEFLATE64, ...WHOLE_FILES, ...IN_ZIPS].includes(reading.method);
}

/** The packed data as a file that a decoder of its format takes; undefined where {@link openMember} reads it. */
export function packedFile(access: RandomAccess, reading: ZipReading): RandomAccess | undefined {
  const window = new WindowAccess(access, reading.data, reading.packed);
  if (IN_ZIPS.includes(reading.method)) return zipAlone(window, reading);
  if (!WHOLE_FILES.includes(reading.method)) return undefined;
  if (reading.method !== LZMA) return window;
  // Version and length of the properties (APPNOTE 5.8.8) instead of the size that an .lzma file has behind them.
  const front = bytesAt(window, 0, 9);
  if (front.length < 9 || front.readUInt16LE(2) !== 5) return window;
  const head = new MemoryAccess(Buffer.concat([front.subarray(4), Buffer.alloc(8, 0xff)]));
  return new JoinedAccess([head, new WindowAccess(window, 9, window.size - 9)]);
}

function feedOf(packed: RandomAccess): Feed {
  return new Feed(new AccessStream(packed));
}

/** What is small and whole is read at once; the rest says itself where it is damaged. */
function openStored(window: WindowAccess, { packed, checksum }: ZipReading, budget: Budget): ZipContent {
  if (packed <= SMALL_PACKED) {
    const bytes = bytesAt(window, 0, packed);
    if (bytes.length === packed && crc32(bytes) === checksum) {
      budget.expand(packed, 0);
      return { bytes, consumed: packed };
    }
  }
  return { stream: new StoredStream(window, budget) };
}

/** The whole zip was counted when it was opened. */
function optionsOf(reading: ZipReading) {
  return { wide: reading.method === DEFLATE64, counted: false };
}

function inflateSmall(packed: Buffer, reading: ZipReading): Inflated | undefined {
  kernel ??= new PackKernel();
  const whole = kernel.inflateSmall(packed, true) ?? inflateAtOnce(packed);
  if (whole === undefined || isUnchecked(reading)) return whole;
  return crc32(whole.bytes) === reading.checksum ? whole : undefined;
}

function inflateAtOnce(packed: Buffer): Inflated | undefined {
  try {
    const { buffer, engine } = inflateRawSync(packed, { maxOutputLength: SMALL, info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return { bytes: buffer, consumed: engine.bytesWritten };
  } catch {
    return undefined;
  }
}
