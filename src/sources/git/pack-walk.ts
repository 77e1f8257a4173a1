import type { Budget } from '../../model/budget.js';
import type { ObjectType } from '../../model/provenance.js';
import type { Share } from '../../model/share.js';
import { DeltaForest } from './delta-forest.js';
import { DeltaStack } from './delta-stack.js';
import { EntryBuilder, type OutsideObject } from './entry-builder.js';
import type { DeltaLineage } from './lineage.js';
import { idOf } from './object-format.js';
import { typeOf } from './pack-entry.js';
import type { PackFile } from './pack-file.js';
import type { Block, PackKernel } from './pack-kernel.js';
import { PackSalvage, type SalvageOptions } from './pack-salvage.js';
import { type ScreenOptions, screenTrees } from './pack-screen.js';
import { NONE, type PackTable } from './pack-table.js';
import { FEW_PAGES, MANY_PAGES } from './pack-window.js';
import { orphansOf, type Stretch, sharedRoots, stretchesOf } from './share.js';
import type { Walked, WalkedObject } from './walked.js';

export interface WalkOptions extends SalvageOptions {
  readonly outside: OutsideObject;
  /** Set when nothing names the entries but their content: IDs are then computed, and bases by ID found as they appear. */
  readonly unnamed?: boolean;
  /** Of a pack with names: passes over the trees in which nothing is to be seen. */
  readonly screening?: ScreenOptions;
  /** Of a pack with names: the part of it to walk. Everything that is not whole there is the first share's. */
  readonly share?: Share;
  /** The plain entries whose trees are to be walked, and no others, where that is known. */
  readonly roots?: readonly number[];
  /** With a share and a screen: numbers of the stretches to walk, while nobody else has taken them. */
  readonly claimed?: Iterable<number>;
}

/** How many objects of the largest size may wait for their deltas at once; more are built again when they are needed. */
const HELD = 3;

/** Every object of a pack, each entry inflated once, delta trees from their bases. */
export class PackWalk {
  readonly #kernel: PackKernel;
  readonly #table: PackTable;
  readonly #options: WalkOptions;
  readonly #forest: DeltaForest;
  readonly #done: Uint8Array;
  readonly #waiting = new Map<string, number[]>();
  readonly #builder: EntryBuilder;
  readonly #stack: DeltaStack;
  readonly #salvage: PackSalvage;

  constructor(pack: PackFile, table: PackTable, options: WalkOptions) {
    this.#table = table;
    this.#options = options;
    this.#kernel = options.kernel;
    // Of what is screened, few trees are walked here, scattered over the pack.
    const pages = options.screening === undefined ? MANY_PAGES : FEW_PAGES;
    this.#builder = new EntryBuilder(pack, table, { ...options, pages });
    const most = HELD * options.budget.limits.memory;
    this.#stack = new DeltaStack(table, this.#builder, options.kernel, most);
    this.#forest = new DeltaForest(table, options.screening?.kernel);
    this.#done = new Uint8Array(table.count);
    this.#salvage = new PackSalvage(table, this.#forest, this.#builder, this.#done, options);
    for (const [entry, id] of table.outside) {
      const waiting = this.#waiting.get(id);
      if (waiting === undefined) this.#waiting.set(id, [entry]);
      else waiting.push(entry);
    }
  }

  *items(): Generator<Walked> {
    try {
      for (const entry of this.#roots()) yield* this.#treeOf(entry);
      const { share, screening, roots } = this.#options;
      if (share !== undefined && share.index > 0) return;
      for (const [id, entries] of this.#waiting) yield* this.#treesOutside(id, entries);
      const isPart = share !== undefined || screening !== undefined || roots !== undefined;
      yield* this.#salvage.leftovers(isPart ? orphansOf(this.#table) : () => true);
    } finally {
      this.#stack.empty();
      this.#builder.close();
    }
  }

  /** The plain entries whose trees have to be walked here. */
  *#roots(): Generator<number> {
    const { share, screening, roots } = this.#options;
    if (roots !== undefined) {
      yield* roots;
      return;
    }
    if (screening !== undefined) {
      yield* screenTrees(this.#table, this.#stretches(), screening);
      return;
    }
    const shared = share === undefined ? undefined : sharedRoots(this.#table, share);
    for (let entry = 0; entry < this.#table.count; entry++) {
      if (this.#table.isDelta(entry) || shared?.owns(entry) === false) continue;
      yield entry;
    }
  }

  #stretches(): Iterable<Stretch> {
    const { share, claimed } = this.#options;
    if (share === undefined || share.of === 1) return [{ from: 0, to: this.#table.count }];
    if (claimed === undefined) return [sharedRoots(this.#table, share).stretch];
    return stretchesOf(this.#table, claimed);
  }

  /** The object of a plain entry and all that is built on it. */
  *#treeOf(root: number): Generator<Walked> {
    const type = typeOf(this.#table.type[root]!);
    if (type === undefined) {
      this.#done[root] = 1;
      yield { entry: root, type, reason: 'corrupt', detail: 'its header is damaged' };
      const copy = this.#salvage.copyOf(root);
      if (copy !== undefined) yield* this.#grow(root, copy.type, this.#kernel.hold(copy.bytes));
      else yield* this.#salvage.abandon(root, 'its delta base is damaged', 'corrupt');
      return;
    }
    const alone = this.#forest.firstChild(root) === NONE && this.#waiting.size === 0;
    this.#builder.budget = alone ? this.#options.budget : nestedIn(this.#options.budget);
    if (this.#table.sizeOf(root) > this.#options.budget.limits.memory) {
      this.#done[root] = 1;
      this.#options.budget.entry();
      yield { entry: root, type, bytes: undefined };
      yield* this.#salvage.abandon(
        root,
        'its delta base is larger than may be held (--max-memory)',
        'too_large',
      );
      return;
    }
    const made = yield* this.#salvage.attempt(root, type, () => this.#builder.inflate(root));
    if (made !== undefined) yield* this.#grow(root, type, made.block);
  }

  /** Deltas on an object that is not in this pack (a thin pack, a bundle). */
  *#treesOutside(id: string, entries: readonly number[]): Generator<Walked> {
    const waiting = entries.filter((entry) => this.#done[entry] === 0);
    if (waiting.length === 0) return;
    const found = this.#options.outside(id);
    const base = found === undefined ? undefined : this.#kernel.hold(found.bytes);
    for (const entry of waiting) {
      if (base === undefined) {
        this.#done[entry] = 1;
        const detail = `its delta base ${id} is not in the repository`;
        yield { entry, type: undefined, reason: 'missing_object', detail, missing: id };
        yield* this.#salvage.additions(entry);
        yield* this.#salvage.abandon(entry, detail, 'missing_object');
        continue;
      }
      this.#builder.budget = nestedIn(this.#options.budget);
      const type = found!.type;
      const made = yield* this.#salvage.attempt(entry, type, () => this.#builder.rebuild(entry, base));
      if (made !== undefined) yield* this.#grow(entry, type, made.block);
    }
    if (base !== undefined) this.#kernel.free(base);
  }

  /** Yields the object and, depth first, everything built on it, without recursion. */
  *#grow(root: number, type: ObjectType, rootBlock: Block): Generator<Walked> {
    this.#stack.empty();
    yield this.#found(root, type, rootBlock);
    this.#push(root, rootBlock);
    for (let frame = this.#stack.top; frame !== undefined; frame = this.#stack.top) {
      const { entry: parent, next: child } = frame;
      frame.next = this.#forest.nextSibling(child);
      const made = yield* this.#salvage.attempt(child, type, () =>
        this.#builder.rebuild(child, this.#stack.blockOf(frame!)),
      );
      // What is built on most comes last, and from here on nothing more is built on this.
      if (frame.next === NONE) this.#stack.pop();
      if (made === undefined) continue;
      yield this.#found(child, type, made.block, made.copied ? undefined : this.#builder.lineage(parent));
      this.#push(child, made.block);
    }
  }

  #found(entry: number, type: ObjectType, block: Block, lineage?: DeltaLineage): WalkedObject {
    const bytes = this.#kernel.view(block);
    this.#done[entry] = 1;
    this.#options.budget.entry();
    if (this.#options.unnamed === true) {
      const id = idOf(this.#table.format, type, bytes);
      this.#table.learn(entry, id);
      for (const waiting of this.#waiting.get(id) ?? []) {
        if (this.#done[waiting] === 0) {
          this.#table.parent[waiting] = entry;
          this.#forest.link(entry, waiting);
        }
      }
      this.#waiting.delete(id);
    }
    return lineage === undefined ? { entry, type, bytes } : { entry, type, bytes, lineage };
  }

  #push(entry: number, block: Block): void {
    const next = this.#forest.firstChild(entry);
    if (next === NONE) this.#kernel.free(block);
    else this.#stack.push(entry, block, next);
  }
}

function nestedIn(budget: Budget): Budget {
  return budget.depth < budget.limits.depth ? budget.nested() : budget;
}
