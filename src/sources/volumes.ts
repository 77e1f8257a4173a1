import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { FileProvenance } from '../model/provenance.js';
import type { ScanItem } from '../model/source.js';
import { firstOf, mayBeFirst, type VolumeNames, volumesFrom } from '../model/volume-names.js';
import { expand } from './archive/expand.js';
import type { ExpansionOptions } from './archive/expansion-options.js';
import { DiskTree } from './disk-tree.js';
import { joinPath, type TreeEntry } from './file-tree.js';
import { AccessStream } from './random-access.js';
import { areVolumes, type NamedAccess, VolumesAccess } from './volumes-access.js';

/** An archive on disk that was cut into volumes. Paths are those of the tree. */
export interface CutArchive {
  readonly paths: readonly string[];
  /** As a report names it: by the volume that people open. */
  readonly where: FileProvenance;
}

/** The archives of a folder that were cut into volumes which lie there, from the first on without a gap. */
export function cutArchivesIn(tree: DiskTree, folder: string, entries: readonly TreeEntry[]): CutArchive[] {
  if (!entries.some(({ name, kind }) => kind === 'file' && mayBeFirst(name))) return [];
  const files = new Set(entries.filter(({ kind }) => kind === 'file').map(({ name }) => name));
  const found = [...files].map((name) =>
    mayBeFirst(name) ? cutArchive(tree, folder, name, (each) => files.has(each)) : undefined,
  );
  return found.filter((each) => each !== undefined);
}

/** The one that a file is the first volume of. */
export function cutArchiveAt(tree: DiskTree, path: string): CutArchive | undefined {
  const { folder, name } = parted(path);
  if (!mayBeFirst(name)) return undefined;
  return cutArchive(tree, folder, name, isFileIn(tree, folder));
}

/** The one that a file is a volume of, whichever. */
function cutArchiveOf(tree: DiskTree, path: string): CutArchive | undefined {
  const { folder, name } = parted(path);
  const isFile = isFileIn(tree, folder);
  const first = firstOf(name, isFile);
  return first === undefined ? undefined : cutArchive(tree, folder, first, isFile);
}

/** The one that a file which a user names is a volume of. Whom they name is followed, links and all. */
export function cutArchiveNamed(path: string): (CutArchive & { readonly tree: DiskTree }) | undefined {
  const folder = dirname(path);
  const tree = new DiskTree(folder, { followsLinks: true });
  const cut = cutArchiveOf(tree, Buffer.from(basename(path)).toString('latin1'));
  return cut === undefined ? undefined : { ...cut, tree };
}

/**
 * The files among those that a user names, without those that are read with another: of a cut archive all volumes are, from
 * whichever is named.
 */
export function withoutFurtherVolumes(targets: readonly string[]): string[] {
  const read = new Set<string>();
  return targets.filter((target) => {
    const whole = cutArchiveIf(target)?.where.path;
    if (whole === undefined) return true;
    return !read.has(whole) && read.add(whole) !== undefined;
  });
}

/** The files that are read of one that a user names: of a cut archive all. */
export function volumesNamed(target: string): readonly string[] {
  const cut = cutArchiveIf(target);
  return cut === undefined ? [target] : cut.paths.map((path) => cut.tree.whereOf(path).path);
}

function cutArchiveIf(target: string) {
  try {
    return target !== '-' && statSync(target).isFile() ? cutArchiveNamed(target) : undefined;
  } catch {
    // Who opens it will meet the same, and tell.
    return undefined;
  }
}

/** Everything inside. */
export async function* expandVolumes(
  tree: DiskTree,
  cut: CutArchive,
  options: ExpansionOptions,
): AsyncGenerator<ScanItem> {
  const access = new VolumesAccess(filesOf(tree, cut.paths));
  yield* expand({ type: 'unit', provenance: cut.where, content: new AccessStream(access) }, options);
  access.close();
}

function cutArchive(
  tree: DiskTree,
  folder: string,
  first: string,
  isFile: (name: string) => boolean,
): CutArchive | undefined {
  const cut = volumesFrom(first, isFile);
  if (cut === undefined) return undefined;
  const paths = cut.names.map((name) => joinPath(folder, name));
  if (!areFilesVolumes(tree, cut.kind, paths)) return undefined;
  const where = { ...tree.whereOf(joinPath(folder, cut.opens)), volumes: paths.length };
  return { paths, where };
}

function areFilesVolumes(tree: DiskTree, kind: VolumeNames['kind'], paths: readonly string[]): boolean {
  const files = filesOf(tree, paths);
  try {
    return areVolumes(kind, files);
  } catch {
    // Who reads them one by one will meet the same, and tell.
    return false;
  } finally {
    for (const { access } of files) access.close();
  }
}

function filesOf(tree: DiskTree, paths: readonly string[]): NamedAccess[] {
  return paths.map((path) => ({ name: parted(path).name, access: tree.file(path) }));
}

/** Asked file by file: a folder may hold a million. */
function isFileIn(tree: DiskTree, folder: string): (name: string) => boolean {
  return (name) => {
    try {
      return tree.open(joinPath(folder, name)) !== undefined;
    } catch {
      return false;
    }
  };
}

function parted(path: string): { folder: string; name: string } {
  const slash = path.lastIndexOf('/');
  return { folder: path.slice(0, Math.max(0, slash)), name: path.slice(slash + 1) };
}
