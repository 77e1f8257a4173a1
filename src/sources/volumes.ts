import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { FileProvenance } from '../model/provenance.js';
import type { ScanItem } from '../model/source.js';
import { firstOf, mayBeFirst, type VolumeNames, volumesFrom } from '../model/volume-names.js';
import { expand } from './archive/expand.js';
import type { ExpansionOptions } from './archive/expansion-options.js';
import { sniff } from './archive/sniff.js';
import { DiskTree } from './disk-tree.js';
import type { RandomAccess, SharedBytes, TreeEntry, Volume } from './file-tree.js';
import { AccessStream, bytesAt } from './random-access.js';

/** As many bytes as tell what the first volume begins. */
const HEAD = 512;
/** What begins like these is as likely text, or is whole as it stands. */
const UNCUT: ReadonlySet<string | undefined> = new Set([
  undefined,
  ...['mail', 'http', 'streams', 'unread', 'pack', 'bundle', 'capture', 'record log', 'blocks'],
]);

/** An archive on disk that was cut into volumes. Paths are those of the tree. */
export interface CutArchive {
  readonly kind: VolumeNames['kind'];
  readonly paths: readonly string[];
  /** As a report names it: by the volume that people open. */
  readonly where: FileProvenance;
}

/** The archives of a folder that were cut into volumes which lie there, from the first on without a gap. */
export function cutArchivesIn(tree: DiskTree, folder: string, entries: readonly TreeEntry[]): CutArchive[] {
  if (!entries.some(({ name, kind }) => kind === 'file' && mayBeFirst(name))) return [];
  const files = new Set(entries.filter(({ kind }) => kind === 'file').map(({ name }) => name));
  const found = [...files].map((name) =>
    mayBeFirst(name) ? cutArchive(tree, folder, name, files) : undefined,
  );
  return found.filter((each) => each !== undefined);
}

/** The one that a file is the first volume of. */
export function cutArchiveAt(tree: DiskTree, path: string): CutArchive | undefined {
  const { folder, name } = parted(path);
  if (!mayBeFirst(name)) return undefined;
  return cutArchive(tree, folder, name, filesIn(tree, folder));
}

/** The one that a file is a volume of, whichever. */
export function cutArchiveOf(tree: DiskTree, path: string): CutArchive | undefined {
  const { folder, name } = parted(path);
  const files = filesIn(tree, folder);
  const first = firstOf(name, (each) => files.has(each));
  return first === undefined ? undefined : cutArchive(tree, folder, first, files);
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
  const access = new VolumesAccess(tree, cut);
  yield* expand({ type: 'unit', provenance: cut.where, content: new AccessStream(access) }, options);
  access.close();
}

/** Its volumes one behind the other, as one. */
export class VolumesAccess implements RandomAccess {
  readonly #parts: readonly RandomAccess[];
  readonly volumes: readonly Volume[];
  readonly size: number;

  constructor(tree: DiskTree, { paths }: CutArchive) {
    let start = 0;
    this.#parts = paths.map((path) => tree.file(path));
    this.volumes = this.#parts.map(({ size }, index) => {
      start += size;
      return { name: parted(paths[index]!).name, start: start - size, size };
    });
    this.size = start;
  }

  readAt(position: number, into: Uint8Array): number {
    const index = this.#at(position);
    const part = this.#parts[index];
    return part === undefined ? 0 : part.readAt(position - this.volumes[index]!.start, into);
  }

  close(): void {
    for (const part of this.#parts) part.close();
  }

  shared(start: number, size: number): SharedBytes {
    const pieces: SharedBytes[] = [];
    const end = Math.min(start + size, this.size);
    for (let at = start; at < end; ) {
      const index = this.#at(at);
      const volume = this.volumes[index]!;
      const from = at - volume.start;
      const length = Math.min(volume.size - from, end - at);
      pieces.push(this.#parts[index]!.shared!(from, length)!);
      at += length;
    }
    return { start: 0, size: end - start, pieces };
  }

  /** The index of the volume that holds a byte. */
  #at(position: number): number {
    let low = 0;
    let high = this.volumes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { start, size } = this.volumes[middle]!;
      if (start + size <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function cutArchive(
  tree: DiskTree,
  folder: string,
  first: string,
  files: ReadonlySet<string>,
): CutArchive | undefined {
  const cut = volumesFrom(first, (name) => files.has(name));
  if (cut === undefined) return undefined;
  const pathOf = (name: string) => (folder === '' ? name : `${folder}/${name}`);
  const paths = cut.names.map(pathOf);
  if (!isCut(tree, cut.kind, paths)) return undefined;
  const where = { ...tree.whereOf(pathOf(cut.opens)), volumes: paths.length };
  return { kind: cut.kind, paths, where };
}

/**
 * Whether they are volumes and no files that are only named alike: the first begins an archive, the second does not; pieces
 * are of one size, but the last.
 */
function isCut(tree: DiskTree, kind: VolumeNames['kind'], paths: readonly string[]): boolean {
  const parts = paths.map((path) => tree.file(path));
  try {
    const begun = sniff(bytesAt(parts[0]!, 0, HEAD));
    if (kind !== 'pieces') return begun === kind;
    if (UNCUT.has(begun) || sniff(bytesAt(parts[1]!, 0, HEAD)) !== undefined) return false;
    const { size } = parts[0]!;
    return parts.every(
      (part, index) => part.size === size || (index === parts.length - 1 && part.size < size),
    );
  } catch {
    // Who reads them one by one will meet the same, and tell.
    return false;
  } finally {
    for (const part of parts) part.close();
  }
}

function filesIn(tree: DiskTree, folder: string): Set<string> {
  return new Set(
    tree
      .list(folder)
      .filter(({ kind }) => kind === 'file')
      .map(({ name }) => name),
  );
}

function parted(path: string): { folder: string; name: string } {
  const folder = dirname(path);
  return { folder: folder === '.' ? '' : folder, name: path.slice(path.lastIndexOf('/') + 1) };
}
