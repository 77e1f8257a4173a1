import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { diagnostic } from '../model/diagnostic.js';
import type { LeftOut } from '../model/report.js';
import { partOf, type Share, takes } from '../model/share.js';
import type { ScanItem, ScanUnit, Source } from '../model/source.js';
import { SourceFault } from '../model/source.js';
import { type ExpansionOptions, expand, expandPart, mayExpand } from './archive/expand.js';
import { SHORTEST_NAME } from './archive/found.js';
import { Image } from './archive/image.js';
import { DiskAccess, OPEN_FLAGS, reasonOf } from './disk-access.js';
import { DiskTree } from './disk-tree.js';
import type { TreeEntry } from './file-tree.js';
import { isGitDirectory, ownsPath } from './git/layout.js';
import { partUnit } from './part-stream.js';
import { AccessStream } from './random-access.js';
import { readRepository } from './repository.js';

/** Files up to this size are read in one go. */
const SMALL = 128 * 1024;
/** What Docker calls a layer's folder and an image's configuration. */
const HEX = /^[0-9a-f]{64}(?:\.json)?$/;
const FLAGS = OPEN_FLAGS | (constants.O_NOFOLLOW ?? 0);

export interface WalkOptions {
  /** Patterns of paths to leave out; see `worktree-exclusions.ts`. Nothing is left out unasked. */
  readonly exclude?: readonly string[];
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
  readonly #buffer = Buffer.allocUnsafe(SMALL);
  #excluded: ReadonlySet<string> = new Set();

  /** @param share the part of the files and objects that is read; every thread walks all folders. */
  constructor(root: string, options: ExpansionOptions, walk: WalkOptions = {}, share?: Share) {
    this.#root = root;
    this.#tree = new DiskTree(root);
    this.#options = options;
    this.#walk = walk;
    this.#share = share;
  }

  async *units(): AsyncGenerator<ScanItem> {
    const { exclude = [] } = this.#walk;
    if (exclude.length > 0) {
      const { excludedPaths } = await import('./worktree-exclusions.js');
      this.#excluded = excludedPaths(this.#root, exclude);
    }
    const folders: Folder[] = [{ path: '' }];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      yield* this.#folder(folder, folders);
    }
  }

  async *#folder(folder: Folder, folders: Folder[]): AsyncGenerator<ScanItem> {
    let entries: readonly TreeEntry[];
    let { gitDir } = folder;
    try {
      entries = this.#tree.list(folder.path);
      if (isGitDirectory(this.#tree, folder.path, entries)) gitDir = folder.path;
    } catch (error) {
      if (takes(this.#share, folder.path)) yield faultOf(error);
      return;
    }
    const image = folder.image ?? imageIn(folder.path, entries);
    const inside: Folder[] = [];
    const areNamesClean = this.#areClean(entries);
    for (const { name, kind } of entries) {
      const path = folder.path === '' ? name : `${folder.path}/${name}`;
      if (this.#excluded.has(path)) {
        if (takes(this.#share, path)) this.#walk.onLeftOut?.(kind === 'folder' ? 'folders' : 'files');
        continue;
      }
      if (gitDir !== undefined && ownsPath(gitDir === '' ? path : path.slice(gitDir.length + 1))) continue;
      if (kind === 'folder') inside.push({ path, gitDir, image });
      // One thread reads all of an image: what a later layer does to an earlier one is known to who has seen both.
      const isTaken = takes(this.#share, image?.root ?? path);
      if (isTaken && !areNamesClean && name.length >= SHORTEST_NAME) yield this.#name(path, name);
      const part = kind === 'file' ? this.#part(path) : undefined;
      if (part !== undefined) yield part;
      if (part !== undefined || !isTaken) continue;
      if (kind === 'folder') continue;
      if (kind === 'file') {
        const item = this.#file(path, image !== undefined);
        if (item === undefined) continue;
        if (item.type === 'unit' && image !== undefined) {
          yield* expandPart(
            image.parts,
            path.slice(image.root.length).replace(/^\//, ''),
            item,
            this.#options,
          );
        } else if (item.type === 'unit' && mayExpand(item, this.#options)) yield* expand(item, this.#options);
        else yield item;
      } else yield kind === 'symlink' ? this.#link(path) : this.#special(path);
    }
    folders.push(...inside.reverse());
    if (gitDir === folder.path && this.#options.history) {
      yield* readRepository(this.#tree, gitDir, this.#options, this.#share);
    }
  }

  /**
   * A file's bytes where it is small, or a stream over them; nothing where a look at them was enough.
   * @param described whether it may say something of other files, which a look does not show
   */
  #file(path: string, described = false): ScanItem | undefined {
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
      const content = this.#buffer.subarray(0, length);
      const unit: ScanUnit = { type: 'unit', provenance, content };
      return !described && this.#isClean(unit, content) ? undefined : unit;
    } catch (error) {
      return diagnostic(provenance, 'unreadable', reasonOf(error));
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  #isClean(unit: ScanUnit, content: Uint8Array): boolean {
    const { screen } = this.#options;
    if (screen === undefined || mayExpand(unit, this.#options)) return false;
    if (screen.suspects(content).length > 0) return false;
    screen.passed('file', 1, content.length);
    return true;
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

interface Folder {
  readonly path: string;
  /** The git folder that it lies in or is. */
  readonly gitDir?: string | undefined;
  /** The unpacked container image that it lies in or is. */
  readonly image?: ImageFolder | undefined;
}

interface ImageFolder {
  readonly root: string;
  readonly parts: Image;
}

/** An OCI layout, or what `docker save` wrote, unpacked. */
function imageIn(root: string, entries: readonly TreeEntry[]): ImageFolder | undefined {
  const has = (wanted: string) => entries.some(({ name }) => name === wanted);
  const isImage =
    has('oci-layout') ||
    (has('manifest.json') && (has('repositories') || entries.some(({ name }) => HEX.test(name))));
  return isImage ? { root, parts: new Image() } : undefined;
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
