import { BudgetExceeded } from '../../model/budget.js';
import { type Diagnostic, diagnostic } from '../../model/diagnostic.js';
import type { MemberProvenance, Provenance } from '../../model/provenance.js';
import type { Share } from '../../model/share.js';
import { type ScanItem, SourceFault } from '../../model/source.js';
import { claims } from './claims.js';
import { gapItems } from './gap-items.js';
import { indexOf } from './index-pack.js';
import { InflateStream } from './inflate-stream.js';
import { additionUnit, ObjectUnit, objectWhere } from './object-unit.js';
import { REACH, type ScreenOptions } from './pack-screen.js';
import type { PackTable } from './pack-table.js';
import { PackWalk } from './pack-walk.js';
import type { ReaderOptions } from './reader-options.js';
import { ScreenKernel } from './screen-kernel.js';
import type { StoredPack } from './stored-pack.js';
import type { WalkedObject, WalkFault } from './walked.js';

/** Every object of a pack. Diagnostics come last: what looks damaged may turn out to be the index's fault. */
export function* packItems(pack: StoredPack, options: ReaderOptions): Generator<ScanItem> {
  const { memory } = options.budget.limits;
  const faults: Diagnostic[] = [];
  try {
    const reading = named(pack, options);
    const kernel = kernelOf(pack, reading);
    yield* walkedItems(pack, pack.table(memory, kernel), reading, faults, kernel);
    if (pack.indexed && contradicts(pack, pack.table(memory))) {
      faults.length = 0;
      const detail =
        'its index does not fit it, so it was read from front to back: rebuild the index (git index-pack)';
      faults.push(diagnostic(pack.where, 'corrupt', detail));
      pack.distrustIndex();
      yield* walkedItems(pack, pack.table(memory), options, faults);
    }
    for (const gap of pack.gaps) {
      yield* gapItems(pack, gap, options);
      const detail = `its bytes ${gap.start} to ${gap.end} are damaged: no object could be read there`;
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

/** Gives a pack without an index one, where that allows to pass over objects. It stays one thread's. */
function named(pack: StoredPack, options: ReaderOptions): ReaderOptions {
  if (pack.indexed || options.screening === undefined) return options;
  const index = indexOf(pack, options);
  if (index !== undefined) pack.learn(index);
  return { ...options, share: undefined };
}

function* walkedItems(
  pack: StoredPack,
  table: PackTable,
  options: ReaderOptions,
  faults: Diagnostic[],
  screenKernel?: ScreenKernel,
): Generator<ScanItem> {
  const { database, kernel, budget, where, attributor, missing, share } = options;
  const outside = (id: string) => database.readSafely(id);
  const elsewhere = (id: string) => database.readElsewhere(id, pack);
  const idOf = (entry: number) => () => table.idOf(entry) ?? nameless(pack, table, entry);
  const screening = screeningOf(screenKernel, options);
  const part = pack.indexed && share !== undefined ? partOf(pack, share, where) : {};
  const unnamed = !pack.indexed;
  const walk = new PackWalk(pack.file, table, {
    kernel,
    budget,
    outside,
    elsewhere,
    unnamed,
    ...part,
    ...screening,
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
        missing.check(() => table.idOf(entry), item.type, item.bytes, item.lineage?.fresh);
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

/** What is read of a pack by names. Where the threads screen it, they divide it while they do. */
function partOf(
  pack: StoredPack,
  share: Share,
  where: Provenance,
): { readonly share: Share; readonly claimed?: Iterable<number> } {
  const claimed = claims(`${pack.identity} ${JSON.stringify(where)}`, share);
  return claimed === undefined ? { share } : { share, claimed };
}

/** A kernel for a pack by names, where there is a screen that needs to see no more than it shows. */
function kernelOf(
  pack: StoredPack,
  { database, budget, screening }: ReaderOptions,
): ScreenKernel | undefined {
  if (pack.ids === undefined || screening === undefined || screening.screen.longest > REACH + 1)
    return undefined;
  const { memory: largest, ratio, ratioFloor: floor } = budget.limits;
  const known = database.ids();
  const objects = known.reduce((sum, { count }) => sum + count, 0);
  const room = { entries: pack.ids.count, objects };
  const { marks } = screening;
  const rules = { largest, ratio, floor, idBytes: pack.format.bytes, marks };
  const kernel = new ScreenKernel(pack.file, room, rules);
  for (const { bytes, count, step } of known) kernel.addIds(bytes, count, step);
  return kernel;
}

function screeningOf(
  kernel: ScreenKernel | undefined,
  { budget, missing, screening }: ReaderOptions,
): { readonly screening?: ScreenOptions } {
  if (kernel === undefined || screening === undefined) return {};
  const onMissing: ScreenOptions['onMissing'] = (namer, id, type) => missing.note(namer, id, type);
  return { screening: { ...screening, budget, kernel, onMissing } };
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
