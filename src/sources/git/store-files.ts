import { joinPath, type TreeEntry } from '../file-tree.js';

/** What an `objects` folder holds objects in. */
export type StoreFile =
  /** `id` is undefined for a leftover of an interrupted write. */
  | { readonly kind: 'loose'; readonly path: string; readonly id: string | undefined }
  /** `index` is undefined where there is none. */
  | { readonly kind: 'pack'; readonly path: string; readonly index: string | undefined }
  /** An index without its pack. */
  | { readonly kind: 'index'; readonly path: string }
  /** A symbolic link where a folder or a pack should be: it is not followed. */
  | { readonly kind: 'link'; readonly path: string };

const LOOSE_FOLDER = /^[0-9a-f]{2}$/;
const LOOSE_NAME = /^(?:[0-9a-f]{38}|[0-9a-f]{62})$/;
const LOOSE_REST = /^tmp_obj_/;
const PACK = /^tmp_pack_|\.pack$/;
const INDEX = /\.idx$/;
/** What is pushed lies in such a folder until it is accepted, and stays there when the push is killed. */
const QUARANTINE = /^(?:tmp_objdir|incoming)-/;

const OWNED =
  /^objects\/(?:(?:tmp_objdir|incoming)-[^/]*\/)?(?:[0-9a-f]{2}\/(?:[0-9a-f]{38}|[0-9a-f]{62}|tmp_obj_[^/]*)|pack\/(?:[^/]+\.(?:pack|idx)|tmp_pack_[^/]*))$/;

/** Whether a file of this path below a git folder is one of {@link storeFiles}; every other one is searched as a plain file. */
export function ownsPath(path: string): boolean {
  return OWNED.test(path);
}

/**
 * Lists an `objects` folder, and what was being pushed into it.
 *
 * @param list how a folder is listed.
 */
export function* storeFiles(
  folder: string,
  list: (folder: string) => readonly TreeEntry[],
): Generator<StoreFile> {
  const open = [folder];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const { name, kind } of list(at)) {
      const path = joinPath(at, name);
      const isQuarantine = at === folder && QUARANTINE.test(name);
      if (!isQuarantine && name !== 'pack' && !LOOSE_FOLDER.test(name)) continue;
      if (kind === 'symlink') yield { kind: 'link', path };
      else if (kind !== 'folder') continue;
      else if (isQuarantine) open.push(path);
      else if (name === 'pack') yield* packFiles(path, list(path));
      else yield* looseFiles(path, name, list(path));
    }
  }
}

function* packFiles(folder: string, entries: readonly TreeEntry[]): Generator<StoreFile> {
  const files = new Set(entries.filter(({ kind }) => kind === 'file').map(({ name }) => name));
  for (const { name, kind } of entries) {
    const path = joinPath(folder, name);
    if (PACK.test(name)) {
      const index = name.replace(/\.pack$/, '.idx');
      const indexed = index !== name && files.has(index);
      if (kind === 'symlink') yield { kind: 'link', path };
      if (kind === 'file') yield { kind: 'pack', path, index: indexed ? joinPath(folder, index) : undefined };
    } else if (INDEX.test(name) && kind === 'file' && !files.has(name.replace(INDEX, '.pack'))) {
      yield { kind: 'index', path };
    }
  }
}

function* looseFiles(folder: string, start: string, entries: readonly TreeEntry[]): Generator<StoreFile> {
  for (const { name, kind } of entries) {
    if (kind !== 'file') continue;
    if (LOOSE_NAME.test(name)) yield { kind: 'loose', path: joinPath(folder, name), id: start + name };
    else if (LOOSE_REST.test(name)) yield { kind: 'loose', path: joinPath(folder, name), id: undefined };
  }
}
