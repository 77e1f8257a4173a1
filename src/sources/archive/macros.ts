import { BudgetExceeded } from '../../model/budget.js';
import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { type Expansion, type Found, item, placeIn } from './found.js';

const WINDOW = 1024 * 1024;
/** How every module of VBA begins, behind the signature and the first header: eight letters, and the flags of the next. */
const BEGINNING = Buffer.from('\0Attribut\0e VB_', 'latin1');
/** Signature, header of the first chunk. */
const BEFORE = 3;
/** What a chunk stands for. */
const CHUNK = 4096;
/** Modules are 64 Ki lines long at most; 16 MiB is what no editor makes of them. */
const MOST_CHUNKS = 4096;

/** Whether macros may be in it: it is a stream of a compound file. */
export function mayHoldMacros(where: Provenance): boolean {
  return where.kind === 'member' && where.formats?.at(-1) === 'compound';
}

/** The source of macros of Office, which lies packed behind what was compiled of it ([MS-OVBA] 2.3.4.3, 2.4.1). */
export function* readMacros(
  access: RandomAccess,
  where: Provenance,
  { budget }: Expansion,
): Generator<Found> {
  for (const { start, end, source } of macrosIn(access)) {
    budget.entry();
    try {
      budget.expand(source.length, 0);
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      yield { type: 'exceeded', error, where };
      return;
    }
    const place = placeIn(where, `macro at byte ${start}`, ['stream', 'vba'], { start, end });
    yield item({ type: 'unit', provenance: place, content: source });
  }
}

interface Macro {
  readonly start: number;
  readonly end: number;
  readonly source: Buffer;
}

/** Each behind the last: bytes are unpacked once. */
function* macrosIn(access: RandomAccess): Generator<Macro> {
  let behind = 0;
  for (let position = 0; position < access.size; position += WINDOW - BEGINNING.length) {
    const window = bytesAt(access, position, WINDOW);
    for (let at = window.indexOf(BEGINNING); at >= 0; at = window.indexOf(BEGINNING, at + 1)) {
      const start = position + at - BEFORE;
      if (start < behind || bytesAt(access, start, 1)[0] !== 1) continue;
      const { source, end } = unpacked(access, start);
      behind = Math.max(end, start + 1);
      yield { start, end, source };
    }
  }
}

/**
 * What a container of [MS-OVBA] 2.4.1 holds, as far as it is whole. Chunks stand for 4 KiB each; of eight tokens a byte says
 * whether each is a letter or a copy from what came before in the chunk.
 */
export function unpacked(access: RandomAccess, start: number): Omit<Macro, 'start'> {
  const chunks: Buffer[] = [];
  let at = start + 1;
  while (at + 2 <= access.size && chunks.length < MOST_CHUNKS) {
    const bytes = bytesAt(access, at, 2 + CHUNK);
    const header = bytes.readUInt16LE(0);
    if (((header >> 12) & 7) !== 3) break;
    const end = Math.min((header & 0xfff) + 3, bytes.length);
    chunks.push(header >> 15 === 1 ? chunkOf(bytes, 2, end) : Buffer.from(bytes.subarray(2)));
    at += header >> 15 === 1 ? end : bytes.length;
  }
  return { source: Buffer.concat(chunks), end: at };
}

function chunkOf(bytes: Buffer, from: number, end: number): Buffer {
  const chunk = Buffer.alloc(CHUNK);
  let length = 0;
  for (let at = from; at < end; ) {
    const flags = bytes[at++]!;
    for (let token = 0; token < 8 && at < end && length < CHUNK; token++) {
      if (((flags >> token) & 1) === 0) {
        chunk[length++] = bytes[at++]!;
        continue;
      }
      if (at + 2 > end) return chunk.subarray(0, length);
      const copy = bytes.readUInt16LE(at);
      at += 2;
      const bits = Math.max(4, Math.ceil(Math.log2(length)));
      const start = length - (copy >> (16 - bits)) - 1;
      if (start < 0) return chunk.subarray(0, length);
      const until = Math.min(CHUNK, length + (copy & (0xffff >> bits)) + 3);
      for (let next = start; length < until; next++) chunk[length++] = chunk[next]!;
    }
  }
  return chunk.subarray(0, length);
}
