import { diagnostic } from '../../model/diagnostic.js';
import { type MemberProvenance, type Provenance, textOfPath } from '../../model/provenance.js';
import { type Attributor, type ScanItem, SourceFault } from '../../model/source.js';
import { type FileTree, joinPath, type RandomAccess, resolveInside } from '../file-tree.js';
import { AccessStream } from '../random-access.js';
import { insideRoot } from './outside.js';

/** What Git LFS commits in place of a file (its specification: less than 1024 bytes, the version first). */
const LONGEST = 1024;
/** What every pointer begins with. */
export const POINTER_BEGINS = 'version https://';
const POINTER =
  /^version https:\/\/(?:git-lfs|hawser)\.github\.com\/spec\/v1\n(?:[^\n]*\n)*?oid sha256:([0-9a-f]{64})\n/;

const MISSING = 'stands for a file that Git LFS keeps, and that is not here: fetch it (git lfs fetch --all)';
/** So many are listed, the rest is counted. */
const LISTED = 1_000;

/** Where to look for what Git LFS keeps. */
export interface LfsStore {
  readonly tree: FileTree;
  /** Its folders: the repository's own, and those of repositories from which it borrows objects. */
  readonly folders: readonly string[];
  /** Whether anything is kept there: a repository without is one where a pointer is a file like others, as in test data. */
  readonly isUsed: boolean;
}

/**
 * @param objects folders of objects: what belongs to them is kept beside them.
 * @param storage the folder that the repository's configuration names instead (`lfs.storage`).
 */
export function lfsStore(
  tree: FileTree,
  commonDir: string,
  objects: readonly string[],
  storage: string | undefined,
): LfsStore {
  const named = storage?.startsWith('/')
    ? insideRoot(tree, storage)
    : resolveInside(commonDir, storage ?? 'lfs');
  const beside = objects.map((folder) => resolveInside(folder, '../lfs'));
  const folders = [...new Set([named, ...beside])].filter((folder) => folder !== undefined);
  return { tree, folders, isUsed: folders.some((folder) => holdsAnything(tree, folder)) };
}

function holdsAnything(tree: FileTree, folder: string): boolean {
  try {
    return tree.list(folder).length > 0;
  } catch {
    // What can't be listed is there.
    return true;
  }
}

/** What Git LFS keeps of a file of which a blob is only the pointer; nothing, where it isn't one. */
export function* lfsItems(
  blob: Uint8Array,
  where: Provenance,
  store: LfsStore,
  attributor?: Attributor,
): Generator<ScanItem> {
  const id = store.isUsed ? pointedTo(blob) : undefined;
  if (id === undefined) return;
  try {
    const { place, file } = lookUp(id, where, store);
    if (file === undefined) {
      yield diagnostic(where, 'missing_object', MISSING);
      return;
    }
    const content = new AccessStream(file);
    yield { type: 'unit', provenance: place, content, ...(attributor === undefined ? {} : { attributor }) };
    file.close();
  } catch (error) {
    if (!(error instanceof SourceFault)) throw error;
    yield error.diagnostic;
  }
}

/**
 * The same items, and behind pointers to what is missing, that it is. What is there lies in files that are searched by who
 * reads all files.
 */
export function* withMissing(
  items: Iterable<ScanItem>,
  repository: Provenance,
  store: LfsStore,
): Generator<ScanItem> {
  if (!store.isUsed) {
    yield* items;
    return;
  }
  let missing = 0;
  for (const item of items) {
    const id =
      item.type === 'unit' && item.content instanceof Uint8Array ? pointedTo(item.content) : undefined;
    yield item;
    if (item.type !== 'unit' || id === undefined) continue;
    try {
      const { place, file } = lookUp(id, item.provenance, store);
      if (file === undefined && ++missing <= LISTED) yield diagnostic(place, 'missing_object', MISSING);
    } catch (error) {
      if (!(error instanceof SourceFault)) throw error;
    }
  }
  if (missing > LISTED) {
    const detail = `${missing - LISTED} more files that Git LFS keeps are missing: fetch them (git lfs fetch --all)`;
    yield diagnostic(repository, 'missing_object', detail);
  }
}

function pointedTo(blob: Uint8Array): string | undefined {
  if (blob.length >= LONGEST || blob[0] !== POINTER_BEGINS.charCodeAt(0)) return undefined;
  return POINTER.exec(Buffer.from(blob.buffer, blob.byteOffset, blob.length).toString('latin1'))?.[1];
}

/** What is kept under an ID, and where it is or would be. Throws `SourceFault`. */
function lookUp(
  id: string,
  container: Provenance,
  { tree, folders }: LfsStore,
): { readonly place: MemberProvenance; readonly file: RandomAccess | undefined } {
  const paths = folders.map((folder) =>
    joinPath(folder, `objects/${id.slice(0, 2)}/${id.slice(2, 4)}/${id}`),
  );
  for (const path of paths) {
    const file = tree.open(path);
    if (file !== undefined) return { place: placeOf(path, container, tree), file };
  }
  return { place: placeOf(paths[0] ?? id, container, tree), file: undefined };
}

function placeOf(path: string, container: Provenance, tree: FileTree): MemberProvenance {
  const where = tree.whereOf(path);
  const name = where.kind === 'file' ? where.path : textOfPath(Buffer.from(path, 'latin1'));
  return { kind: 'member', container, path: name, formats: ['lfs'] };
}
