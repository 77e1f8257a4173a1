import { type MemberProvenance, type Provenance, textOfPath } from '../../model/provenance.js';
import { type FileTree, joinPath, type RandomAccess, type TreeEntry } from '../file-tree.js';
import { inLayer, placeIn } from './found.js';
import type { ImageLayer } from './image.js';

type Folder = Map<string, Folder | (() => RandomAccess)>;

/** Members of one container as files in folders. Nothing is unpacked before it is opened. */
export class MemberTree implements FileTree {
  readonly #container: Provenance;
  readonly #formats: readonly string[];
  readonly #layer: ImageLayer | undefined;
  readonly #root: Folder = new Map();

  /** @param formats how its members lie in the container. */
  constructor(container: Provenance, formats: readonly string[], layer?: ImageLayer) {
    this.#container = container;
    this.#layer = layer;
    this.#formats = [...formats, 'folder'];
  }

  /** A later member of the same path replaces an earlier one, as it does when an archive is unpacked. */
  add(path: string, open: () => RandomAccess): void {
    const parts = path.split('/');
    const name = parts.pop()!;
    let folder = this.#root;
    for (const part of parts) {
      const next = folder.get(part);
      if (next instanceof Map) folder = next;
      else {
        const made: Folder = new Map();
        folder.set(part, made);
        folder = made;
      }
    }
    folder.set(name, open);
  }

  has(path: string): boolean {
    return typeof this.#at(path) === 'function';
  }

  remove(path: string): void {
    const slash = path.lastIndexOf('/');
    const folder = this.#at(slash < 0 ? '' : path.slice(0, slash));
    if (folder instanceof Map) folder.delete(path.slice(slash + 1));
  }

  list(path: string): readonly TreeEntry[] {
    const folder = this.#at(path);
    if (!(folder instanceof Map)) return [];
    return Array.from(folder, ([name, entry]) => ({ name, kind: entry instanceof Map ? 'folder' : 'file' }));
  }

  open(path: string): RandomAccess | undefined {
    const entry = this.#at(path);
    return typeof entry === 'function' ? entry() : undefined;
  }

  whereOf(path: string): MemberProvenance {
    const place = placeIn(this.#container, textOfPath(Buffer.from(path, 'latin1')), this.#formats);
    return inLayer(place, this.#layer, path);
  }

  /** The folders that hold a folder of this name. */
  *foldersWith(child: string, path = '', folder = this.#root): Generator<string> {
    if (folder.get(child) instanceof Map) yield path;
    for (const [name, entry] of folder) {
      if (entry instanceof Map) yield* this.foldersWith(child, joinPath(path, name), entry);
    }
  }

  #at(path: string): Folder | (() => RandomAccess) | undefined {
    let at: Folder | (() => RandomAccess) | undefined = this.#root;
    for (const part of path === '' ? [] : path.split('/')) {
      if (!(at instanceof Map)) return undefined;
      at = at.get(part);
    }
    return at;
  }
}

/** What a path has that means nothing, or a slash of Windows. */
const UNTIDY = /\\|(?:^|\/)\.?(?:\/|$)/;

/** The path that a member's name means, one character per byte: without `.` and empty parts, `\` read as `/`. */
export function normalPath(name: Uint8Array): string {
  const path = Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1');
  if (!UNTIDY.test(path)) return path;
  return path
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}
