import { BudgetExceeded } from '../../model/budget.js';
import { diagnostic } from '../../model/diagnostic.js';
import { type ScanItem, SourceFault } from '../../model/source.js';
import { hexAt } from './object-format.js';
import { ObjectUnit, objectWhere } from './object-unit.js';
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
  for (const id of first ? fresh : []) yield* objectItem(id, options);
}

/** One object by its ID; nothing, where it is gone. */
export function* objectItem(id: string, options: ReaderOptions): Generator<ScanItem> {
  const { database, budget, where, attributor, missing } = options;
  try {
    const object = database.read(id);
    if (object === undefined) return;
    budget.entry();
    budget.expand(object.bytes.length, object.bytes.length);
    missing.check(() => id, object.type, object.bytes);
    yield new ObjectUnit(object.bytes, () => id, object.type, where, attributor);
  } catch (error) {
    if (error instanceof BudgetExceeded) throw error;
    const reason = error instanceof SourceFault ? error.diagnostic.reason : 'corrupt';
    const detail = error instanceof Error ? error.message : String(error);
    yield diagnostic(objectWhere(id, 'blob', where), reason, detail);
  }
}
