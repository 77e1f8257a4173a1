import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { carvePlain } from './carve.js';
import { type Expansion, type Found, member, placeIn } from './found.js';
import type { HeldOptions } from './held.js';
import { BLOCK, HEADER, LONG_HEADER, RECYCLED } from './record-log-head.js';
import { SplicedAccess } from './spliced.js';
import { PageReader } from './sqlite-pages.js';
import { StoredStream } from './stored-stream.js';

const FULL = 1;
const FIRST = 2;
const LAST = 4;

/**
 * Reads a log of LevelDB or RocksDB (log_format.md), as browsers and programs of Electron keep one: the bytes as they are,
 * and each record that goes on in another block as a whole, without the header that stands in it there.
 */
export async function* readRecordLog(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion & HeldOptions,
): AsyncGenerator<Found> {
  yield* carvePlain(access, where, expansion, expansion.carved);
  for (const { start, end, content } of recordsIn(access)) {
    expansion.budget.entry();
    const place = placeIn(where, `record at byte ${start}`, ['stream', 'record log'], { start, end });
    yield member({ type: 'unit', provenance: place, content: new StoredStream(content, expansion.budget) });
  }
}

interface LogRecord {
  /** What of it stands in its first block. */
  readonly start: number;
  readonly end: number;
  readonly content: SplicedAccess;
}

/** Records in several pieces. What does not hold together is passed over, up to the next block. */
function* recordsIn(access: RandomAccess): Generator<LogRecord> {
  const reader = new PageReader(access);
  let open: LogRecord | undefined;
  for (let at = 0; at + HEADER <= access.size; ) {
    const left = BLOCK - (at % BLOCK);
    const header = left < HEADER ? undefined : reader.at(at, HEADER);
    const kind = header?.[6] ?? 0;
    const start = at + (kind > LAST ? LONG_HEADER : HEADER);
    const end = start + (header?.readUInt16LE(4) ?? 0);
    if (kind === 0 || kind > RECYCLED + LAST || end > at + left || end > access.size) {
      at += left;
      continue;
    }
    at = end;
    const piece = kind > LAST ? kind - RECYCLED : kind;
    if (piece === FIRST) open = { start, end, content: new SplicedAccess(access) };
    open?.content.add(start, end - start);
    if (open !== undefined && piece === LAST) yield open;
    if (piece === FULL || piece === LAST) open = undefined;
  }
}
