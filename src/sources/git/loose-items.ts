import { diagnostic } from '../../model/diagnostic.js';
import { type ScanItem, SourceFault } from '../../model/source.js';
import type { FileTree, RandomAccess } from '../file-tree.js';
import { AccessStream } from '../random-access.js';
import { InflateFault } from './inflate.js';
import { InflateStream } from './inflate-stream.js';
import { readLoose, salvageLoose } from './loose-object.js';
import type { LooseFile } from './object-database.js';
import { ObjectUnit, objectWhere } from './object-unit.js';
import type { ReaderOptions } from './reader-options.js';

/** A loose object to search; of a damaged one what could be had of it, and its bytes as they lie there. */
export function* looseItems({ path, id }: LooseFile, options: ReaderOptions): Generator<ScanItem> {
  const { database, budget } = options;
  let file: RandomAccess | undefined;
  try {
    file = database.tree.open(path);
    if (file === undefined) return;
    budget.entry();
    yield looseUnit(file, id ?? path, options);
  } catch (error) {
    if (error instanceof SourceFault) {
      yield error.diagnostic;
    } else if (error instanceof InflateFault && file !== undefined) {
      yield diagnostic(database.tree.whereOf(path), 'corrupt', `as a loose object, it ${error.message}`);
      const rest = salvageLoose(file, budget.limits.memory);
      if (rest.length > 0) yield unitOf(rest, id ?? path, 'blob', options);
      yield* plainItems(database.tree, path);
    } else {
      throw error;
    }
  } finally {
    file?.close();
  }
}

/** A file that should have been something else, byte for byte. */
export function* plainItems(tree: FileTree, path: string): Generator<ScanItem> {
  const file = tree.open(path);
  if (file === undefined) return;
  yield { type: 'unit', provenance: tree.whereOf(path), content: new AccessStream(file) };
  file.close();
}

function looseUnit(file: RandomAccess, id: string, options: ReaderOptions): ObjectUnit {
  const { budget, where, missing } = options;
  const object = readLoose(file, budget.limits.memory);
  if (object.bytes !== undefined) {
    budget.expand(object.size, file.size);
    missing.check(() => id, object.type, object.bytes);
    return unitOf(object.bytes, id, object.type, options);
  }
  const content = new InflateStream({
    file,
    from: 0,
    to: file.size,
    skip: object.length,
    size: object.size,
    budget,
    where: objectWhere(id, object.type, where),
  });
  return unitOf(content, id, object.type, options);
}

function unitOf(
  content: ObjectUnit['content'],
  id: string,
  type: 'blob' | 'commit' | 'tag' | 'tree',
  { where, attributor }: ReaderOptions,
): ObjectUnit {
  return new ObjectUnit(content, () => id, type, where, attributor);
}
