import type { ObjectType } from '../../model/provenance.js';
import type { ScanItem } from '../../model/source.js';
import { hexAt } from './object-format.js';
import { objectItem } from './object-item.js';
import { packItems } from './pack-items.js';
import type { ReaderOptions } from './reader-options.js';
import type { RepositoryMemory } from './repository-memory.js';
import type { StoredPack } from './stored-pack.js';

/** Above this part of a pack, walking all of it costs less than reading objects one by one. */
const WHOLE = 1 / 8;

/** The objects of a pack that were not scanned before. */
export function* freshItems(
  pack: StoredPack,
  memory: RepositoryMemory,
  options: ReaderOptions,
): Generator<ScanItem> {
  if (memory.knowsPack(pack.identity)) return;
  const { bytes, count, step } = pack.ids!;
  const fresh: string[] = [];
  for (const row of memory.unknownRows({ bytes, count, step })) {
    fresh.push(hexAt(bytes, row * step, pack.format.bytes));
    if (fresh.length <= count * WHOLE) continue;
    yield* packItems(pack, options);
    return;
  }
  const first = options.share === undefined || options.share.index === 0;
  for (const id of first ? fresh : []) yield* checkedItem(id, 'blob', options);
}

/** One object by its ID, with a look at what it names; nothing, where it is gone. */
export function* checkedItem(id: string, type: ObjectType, options: ReaderOptions): Generator<ScanItem> {
  const object = yield* objectItem(id, type, options);
  if (object !== undefined) options.missing?.check(() => id, object.type, object.bytes);
}
