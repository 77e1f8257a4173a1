import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { type Diagnostic, diagnostic } from '../model/diagnostic.js';
import type { LeftOut } from '../model/report.js';
import { partOf, type Share } from '../model/share.js';
import type { ScanItem, ScanUnit, Source } from '../model/source.js';
import { SourceFault } from '../model/source.js';
import { expand, expandPart } from './archive/expand.js';
import type { ExpansionOptions } from './archive/expansion-options.js';
import { SHORTEST_NAME } from './archive/found.js';
import { mayExpand } from './archive/look-into.js';
import { DiskAccess, OPEN_FLAGS, reasonOf } from './disk-access.js';
import { DiskTree } from './disk-tree.js';
import { elsewhere } from './elsewhere.js';
import { joinPath, type TreeEntry } from './file-tree.js';
import { isGitDirectory } from './git/layout.js';
import { ownsPath } from './git/store-files.js';
import { Glance, SMALL } from './glance.js';
import { type ImageFolder, imageIn, pathInImage } from './image-folder.js';
import { partUnit } from './part-stream.js';
import { AccessStream } from './random-access.js';
import { readRepository } from './repository.js';
import { SharedWork } from './shared-work.js';
import { isRevisionStore, ownsRevisions } from './subversion/store-layout.js';
import { type Common, OwnWork, type Task, type TreeWork } from './tree-work.js';
import { cutArchiveAt, cutArchivesIn, expandVolumes } from './volumes.js';

/** Files of one folder that one thread reads: of more, the others have their part. */
const SHARE = 256;
const FLAGS = OPEN_FLAGS | (constants.O_NOFOLLOW ?? 0);

export interface WalkOptions {
  /** Patterns of paths to leave out; see `worktree-exclusions.ts`. Nothing is left out unasked. */
  readonly exclude?: readonly string[];
  /** The folder by which the repository at the root is read, where it is another than the root: a linked worktree's. */
  readonly gitDir?: string;
  /** Told of each thing that a pattern leaves out; a folder counts once, with all that is in it. */
  readonly onLeftOut?: (kind: keyof LeftOut) => void;
}

/**
 * A folder with everything in it: hidden and ignored files too, repositories with their history, containers with what
 * they hold. Symbolic links are never followed (a link's target is searched as text); what is no file is listed.
 */
export class WorktreeSource implements Source {
  readonly #tree: DiskTree;
  readonly #root: string;
  readonly #options: ExpansionOptions;
  readonly #walk: WalkOptions;
  readonly #share: Share | undefined;
  readonly #glance: Glance | undefined;
  readonly #buffer = Buffer.allocUnsafe(SMALL);
  #excluded: ReadonlySet<string> = new Set();

  /** @param share tells which part of the files and objects is read. */
  constructor(root: string, options: ExpansionOptions, walk: WalkOptions = {}, share?: Share) {
    this.#root = root;
    this.#tree = new DiskTree(root);
    this.#options = options;
    this.#walk = walk;
    this.#share = share;
    const { screen } = options;
    if (screen !== undefined) this.#glance = new Glance(this.#tree, screen, options);
  }

  async *units(): AsyncGenerator<ScanItem> {
    const { exclude = [] } = this.#walk;
    if (exclude.length > 0) {
      const { excludedPaths } = await import('./worktree-exclusions.js');
      this.#excluded = excludedPaths(this.#root, exclude);
    }
    const work = this.#work();
    try {
      for (let task = await work.take(); task !== undefined; task = await work.take()) {
        const alone: (Task | Common | Folder)[] = [task];
        for (let next = alone.pop(); next !== undefined; next = alone.pop()) {
          if (next.kind === 'files') yield* this.#files(next.paths, undefined);
          else if (next.kind === 'folder') alone.push(...(yield* this.#folder(next, work)));
          else yield* this.#common(next, undefined);
        }
      }
    } finally {
      work.end();
    }
    for (const common of work.common()) yield* this.#common(common, this.#share);
  }

  #work(): TreeWork {
    const { work, of = 1 } = this.#share ?? {};
    return this.#share === undefined || work === undefined || of === 1
      ? new OwnWork()
      : new SharedWork(work, this.#share, this.#root);
  }

  /** @returns what is to be done next, by this thread */
  async *#folder(folder: Folder, work: TreeWork): AsyncGenerator<ScanItem, (Task | Common | Folder)[]> {
    let listed: Listed;
    try {
      listed = this.#list(folder);
    } catch (error) {
      yield faultOf(error);
      return [];
    }
    const { image, folders, files, cut, others, common, names, faults } = listed;
    // Others can begin with what is further inside while this one reads. What belongs to an image is read by one thread: what
    // a later layer does to an earlier one is known to who has seen both.
    const own = image === undefined ? files.splice(0, SHARE) : files;
    const rest: Task[] = cut.map((paths) => ({ kind: 'files', paths }));
    while (files.length > 0 && image === undefined)
      rest.push({ kind: 'files', paths: files.splice(0, SHARE) });
    const left = work.give(image === undefined ? [...rest, ...folders, ...common] : common);
    yield* faults;
    for (const { name, path } of names) yield this.#name(path, name);
    for (const { path, kind } of others) yield kind === 'symlink' ? this.#link(path) : this.#special(path);
    yield* this.#files(own, image);
    return [...(image === undefined ? left : [...left, ...rest, ...folders])].reverse();
  }

  #list(folder: Folder): Listed {
    const entries = this.#tree.list(folder.path);
    const isRepository =
      isGitDirectory(this.#tree, folder.path, entries) || isRevisionStore(this.#tree, folder.path, entries);
    const gitDir = isRepository ? folder.path : folder.gitDir;
    const image = folder.image ?? imageIn(folder.path, entries);
    const faults = this.#options.history ? elsewhere(this.#tree, folder.path, entries) : [];
    const cut = cutArchivesIn(this.#tree, folder.path, this.#included(folder.path, entries)).map(
      ({ paths }) => paths,
    );
    const volumes = new Set(cut.flat());
    const listed: Listed = { image, folders: [], files: [], cut, others: [], common: [], names: [], faults };
    const areNamesClean = this.#areClean(entries);
    const isDivided = this.#share?.divided !== undefined;
    for (const { name, kind } of entries) {
      const path = joinPath(folder.path, name);
      if (this.#excluded.size > 0 && this.#excluded.has(path)) {
        this.#walk.onLeftOut?.(kind === 'folder' ? 'folders' : 'files');
        continue;
      }
      const isFileOfGit = kind === 'file' && gitDir !== undefined;
      if (isFileOfGit && this.#isOwned(gitDir, path)) continue;
      if (!areNamesClean && name.length >= SHORTEST_NAME) listed.names.push({ path, name });
      if (volumes.has(path)) continue;
      if (kind === 'folder') listed.folders.push({ kind, path, gitDir, image });
      else if (kind !== 'file') listed.others.push({ path, kind });
      else if (isDivided && this.#part(path) !== undefined) listed.common.push({ kind: 'long file', path });
      else listed.files.push(path);
    }
    if (isRepository && this.#options.history) listed.common.push({ kind: 'repository', path: folder.path });
    return listed;
  }

  /** Whether a file is read as part of the repository in whose folder it lies. */
  #isOwned(repository: string, path: string): boolean {
    const inside = repository === '' ? path : path.slice(repository.length + 1);
    return ownsRevisions(inside) ? isRevisionStore(this.#tree, repository) : ownsPath(inside);
  }

  #included(folder: string, entries: readonly TreeEntry[]): readonly TreeEntry[] {
    if (this.#excluded.size === 0) return entries;
    return entries.filter(({ name }) => !this.#excluded.has(joinPath(folder, name)));
  }

  /** @param share absent where this thread alone reads it */
  async *#common({ kind, path }: Common, share: Share | undefined): AsyncGenerator<ScanItem> {
    if (kind === 'repository') {
      const gitDir = path === '' ? (this.#walk.gitDir ?? '') : path;
      yield* readRepository(this.#tree, gitDir, this.#options, share, path);
    } else {
      const part = share === undefined ? undefined : this.#part(path);
      if (part === undefined) yield* this.#files([path], undefined);
      else yield part;
    }
  }

  async *#files(paths: readonly string[], image: ImageFolder | undefined): AsyncGenerator<ScanItem> {
    const alone: string[] = [];
    const read = new Set<string>();
    for (const path of paths) {
      const cut = read.has(path) ? undefined : cutArchiveAt(this.#tree, path);
      if (cut !== undefined) yield* expandVolumes(this.#tree, cut, this.#options);
      for (const volume of cut?.paths ?? []) read.add(volume);
      if (!read.has(path)) alone.push(path);
    }
    // What describes an image is read by its name, whatever it holds.
    const unclear = image === undefined ? (this.#glance?.unclear(alone) ?? alone) : alone;
    for (const path of unclear) yield* this.#fileItems(path, image);
  }

  async *#fileItems(path: string, image: ImageFolder | undefined): AsyncGenerator<ScanItem> {
    const item = this.#file(path);
    if (item.type !== 'unit') yield item;
    else if (image !== undefined) {
      yield* expandPart(image.parts, pathInImage(image, path), item, this.#options);
    } else if (mayExpand(item, this.#options)) yield* expand(item, this.#options);
    else yield item;
  }

  /** A file's bytes where it is small, or a stream over them. */
  #file(path: string): ScanItem {
    const provenance = this.#tree.whereOf(path);
    let descriptor: number | undefined;
    try {
      descriptor = openSync(this.#tree.pathOf(path), FLAGS);
      const length = readWhole(descriptor, this.#buffer);
      // It may have become something else since it was listed: a pipe gives nothing, a device has no end.
      if ((length === 0 || length === SMALL) && !fstatSync(descriptor).isFile()) return this.#special(path);
      if (length === SMALL) {
        const content = new AccessStream(new DiskAccess(this.#tree.pathOf(path), provenance));
        return { type: 'unit', provenance, content };
      }
      return { type: 'unit', provenance, content: this.#buffer.subarray(0, length) };
    } catch (error) {
      return diagnostic(provenance, 'unreadable', reasonOf(error));
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  /** Whether there is nothing to see in the names of a folder. */
  #areClean(entries: readonly TreeEntry[]): boolean {
    const { screen } = this.#options;
    if (screen === undefined) return false;
    const names = entries.filter(({ name }) => name.length >= SHORTEST_NAME).map(({ name }) => name);
    return names.length === 0 || screen.suspects(Buffer.from(names.join('\0'), 'latin1')).length === 0;
  }

  /** What this thread reads of a file that is divided among all. */
  #part(path: string): ScanUnit | undefined {
    if (this.#share?.divided === undefined) return undefined;
    const where = this.#tree.whereOf(path);
    const part = partOf(this.#share, where.path);
    return part && partUnit(new DiskAccess(this.#tree.pathOf(path), where), where, part);
  }

  #name(path: string, name: string): ScanUnit {
    const content = Buffer.from(name, 'latin1');
    return { type: 'unit', provenance: this.#tree.whereOf(path), content, aspect: 'name' };
  }

  #link(path: string): ScanItem {
    const where = this.#tree.whereOf(path);
    try {
      const content = readlinkSync(this.#tree.pathOf(path), { encoding: 'buffer' });
      return { type: 'unit', provenance: where, content, aspect: 'name' };
    } catch (error) {
      return diagnostic(where, 'unreadable', reasonOf(error));
    }
  }

  #special(path: string): ScanItem {
    const detail = 'a pipe, socket or device, not a file: it keeps no bytes that could be scanned';
    return diagnostic(this.#tree.whereOf(path), 'unsupported', detail);
  }
}

/** A folder to be listed; one that lies in an unpacked container image is no task for another thread. */
type Folder = Extract<Task, { kind: 'folder' }> & { readonly image?: ImageFolder | undefined };

/** What lies in a folder, by what is done about it. */
interface Listed {
  readonly image: ImageFolder | undefined;
  readonly folders: Folder[];
  readonly files: string[];
  /** The volumes of each archive that was cut: to whoever reads the first, the others are given as well. */
  readonly cut: (readonly string[])[];
  readonly others: { readonly path: string; readonly kind: TreeEntry['kind'] }[];
  readonly common: Common[];
  /** What lies elsewhere and belongs to it. */
  readonly faults: readonly Diagnostic[];
  /** Names to be searched themselves. */
  readonly names: { readonly path: string; readonly name: string }[];
}

/** Fills `into` from the front of a file; a count below its length is the whole file. */
function readWhole(descriptor: number, into: Buffer): number {
  let length = 0;
  while (length < into.length) {
    const count = readSync(descriptor, into, length, into.length - length, length);
    if (count === 0) break;
    length += count;
  }
  return length;
}

function faultOf(error: unknown): ScanItem {
  if (error instanceof SourceFault) return error.diagnostic;
  throw error;
}
