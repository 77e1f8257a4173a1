import type { FileTree, TreeEntry } from '../file-tree.js';

/** A shard may be packed into one file; before there were shards, revisions lay side by side. */
const REVISIONS = /^revs\/(?:(?:\d+\/)?\d+|\d+\.pack\/pack)$/;

/** Whether a folder is one in which Subversion keeps revisions (FSFS): `db` of a repository. A folder of git never is. */
export function isRevisionStore(tree: FileTree, path: string, entries = tree.list(path)): boolean {
  const kindOf = (wanted: string) => entries.find(({ name }) => name === wanted)?.kind;
  if (kindOf('objects') !== undefined) return false;
  return kindOf('revs') === 'folder' && kindOf('fs-type') === 'file' && kindOf('format') === 'file';
}

/** Whether a file of this path below such a folder holds revisions; every other one is searched as a plain file. */
export function ownsRevisions(path: string): boolean {
  return REVISIONS.test(path);
}

/** A file of revisions, and which: of a shard that is packed, the first of them. */
export interface RevisionFile {
  readonly path: string;
  readonly first: number;
  readonly packed: boolean;
}

/** The files of revisions, the oldest first. */
export function revisionFiles(tree: FileTree, store: string, shard: number): RevisionFile[] {
  const found: RevisionFile[] = [];
  const look = (folder: string, entries: readonly TreeEntry[], below: string) => {
    for (const { name, kind } of entries) {
      const inStore = `${below}/${name}`;
      const path = `${folder}/${name}`;
      if (kind === 'folder' && below === 'revs') look(path, tree.list(path), inStore);
      else if (kind === 'file' && ownsRevisions(inStore)) {
        const packed = name === 'pack';
        const first = packed ? Number.parseInt(below.slice('revs/'.length), 10) * shard : Number(name);
        found.push({ path, first, packed });
      }
    }
  };
  const revisions = store === '' ? 'revs' : `${store}/revs`;
  look(revisions, tree.list(revisions), 'revs');
  return found.sort((a, b) => a.first - b.first);
}
