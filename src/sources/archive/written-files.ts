import { BudgetExceeded } from '../../model/budget.js';
import { diagnostic } from '../../model/diagnostic.js';
import { textOfPath } from '../../model/provenance.js';
import type { ByteStream, ScanUnit } from '../../model/source.js';
import { Feed } from '../feed.js';
import { AccessStream, MemoryAccess } from '../random-access.js';
import { placeIn } from './found.js';
import { InflateStream } from './inflate-stream.js';
import {
  expanded,
  inflated,
  nestedIn,
  type OpenedUnit,
  type WrittenOptions,
  withAttributor,
} from './written-content.js';
import { addedBy, patchedFiles, uuencodedFile } from './written-lines.js';
import { inflates } from './written-signs.js';

/** Opens what is written in lines: files that are uuencoded, and binary patches of git. */
export async function* openLines(
  text: ByteStream,
  { at, writing }: { readonly at: number; readonly writing: 'uuencode' | 'patch' },
  unit: ScanUnit,
  options: WrittenOptions,
): AsyncGenerator<OpenedUnit> {
  const { memory } = options.budget.limits;
  const read = writing === 'patch' ? patchedFiles : uuencodedFile;
  for await (const { name, bytes, start, end, isCut, kind } of read(new Feed(text), memory)) {
    const how = writing === 'patch' ? 'git base85' : 'uuencode';
    const span = { start: at + start, end: at + end };
    const path = kind === 'file' ? textOfPath(Buffer.from(name, 'latin1')) : `patch at byte ${span.start}`;
    const place = placeIn(unit.provenance, path, ['stream', how], span);
    const budget = nestedIn(options.budget);
    if (isCut || budget === undefined) {
      const detail = isCut
        ? `longer than the ${memory} bytes that are held in memory (--max-memory): the rest of it was not scanned`
        : `nested deeper than ${options.budget.limits.depth} containers (--max-depth): it was not opened`;
      yield { item: diagnostic(place, 'budget', detail), budget: options.budget };
    }
    if (budget === undefined) return;
    const deeper = { ...options, budget };
    budget.expand(0, span.end - span.start);
    const inside: ScanUnit = { ...withAttributor(unit), type: 'unit', provenance: place, content: bytes };
    if (kind === 'file') {
      budget.entry();
      budget.expand(bytes.length, 0);
      yield* expanded(inside, 'opaque', deeper);
    } else if (inflates(bytes.subarray(2), 1)) {
      const feed = new Feed(new AccessStream(new MemoryAccess(bytes)));
      if (kind === 'zlib') yield* inflated(feed, 2, inside, false, deeper, name);
      else yield* added(bytes.subarray(2), inside, deeper, name);
    }
  }
}

/** What a packed delta adds. */
async function* added(
  packed: Buffer,
  unit: ScanUnit,
  options: WrittenOptions,
  name: string,
): AsyncGenerator<OpenedUnit> {
  const { budget } = options;
  budget.entry();
  const stream = new InflateStream(new Feed(new AccessStream(new MemoryAccess(packed))), budget, {
    counted: false,
  });
  const parts: Buffer[] = [];
  for (let size = 0; size < budget.limits.memory; ) {
    const part = Buffer.allocUnsafe(64 * 1024);
    const count = await stream.read(part);
    if (count === 0) break;
    parts.push(part.subarray(0, count));
    size += count;
  }
  if (stream.fault instanceof BudgetExceeded || !stream.ended) {
    const detail = 'a delta longer than may be held in memory (--max-memory): the rest of it was not scanned';
    yield { item: diagnostic(unit.provenance, 'budget', detail), budget };
  }
  const span = { start: 2, end: packed.length + 2 };
  const provenance = placeIn(unit.provenance, name, ['stream', 'deflate'], span);
  yield { item: { ...unit, provenance, content: addedBy(Buffer.concat(parts)) }, budget };
}
