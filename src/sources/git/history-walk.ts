import type { ObjectType } from '../../model/provenance.js';
import { parseCommit } from './commit-object.js';
import { CommitTable, wordsOf } from './commit-table.js';
import { DeltaForest } from './delta-forest.js';
import {
  ADDED_FOLDER,
  HistoryKernel,
  OF_COMMIT,
  OF_TREE,
  REMOVED,
  REMOVED_FOLDER,
  RETURNED,
} from './history-kernel.js';
import { readLoose } from './loose-object.js';
import type { ObjectDatabase } from './object-database.js';
import { PackKernel } from './pack-kernel.js';
import { NONE, type PackTable } from './pack-table.js';
import type { StoredPack } from './stored-pack.js';
import { TreeLines, WHOLE } from './tree-lines.js';
import { isFolder, isSubmodule, treeLines } from './tree-object.js';

/** All commits of a database, and the lines of trees that lead to what is wanted. */
export interface History {
  readonly commits: CommitTable;
  readonly trees: TreeLines;
  /** The IDs of what is wanted, by their numbers in `trees`. */
  readonly wanted: ReadonlyMap<number, string>;
}

/** Trees unfold further than what is scanned: of a large one, a line changes at a time. */
const UNFOLDING = { ratio: 30_000, floor: 1024 ** 3 };
/** What is out of the ordinary is read object by object, up to so many, of so many bytes in all. */
const SINGLY = { objects: 100_000, bytes: 2 * 1024 ** 3 };
/** Lines that so many packed bytes can honestly be: an ID alone takes twenty. */
const LINES = { floor: 1024 ** 2, most: 64 * 1024 ** 2, bytes: 4 };
const COMMIT = 1;
const TREE = 2;

/**
 * Reads all commits and trees once, in the order in which they are packed. What can't be read was listed by the scan.
 * @throws {TooManyLines}
 */
export function walkHistory(database: ObjectDatabase, wanted: ReadonlySet<string>): History {
  const reader = new HistoryReader(database, wanted);
  for (const pack of database.packs) reader.addPack(pack);
  for (const { id, path } of database.loose) if (id !== undefined) reader.addLoose(id, path);
  return reader;
}

class HistoryReader implements History {
  readonly commits: CommitTable;
  readonly trees: TreeLines;
  readonly #database: ObjectDatabase;
  readonly wanted = new Map<number, string>();
  readonly #wantedIds: readonly Uint8Array[];
  readonly #idWords: number;
  readonly #id: Uint32Array;
  readonly #idBytes: Uint8Array;
  readonly #inflater = new PackKernel();
  #name = new Uint32Array(64);
  #objectsLeft = SINGLY.objects;
  #bytesLeft = SINGLY.bytes;

  constructor(database: ObjectDatabase, wanted: ReadonlySet<string>) {
    this.#database = database;
    this.#idWords = database.format.bytes / 4;
    this.#id = new Uint32Array(this.#idWords);
    this.#idBytes = new Uint8Array(this.#id.buffer);
    const counts = countTypes(database);
    this.commits = new CommitTable(counts.commits, this.#idWords);
    const packed = database.packs.reduce((sum, { file }) => sum + file.file.size, 0);
    const lines = LINES.floor + packed / LINES.bytes + 1024 * database.loose.length;
    this.trees = new TreeLines(counts.trees + wanted.size, this.#idWords, Math.min(LINES.most, lines));
    const ids = [...wanted].filter((id) => id.length === this.#idWords * 8).map(wordsOf);
    this.#wantedIds = ids.map((words) => new Uint8Array(words.buffer));
    for (const words of ids) {
      const id = Buffer.from(words.buffer).toString('hex');
      this.wanted.set(this.trees.ids.intern(words, 0, this.#idWords), id);
    }
  }

  addPack(pack: StoredPack): void {
    // An index of the other format names nothing that anything here could name.
    if (pack.format.bytes !== this.#idBytes.length) return;
    const table = pack.table(this.#database.largest);
    const forest = new DeltaForest(table);
    const returned: number[] = [...table.outside.keys()];
    try {
      const kernel = new HistoryKernel(
        {
          read: (position, length, target) => readInto(pack, kernel.memory, position, length, target),
          flush: (words) => this.#take(kernel.out.subarray(0, words), table, numbers, returned),
        },
        table.count,
        this.#wantedIds,
        { idBytes: this.#idBytes.length, largest: this.#database.largest, ...UNFOLDING },
      );
      const numbers = new Int32Array(table.count);
      fillColumns(kernel, pack, table, forest);
      kernel.walk(0, table.count);
      for (const root of returned) this.#addSingly(root, table, forest);
    } finally {
      pack.file.close();
    }
  }

  addLoose(id: string, path: string): void {
    let file: ReturnType<ObjectDatabase['tree']['open']>;
    try {
      file = this.#database.tree.open(path);
      if (file === undefined) return;
      const { type, bytes } = readLoose(file, this.#database.largest, this.#inflater);
      if (bytes !== undefined) this.#addObject(id, type, bytes);
    } catch {
      // A damaged object leads nowhere.
    } finally {
      file?.close();
    }
  }

  /** Takes note of what the kernel says. */
  #take(out: Uint32Array, table: PackTable, numbers: Int32Array, returned: number[]): void {
    const { trees, commits } = this;
    const words = this.#idWords;
    const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
    for (let at = 0; at < out.length; ) {
      const kind = out[at]! & 0xff;
      const count = out[at]! >>> 8;
      if (kind === OF_TREE) {
        const entry = out[at + 1]!;
        const base = out[at + 2]! | 0;
        table.writeId(entry, this.#idBytes);
        numbers[entry] = trees.ids.intern(this.#id, 0, words);
        trees.begin(numbers[entry]!, base === NONE ? WHOLE : numbers[base]!);
        at += 3;
      } else if (kind === OF_COMMIT) {
        table.writeId(out[at + 1]!, this.#idBytes);
        const tree = trees.ids.intern(out, at + 4, words);
        commits.add(this.#id, tree, view.getFloat64(4 * at + 8, true), out, at + 4 + words, count);
        at += 4 + words * (count + 1);
      } else if (kind === RETURNED) {
        returned.push(out[at + 1]!);
        at += 2;
      } else {
        const nameWords = (count + 3) >> 2;
        const child = trees.ids.intern(out, at + 1, words);
        const name = trees.names.intern(out, at + 1 + words, nameWords);
        const folder = kind === ADDED_FOLDER || kind === REMOVED_FOLDER;
        trees.line(child, name, folder, kind === REMOVED || kind === REMOVED_FOLDER);
        at += 1 + words + nameWords;
      }
    }
  }

  /** The object of an entry and all that is built on it, each by its ID. */
  #addSingly(root: number, table: PackTable, forest: DeltaForest): void {
    const open = [root];
    for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
      const id = table.idOf(entry);
      if (id !== undefined && this.#objectsLeft > 0 && this.#bytesLeft > 0) {
        const object = this.#database.readSafely(id);
        this.#objectsLeft -= 1;
        this.#bytesLeft -= object?.bytes.length ?? 0;
        if (object !== undefined) this.#addObject(id, object.type, object.bytes);
      }
      for (let child = forest.firstChild(entry); child !== NONE; child = forest.nextSibling(child)) {
        open.push(child);
      }
    }
  }

  #addObject(id: string, type: ObjectType, bytes: Uint8Array): void {
    if (id.length !== this.#idWords * 8) return;
    if (type === 'commit') {
      const { tree, parents, time } = parseCommit(bytes);
      const named = parents.filter((parent) => parent.length === id.length);
      const words = new Uint32Array(named.length * this.#idWords);
      named.forEach((parent, index) => {
        words.set(wordsOf(parent), index * this.#idWords);
      });
      const root = tree.length === id.length ? this.trees.ids.intern(wordsOf(tree), 0, this.#idWords) : -1;
      this.commits.add(wordsOf(id), root, time, words, 0, named.length);
    } else if (type === 'tree') {
      const { ids } = this.trees;
      this.trees.begin(ids.intern(wordsOf(id), 0, this.#idWords), WHOLE);
      for (const { mode, name, idAt } of treeLines(bytes, this.#idBytes.length)) {
        if (isSubmodule(mode)) continue;
        this.#idBytes.set(bytes.subarray(idAt, idAt + this.#idBytes.length));
        const folder = isFolder(mode);
        const child = folder ? ids.intern(this.#id, 0, this.#idWords) : ids.find(this.#id, 0, this.#idWords);
        if (!folder && !this.wanted.has(child)) continue;
        this.trees.line(child, this.#numberOf(name), folder, false);
      }
    }
  }

  #numberOf(name: Uint8Array): number {
    const words = (name.length + 3) >> 2;
    if (words > this.#name.length) this.#name = new Uint32Array(words);
    this.#name.fill(0, 0, words);
    new Uint8Array(this.#name.buffer).set(name);
    return this.trees.names.intern(this.#name, 0, words);
  }
}

function readInto(
  pack: StoredPack,
  memory: Uint8Array,
  position: number,
  length: number,
  target: number,
): number {
  let filled = 0;
  while (filled < length) {
    const count = pack.file.file.readAt(position + filled, memory.subarray(target + filled, target + length));
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

function fillColumns(kernel: HistoryKernel, pack: StoredPack, table: PackTable, forest: DeltaForest): void {
  const { count } = table;
  kernel.offset.set(table.offset);
  kernel.offset[count] = pack.file.end;
  kernel.type.set(table.type);
  kernel.header.set(table.header);
  for (let entry = 0; entry < count; entry++) {
    kernel.size[entry] = Math.min(table.size[entry]!, 0xffffffff);
  }
  forest.copyTo(kernel.first, kernel.next);
}

/** About how many commits and trees there are: how many plain ones, and how many deltas all in all. */
function countTypes(database: ObjectDatabase): { commits: number; trees: number } {
  let commits = database.loose.length;
  let trees = database.loose.length;
  for (const pack of database.packs) {
    const { count, type } = pack.table(database.largest);
    for (let entry = 0; entry < count; entry++) {
      if (type[entry] === COMMIT) commits += 1;
      else if (type[entry] === TREE) trees += 1;
    }
    trees += Math.floor(count / 3);
  }
  return { commits, trees };
}
