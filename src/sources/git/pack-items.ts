import { BudgetExceeded } from '../../model/budget.js';
import { type Diagnostic, diagnostic } from '../../model/diagnostic.js';
import type { MemberProvenance } from '../../model/provenance.js';
import { type ScanItem, SourceFault } from '../../model/source.js';
import { gapItems } from './gap-items.js';
import { indexOf } from './index-pack.js';
import { InflateStream } from './inflate-stream.js';
import { additionUnit, ObjectUnit, objectWhere } from './object-unit.js';
import { screenedTable, screeningOf, suspectRoots } from './pack-screening.js';
import type { PackTable } from './pack-table.js';
import { PackWalk } from './pack-walk.js';
import type { ReaderOptions } from './reader-options.js';
import type { ScreenKernel } from './screen-kernel.js';
import { type SharedPack, sharedPack } from './shared-pack.js';
import type { StoredPack } from './stored-pack.js';
import type { WalkedObject, WalkFault } from './walked.js';

/** Every object of a pack. Diagnostics come last: what looks damaged may turn out to be the index's fault. */
export function* packItems(pack: StoredPack, options: ReaderOptions): Generator<ScanItem> {
  const { memory } = options.budget.limits;
  const faults: Diagnostic[] = [];
  try {
    if (pack.indexed) {
      const shared = sharedOf(pack, options);
      const { table, kernel } = screenedTable(pack, options, shared);
      yield* walkedItems(pack, table, options, faults, { kernel, shared });
    } else {
      yield* namelessItems(pack, { ...options, share: undefined }, faults);
    }
    if (pack.indexed && contradicts(pack, pack.table(memory))) {
      faults.length = 0;
      const detail =
        'its index does not match it, so it was read from front to back: rebuild the index (git index-pack)';
      faults.push(diagnostic(pack.where, 'corrupt', detail));
      pack.distrustIndex();
      yield* walkedItems(pack, pack.table(memory), options, faults);
    }
    for (const gap of pack.gaps) {
      yield* gapItems(pack, gap, options);
      const detail = `its bytes ${gap.start} to ${gap.end} are damaged or cut short: no object could be read there`;
      faults.push(diagnostic(pack.where, 'corrupt', detail));
    }
  } catch (error) {
    if (error instanceof SourceFault) faults.push(error.diagnostic);
    else if (error instanceof BudgetExceeded && error.limit === 'ratio') {
      faults.push(diagnostic(pack.where, 'budget', error.message));
    } else {
      throw error;
    }
  } finally {
    if (options.screening !== undefined) pack.forgetTable();
    pack.file.close();
  }
  yield* faults;
}

/** The objects of a pack without an index, which is one thread's. */
function* namelessItems(pack: StoredPack, options: ReaderOptions, faults: Diagnostic[]): Generator<ScanItem> {
  const { memory } = options.budget.limits;
  const roots = suspectRoots(pack, options);
  if (roots?.length === 0) return;
  if (roots !== undefined) {
    pack.nameLater(() => indexOf(pack, options));
    yield* walkedItems(pack, pack.table(memory), options, faults, { roots });
    return;
  }
  // An index allows to pass over objects.
  const index = options.screening === undefined ? undefined : indexOf(pack, options);
  if (index !== undefined) pack.learn(index);
  const { table, kernel } = screenedTable(pack, options);
  yield* walkedItems(pack, table, options, faults, { kernel });
}

interface Screened {
  readonly kernel?: ScreenKernel | undefined;
  readonly shared?: SharedPack | undefined;
  /** What is left to be seen of a pack that was screened before. */
  readonly roots?: readonly number[] | undefined;
}

function* walkedItems(
  pack: StoredPack,
  table: PackTable,
  options: ReaderOptions,
  faults: Diagnostic[],
  screened: Screened = {},
): Generator<ScanItem> {
  const { database, kernel, budget, where, attributor, missing, share } = options;
  const outside = (id: string) => database.readSafely(id);
  const elsewhere = (id: string) => database.readElsewhere(id, pack);
  const idOf = (entry: number) => () => table.idOf(entry) ?? nameless(pack, table, entry);
  const screening = screeningOf(screened.kernel, options);
  const claimed = screened.shared?.stretches();
  const part = pack.indexed && share !== undefined ? { share, ...(claimed && { claimed }) } : {};
  const unnamed = !pack.indexed;
  const walk = new PackWalk(pack.file, table, {
    kernel,
    budget,
    outside,
    elsewhere,
    unnamed,
    ...part,
    ...screening,
    ...(screened.roots && { roots: screened.roots }),
  });
  for (const item of walk.items()) {
    const { entry } = item;
    if ('added' in item) {
      const type = table.objectType(entry) ?? 'blob';
      yield additionUnit(item.added, idOf(entry), type, options);
      continue;
    }
    if ('reason' in item) {
      faults.push(faultOf(pack, table, item, options));
      if (item.salvaged === undefined) continue;
      yield new ObjectUnit(item.salvaged, idOf(entry), item.type ?? 'blob', where, attributor);
    } else if (item.bytes === undefined) {
      yield new ObjectUnit(streamOf(pack, table, item, options), idOf(entry), item.type, where, attributor);
    } else {
      if (item.type !== 'blob')
        missing?.check(() => table.idOf(entry), item.type, item.bytes, item.lineage?.fresh);
      yield new ObjectUnit(item.bytes, idOf(entry), item.type, where, attributor, item.lineage);
    }
  }
}

/** An entry that nothing names, as it lies in the pack: behind its header, and the two bytes that zlib begins with. */
function nameless({ where }: StoredPack, table: PackTable, entry: number): MemberProvenance {
  const at = table.offset[entry]!;
  const span = { start: at + table.header[entry]! + 2, end: table.endOf(entry) };
  return {
    kind: 'member',
    container: where,
    path: `object at byte ${at}`,
    formats: ['stream', 'deflate'],
    span,
  };
}

/** Where the threads that read a pack by names see each other. */
function sharedOf(pack: StoredPack, { share, where }: ReaderOptions): SharedPack | undefined {
  if (!pack.indexed || share === undefined) return undefined;
  return sharedPack(`${pack.identity} ${JSON.stringify(where)}`, share);
}

/** Whether entries that could be read don't lie end to end from the header to the checksum, as in every pack. */
function contradicts(pack: StoredPack, table: PackTable): boolean {
  if (table.count !== pack.file.declared) return true;
  return !table.isContiguous || (table.count > 0 && table.offset[0] !== pack.file.start);
}

function faultOf(
  pack: StoredPack,
  table: PackTable,
  { entry, type, reason, detail, missing }: WalkFault,
  { where }: ReaderOptions,
): Diagnostic {
  const id = missing ?? table.idOf(entry);
  if (id === undefined) {
    return diagnostic(pack.where, reason, `the object at offset ${table.offset[entry]}: ${detail}`);
  }
  return diagnostic(objectWhere(id, type ?? 'blob', where), reason, detail);
}

/** A plain entry that is too large to be held. */
function streamOf(
  pack: StoredPack,
  table: PackTable,
  { entry, type }: WalkedObject,
  { budget, where }: ReaderOptions,
): InflateStream {
  const id = table.idOf(entry);
  return new InflateStream({
    file: pack.file.file,
    from: table.offset[entry]! + table.header[entry]!,
    to: table.endOf(entry),
    size: table.sizeOf(entry),
    budget,
    where: id === undefined ? pack.where : objectWhere(id, type, where),
  });
}
