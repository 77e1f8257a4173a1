import { diagnostic } from '../../model/diagnostic.js';
import { type MemberProvenance, type Provenance, textOfPath } from '../../model/provenance.js';
import type { Attributor, ScanItem } from '../../model/source.js';
import type { FileTree } from '../file-tree.js';
import { AccessStream } from '../random-access.js';
import { insideRoot } from './outside.js';
import { joinPath, resolveInside } from './plain-file.js';

/** What Git LFS commits in place of a file (its specification: less than 1024 bytes, the version first). */
const LONGEST = 1024;
const POINTER =
  /^version https:\/\/(?:git-lfs|hawser)\.github\.com\/spec\/v1\n(?:[^\n]*\n)*?oid sha256:([0-9a-f]{64})\n/;

/** Where to look for what Git LFS keeps. */
export interface LfsStore {
  readonly tree: FileTree;
  /** Its folders: the repository's own, and those of repositories from which it borrows objects. */
  readonly folders: readonly string[];
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
  return { tree, folders: [...new Set([named, ...beside])].filter((folder) => folder !== undefined) };
}

/** What Git LFS keeps of a file of which a blob is only the pointer; nothing, where it isn't one. */
export function* lfsItems(
  blob: Uint8Array,
  where: Provenance,
  { tree, folders }: LfsStore,
  attributor?: Attributor,
): Generator<ScanItem> {
  const id = pointedTo(blob);
  if (id === undefined) return;
  for (const folder of folders) {
    const path = joinPath(folder, `objects/${id.slice(0, 2)}/${id.slice(2, 4)}/${id}`);
    const file = tree.open(path);
    if (file === undefined) continue;
    const provenance = kept(where, tree.whereOf(path), path);
    const content = new AccessStream(file);
    yield { type: 'unit', provenance, content, ...(attributor === undefined ? {} : { attributor }) };
    file.close();
    return;
  }
  const detail = 'stands for a file that Git LFS keeps, and that is not here: fetch it (git lfs fetch)';
  yield diagnostic(where, 'missing_object', detail);
}

function pointedTo(blob: Uint8Array): string | undefined {
  if (blob.length >= LONGEST) return undefined;
  return POINTER.exec(Buffer.from(blob.buffer, blob.byteOffset, blob.length).toString('latin1'))?.[1];
}

function kept(container: Provenance, file: Provenance, path: string): MemberProvenance {
  const name = file.kind === 'file' ? file.path : textOfPath(Buffer.from(path, 'latin1'));
  return { kind: 'member', container, path: name, formats: ['lfs'] };
}
