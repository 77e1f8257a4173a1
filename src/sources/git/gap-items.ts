import type { MemberProvenance } from '../../model/provenance.js';
import type { ScanItem } from '../../model/source.js';
import { AccessStream, WindowAccess } from '../random-access.js';
import { InflateStream } from './inflate-stream.js';
import { ObjectUnit } from './object-unit.js';
import { LONGEST_HEADER, newEntryHeader, parseEntryHeader, typeOf } from './pack-entry.js';
import type { Gap } from './pack-recovery.js';
import type { ReaderOptions } from './reader-options.js';
import type { StoredPack } from './stored-pack.js';

/** What can be had of a stretch of a pack that is no whole entry: its bytes, and what the entry that it begins was to become. */
export function* gapItems(
  { file, format, where }: StoredPack,
  gap: Gap,
  options: ReaderOptions,
): Generator<ScanItem> {
  const { start, end } = gap;
  const placeOf = (path: string, packing: string, from: number): MemberProvenance => {
    const span = { start: from, end };
    return { kind: 'member', container: where, path, formats: ['stream', packing], span };
  };
  const plain = placeOf(`bytes ${start} to ${end}`, 'stored', start);
  options.budget.entry();
  const window = new WindowAccess(file.file, start, end - start);
  yield { type: 'unit', provenance: plain, content: new AccessStream(window) };
  const header = newEntryHeader();
  if (!parseEntryHeader(file.bytes(start, LONGEST_HEADER), 0, format.bytes, header)) return;
  const type = typeOf(header.type);
  const from = start + header.length;
  // What a fetch that was killed leaves ends so: the last entry is cut short.
  if (type === undefined || from >= end) return;
  const { budget, attributor } = options;
  const content = new InflateStream({ file: file.file, from, to: end, size: header.size, budget, where });
  const object = placeOf(`object at byte ${start}`, 'deflate', from + 2);
  yield new ObjectUnit(content, () => object, type, options.where, attributor);
}
