import type { Diagnostic } from '../../model/diagnostic.js';
import { type FileTree, joinPath } from '../file-tree.js';
import { attempt } from './attempt.js';
import { readPlainText } from './plain-file.js';
import { ReftableStack } from './reftable-stack.js';

/** A name that leads to an object. */
export interface Ref {
  /** Its bytes, one character each. */
  readonly name: string;
  /** The object ID in hex; undefined for a ref that can't be read or leads nowhere. */
  readonly target: string | undefined;
}

const ID = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
const PACKED = /^([0-9a-f]{40,64}) (.+?)\r?$/;
const SYMBOLIC_DEPTH = 5;
/** Folders are nested by the slashes of names; nobody names that deep. */
const DEEPEST = 64;

/** The refs of a repository: packed, loose (which hide packed ones), of reftables, and the heads of the folder itself. */
export class Refs {
  readonly #tree: FileTree;
  readonly #gitDir: string;
  readonly #all = new Map<string, string | undefined>();
  readonly faults: Diagnostic[] = [];
  #list: readonly Ref[] | undefined;

  /** @param folders the git folder, and the one it shares with others where that is another. */
  constructor(tree: FileTree, gitDir: string, commonDir: string = gitDir) {
    this.#tree = tree;
    this.#gitDir = gitDir;
    this.#readPacked(joinPath(commonDir, 'packed-refs'));
    this.#readFolder(joinPath(commonDir, 'refs'), 'refs', 0);
    if (gitDir !== commonDir) this.#readFolder(joinPath(gitDir, 'refs'), 'refs', 0);
    this.#readHeads(gitDir, '');
    if (gitDir !== commonDir) this.#readHeads(commonDir, 'main-worktree/');
    this.#readWorktrees(joinPath(commonDir, 'worktrees'));
    // Where there are tables, the files only keep old versions of git away.
    for (const folder of new Set([commonDir, gitDir])) this.#readTables(folder, '');
  }

  /** Every ref under its full name; `HEAD`, `MERGE_HEAD` and the like among them. */
  all(): readonly Ref[] {
    this.#list ??= [...this.#all.keys()].map((name) => ({ name, target: this.resolve(name) }));
    return this.#list;
  }

  /** The object that a ref leads to, through symbolic ones. */
  resolve(name: string): string | undefined {
    let value = this.#all.get(name);
    for (let depth = 0; depth < SYMBOLIC_DEPTH && value?.startsWith('ref:'); depth++) {
      value = this.#all.get(value.slice(4).trim());
    }
    return value !== undefined && ID.test(value) ? value : undefined;
  }

  /** The name of the ref that a symbolic one holds. */
  nameIn(name: string): string | undefined {
    const value = this.#all.get(name);
    return value?.startsWith('ref:') === true ? value.slice(4).trim() : undefined;
  }

  #readPacked(path: string): void {
    const text = attempt(() => readPlainText(this.#tree, path), this.faults) ?? '';
    // Line by line: mirrors of large hosts have millions.
    for (let at = 0; at < text.length; ) {
      const end = text.indexOf('\n', at);
      const line = text.slice(at, end < 0 ? text.length : end);
      const match = PACKED.exec(line);
      if (match !== null) this.#all.set(match[2]!, match[1]!);
      at += line.length + 1;
    }
  }

  #readFolder(folder: string, prefix: string, depth: number): void {
    for (const { name, kind } of attempt(() => this.#tree.list(folder), this.faults) ?? []) {
      const path = joinPath(folder, name);
      if (kind === 'folder' && depth < DEEPEST) this.#readFolder(path, `${prefix}/${name}`, depth + 1);
      else if (kind === 'file') this.#readLoose(path, `${prefix}/${name}`);
    }
  }

  /** `HEAD`, `ORIG_HEAD`, `FETCH_HEAD`, `MERGE_HEAD`… : what git keeps beside `refs`. */
  #readHeads(folder: string, prefix: string): void {
    for (const { name, kind } of attempt(() => this.#tree.list(folder), this.faults) ?? []) {
      if (kind === 'file' && /^[A-Z_]*HEAD$|^AUTO_MERGE$/.test(name)) {
        this.#readLoose(joinPath(folder, name), prefix + name);
      }
    }
  }

  #readWorktrees(folder: string): void {
    for (const { name, kind } of attempt(() => this.#tree.list(folder), this.faults) ?? []) {
      const path = joinPath(folder, name);
      if (kind !== 'folder' || path === this.#gitDir) continue;
      this.#readHeads(path, `worktrees/${name}/`);
      this.#readFolder(joinPath(path, 'refs'), `worktrees/${name}/refs`, 0);
      this.#readTables(path, `worktrees/${name}/`);
    }
  }

  #readTables(gitDir: string, prefix: string): void {
    const stack = new ReftableStack(this.#tree, joinPath(gitDir, 'reftable'));
    for (const [name, value] of stack.refs()) this.#all.set(prefix + name, value);
    this.faults.push(...stack.faults);
  }

  #readLoose(path: string, name: string): void {
    const text = attempt(() => readPlainText(this.#tree, path), this.faults);
    if (text === undefined) return;
    // FETCH_HEAD has a line for each ref that was fetched, with the ID first.
    this.#all.set(name, text.startsWith('ref:') ? text.trim() : text.split(/\s/, 1)[0]);
  }
}
