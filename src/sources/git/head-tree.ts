import { type FileTree, joinPath } from '../file-tree.js';
import { parseCommit } from './commit-object.js';
import type { ObjectDatabase } from './object-database.js';
import { readPlainText } from './plain-file.js';
import { Refs } from './refs.js';
import { idOfLine, treeLines } from './tree-object.js';

const SYMBOLIC_DEPTH = 5;
/** What the file says where refs are kept in reftables. */
const IN_TABLES = 'ref: refs/heads/.invalid';

/** A folder that was read: the IDs of what it holds, by name, and its own folders, as far as they were asked about. */
interface Folder {
  readonly ids: ReadonlyMap<string, string>;
  readonly folders: Map<string, Folder>;
}

/** What the last commit holds, looked up path by path: each folder is read once, and only if it is asked about. */
export class HeadTree {
  readonly #database: ObjectDatabase;
  readonly #root: Folder;

  /** @param commit undefined before the first commit: then it holds nothing. */
  constructor(database: ObjectDatabase, commit: string | undefined) {
    this.#database = database;
    const bytes = commit === undefined ? undefined : database.tryRead(commit, 'commit');
    this.#root = this.#read(bytes === undefined ? undefined : parseCommit(bytes).tree);
  }

  /** The ID of what stands at a path (bytes, one character each); undefined where nothing does. */
  idAt(path: string): string | undefined {
    let folder = this.#root;
    let from = 0;
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', from)) {
      const name = path.slice(from, slash);
      const id = folder.ids.get(name);
      // What is in no folder is not looked for any further: paths may be as long as somebody wants.
      if (id === undefined) return undefined;
      let inner = folder.folders.get(name);
      if (inner === undefined) {
        inner = this.#read(id);
        folder.folders.set(name, inner);
      }
      folder = inner;
      from = slash + 1;
    }
    return folder.ids.get(path.slice(from));
  }

  #read(tree: string | undefined): Folder {
    const ids = new Map<string, string>();
    const bytes = tree === undefined ? undefined : this.#database.tryRead(tree, 'tree');
    const idBytes = this.#database.format.bytes;
    for (const line of bytes === undefined ? [] : treeLines(bytes, idBytes)) {
      ids.set(Buffer.from(line.name).toString('latin1'), idOfLine(bytes!, line, idBytes));
    }
    return { ids, folders: new Map() };
  }
}

/** The commit that `HEAD` leads to; undefined before the first one, or when it can't be told. */
export function headCommit(tree: FileTree, gitDir: string, commonDir: string): string | undefined {
  let text = readPlainText(tree, joinPath(gitDir, 'HEAD'))?.trim();
  if (text === IN_TABLES) return new Refs(tree, gitDir, commonDir).resolve('HEAD');
  for (let depth = 0; depth < SYMBOLIC_DEPTH && text?.startsWith('ref:'); depth++) {
    const name = text.slice(4).trim();
    text =
      readPlainText(tree, joinPath(gitDir, name))?.trim() ??
      readPlainText(tree, joinPath(commonDir, name))?.trim() ??
      packed(tree, commonDir, name);
  }
  return text;
}

function packed(tree: FileTree, commonDir: string, name: string): string | undefined {
  const text = `\n${readPlainText(tree, joinPath(commonDir, 'packed-refs')) ?? ''}\n`;
  const at = text.indexOf(` ${name}\n`);
  return at < 0 ? undefined : text.slice(text.lastIndexOf('\n', at) + 1, at);
}
