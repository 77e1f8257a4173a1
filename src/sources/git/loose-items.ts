import { diagnostic } from '../../model/diagnostic.js';
import type { MemberProvenance, Provenance } from '../../model/provenance.js';
import { type ScanItem, SourceFault } from '../../model/source.js';
import type { FileTree, RandomAccess } from '../file-tree.js';
import { AccessStream } from '../random-access.js';
import type { LooseFile } from './folder-scan.js';
import { checkedItem } from './fresh-items.js';
import { InflateFault } from './inflate.js';
import { InflateStream } from './inflate-stream.js';
import { type LooseObject, readLoose, salvageLoose } from './loose-object.js';
import { ObjectUnit, objectWhere } from './object-unit.js';
import type { ReaderOptions } from './reader-options.js';

/** A loose object to search; of a damaged one what could be had of it, and its bytes as they lie there. */
export function* looseItems(loose: LooseFile, options: ReaderOptions): Generator<ScanItem> {
  const { database, budget, kernel } = options;
  const { path, id } = loose;
  const named = id ?? unfinished(database.tree.whereOf(path));
  let file: RandomAccess | undefined;
  try {
    file = database.tree.open(path);
    if (file === undefined) {
      yield* movedItems(loose, options);
      return;
    }
    budget.entry();
    const object = readLoose(file, budget.limits.memory, kernel);
    yield looseUnit(object, file, named, options);
    if (object.behind > 0) {
      const detail = `has ${object.behind} bytes after the end of the object in it`;
      yield diagnostic(database.tree.whereOf(path), 'corrupt', detail);
      yield* plainItems(database.tree, path);
    }
  } catch (error) {
    if ((error instanceof SourceFault || error instanceof InflateFault) && database.isGone(loose)) {
      yield* movedItems(loose, options);
    } else if (error instanceof SourceFault) {
      yield error.diagnostic;
    } else if (error instanceof InflateFault && file !== undefined) {
      yield diagnostic(
        database.tree.whereOf(path),
        'corrupt',
        `is not a whole loose object: ${error.message}`,
      );
      const rest = salvageLoose(file, budget.limits.memory);
      if (rest.length > 0) yield unitOf(rest, named, 'blob', options);
      yield* plainItems(database.tree, path);
    } else {
      throw error;
    }
  } finally {
    file?.close();
  }
}

/**
 * An object whose file was gone when it was to be read: `git gc` has packed it, as a rule, and then it is read from there.
 * The leftover of a write that has come to its end is a new object; those are for the next run.
 */
function* movedItems({ path, id }: LooseFile, options: ReaderOptions): Generator<ScanItem> {
  if (id === undefined) return;
  const { database } = options;
  let told = false;
  for (const item of checkedItem(id, 'blob', options)) {
    told = true;
    yield item;
  }
  if (told) return;
  database.forget(id);
  const detail = 'was there when the scan began and was gone when it was to be read: scan again';
  yield diagnostic(database.tree.whereOf(path), 'unreadable', detail);
}

/** A file that should have been something else, byte for byte. */
export function* plainItems(tree: FileTree, path: string): Generator<ScanItem> {
  const file = tree.open(path);
  if (file === undefined) return;
  yield { type: 'unit', provenance: tree.whereOf(path), content: new AccessStream(file) };
  file.close();
}

/** What a write that was broken off has left, as the file holds it: behind the two bytes that zlib begins with. */
function unfinished(container: Provenance): MemberProvenance {
  const span = { start: 2, end: Number.MAX_SAFE_INTEGER };
  return { kind: 'member', container, path: 'object', formats: ['stream', 'deflate'], span };
}

function looseUnit(
  object: LooseObject,
  file: RandomAccess,
  named: string | Provenance,
  options: ReaderOptions,
): ObjectUnit {
  const { budget, where, missing } = options;
  if (object.bytes !== undefined) {
    budget.expand(object.size, file.size);
    missing?.check(() => (typeof named === 'string' ? named : undefined), object.type, object.bytes);
    return unitOf(object.bytes, named, object.type, options);
  }
  const content = new InflateStream({
    file,
    from: 0,
    to: file.size,
    skip: object.length,
    size: object.size,
    budget,
    where: typeof named === 'string' ? objectWhere(named, object.type, where) : named,
  });
  return unitOf(content, named, object.type, options);
}

function unitOf(
  content: ObjectUnit['content'],
  named: string | Provenance,
  type: 'blob' | 'commit' | 'tag' | 'tree',
  { where, attributor }: ReaderOptions,
): ObjectUnit {
  return new ObjectUnit(content, () => named, type, where, attributor);
}
