import type { FileTree } from '../file-tree.js';
import { parseCommit } from './commit-object.js';
import type { ObjectDatabase } from './object-database.js';
import { joinPath, readPlainText } from './plain-file.js';
import { idOfLine, treeLines } from './tree-object.js';

const SYMBOLIC_DEPTH = 5;

/** What the last commit holds, looked up path by path: each folder is read once, and only if it is asked about. */
export class HeadTree {
  readonly #database: ObjectDatabase;
  readonly #folders = new Map<string, ReadonlyMap<string, string>>();
  readonly #root: string | undefined;

  /** @param commit undefined before the first commit: then it holds nothing. */
  constructor(database: ObjectDatabase, commit: string | undefined) {
    this.#database = database;
    const bytes = commit === undefined ? undefined : database.tryRead(commit, 'commit');
    this.#root = bytes === undefined ? undefined : parseCommit(bytes).tree;
  }

  /** The ID of what stands at a path (bytes, one character each); undefined where nothing does. */
  idAt(path: string): string | undefined {
    const slash = path.lastIndexOf('/');
    return this.#folder(slash < 0 ? '' : path.slice(0, slash)).get(path.slice(slash + 1));
  }

  #folder(path: string): ReadonlyMap<string, string> {
    const known = this.#folders.get(path);
    if (known !== undefined) return known;
    const lines = new Map<string, string>();
    const id = path === '' ? this.#root : this.idAt(path);
    const bytes = id === undefined ? undefined : this.#database.tryRead(id, 'tree');
    if (bytes !== undefined) {
      const idBytes = this.#database.format.bytes;
      for (const line of treeLines(bytes, idBytes)) {
        lines.set(Buffer.from(line.name).toString('latin1'), idOfLine(bytes, line, idBytes));
      }
    }
    this.#folders.set(path, lines);
    return lines;
  }
}

/** The commit that `HEAD` leads to; undefined before the first one, or when it can't be told. */
export function headCommit(tree: FileTree, gitDir: string, commonDir: string): string | undefined {
  let text = readPlainText(tree, joinPath(gitDir, 'HEAD'))?.trim();
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
  const lines = (readPlainText(tree, joinPath(commonDir, 'packed-refs')) ?? '').split('\n');
  return lines.find((line) => line.endsWith(` ${name}`))?.split(' ', 1)[0];
}
