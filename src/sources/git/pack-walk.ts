import { type Budget, BudgetExceeded } from '../../model/budget.js';
import type { DiagnosticReason } from '../../model/diagnostic.js';
import type { ObjectType } from '../../model/provenance.js';
import type { Share } from '../../model/share.js';
import { DeltaFault } from './delta.js';
import { DeltaForest } from './delta-forest.js';
import { DeltaStack } from './delta-stack.js';
import { EntryBuilder, type OutsideObject } from './entry-builder.js';
import { InflateFault } from './inflate.js';
import type { DeltaLineage } from './lineage.js';
import { idOf } from './object-format.js';
import { typeOf } from './pack-entry.js';
import type { PackFile } from './pack-file.js';
import type { Block, PackKernel } from './pack-kernel.js';
import { type ScreenOptions, screenTrees } from './pack-screen.js';
import { NONE, type PackTable } from './pack-table.js';
import { FEW_PAGES, MANY_PAGES } from './pack-window.js';
import { orphansOf, type Stretch, sharedRoots, stretchesOf } from './share.js';

/** One object of a pack. Its bytes are valid until the next one is asked for. */
export interface WalkedObject {
  readonly entry: number;
  readonly type: ObjectType;
  /** Undefined for a base too large to be held: its compressed bytes have to be streamed. */
  readonly bytes: Uint8Array | undefined;
  /** How it came out of the object it is a delta of, where that is in this pack. */
  readonly lineage?: DeltaLineage;
}

/** An entry that could not be read, with what could be had of it. */
export interface WalkFault {
  readonly entry: number;
  readonly type: ObjectType | undefined;
  readonly reason: DiagnosticReason;
  readonly detail: string;
  readonly salvaged?: Uint8Array;
  /** The ID of the object that is missing. */
  readonly missing?: string;
}

/** What the delta of an entry says itself, where what it is built on can't be had. */
export interface WalkedAddition {
  readonly entry: number;
  readonly added: Uint8Array;
}

/** What a walk comes by. */
export type Walked = WalkedObject | WalkFault | WalkedAddition;

export interface WalkOptions {
  readonly kernel: PackKernel;
  readonly budget: Budget;
  readonly outside: OutsideObject;
  /** Gives a sound copy of what is damaged in this pack, so that what is built on it is not lost. */
  readonly elsewhere?: OutsideObject;
  /** Set when nothing names the entries but their content: IDs are then computed, and bases by ID found as they appear. */
  readonly unnamed?: boolean;
  /** Object types to walk; all when absent. */
  readonly only?: ReadonlySet<string>;
  /** Of a pack with names: passes over the trees in which nothing is to be seen. */
  readonly screening?: ScreenOptions;
  /** Of a pack with names: the part of it to walk. Everything that is not whole there is the first share's. */
  readonly share?: Share;
  /** With a share and a screen: numbers of the stretches to walk, while nobody else has taken them. */
  readonly claimed?: Iterable<number>;
}

/** The bytes of an entry, and whether they were made of it or lay elsewhere. */
interface Made {
  readonly block: Block;
  readonly copied: boolean;
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
    for (const [entry, id] of table.outside) {
      const waiting = this.#waiting.get(id);
      if (waiting === undefined) this.#waiting.set(id, [entry]);
      else waiting.push(entry);
    }
  }

  *items(): Generator<Walked> {
    try {
      for (const entry of this.#roots()) yield* this.#treeOf(entry);
      const { only, share } = this.#options;
      if (share !== undefined && share.index > 0) return;
      for (const [id, entries] of this.#waiting) yield* this.#treesOutside(id, entries);
      if (only === undefined) yield* this.#leftovers();
    } finally {
      this.#stack.empty();
      this.#builder.close();
    }
  }

  /** The plain entries whose trees have to be walked here. */
  *#roots(): Generator<number> {
    const { only, share, screening } = this.#options;
    if (screening !== undefined) {
      yield* screenTrees(this.#table, this.#stretches(), screening);
      return;
    }
    const shared = share === undefined ? undefined : sharedRoots(this.#table, share);
    for (let entry = 0; entry < this.#table.count; entry++) {
      if (this.#table.isDelta(entry) || shared?.owns(entry) === false) continue;
      if (only === undefined || only.has(typeOf(this.#table.type[entry]!) ?? '')) yield entry;
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
      const copy = this.#copyOf(root);
      if (copy !== undefined) yield* this.#grow(root, copy.type, this.#kernel.hold(copy.bytes));
      else yield* this.#abandon(root, 'its delta base is damaged', 'corrupt');
      return;
    }
    const alone = this.#forest.firstChild(root) === NONE && this.#waiting.size === 0;
    this.#builder.budget = alone ? this.#options.budget : nestedIn(this.#options.budget);
    if (this.#table.sizeOf(root) > this.#options.budget.limits.memory) {
      this.#done[root] = 1;
      this.#options.budget.entry();
      yield { entry: root, type, bytes: undefined };
      yield* this.#abandon(root, 'its delta base is larger than may be held (--max-memory)', 'too_large');
      return;
    }
    const made = yield* this.#attempt(root, type, () => this.#builder.inflate(root));
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
        yield* this.#additions(entry);
        yield* this.#abandon(entry, detail, 'missing_object');
        continue;
      }
      this.#builder.budget = nestedIn(this.#options.budget);
      const type = found!.type;
      const made = yield* this.#attempt(entry, type, () => this.#builder.rebuild(entry, base));
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
      const made = yield* this.#attempt(child, type, () =>
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

  /**
   * Makes an entry. What fails becomes a fault of it, and, where nothing else holds the object, of all that is built on it.
   */
  *#attempt(
    entry: number,
    type: ObjectType,
    step: () => Block,
  ): Generator<WalkFault | WalkedAddition, Made | undefined> {
    try {
      return { block: step(), copied: false };
    } catch (error) {
      this.#done[entry] = 1;
      if (error instanceof InflateFault || error instanceof DeltaFault) {
        yield* this.#damaged(entry, type, error);
        const copy = this.#copyOf(entry);
        if (copy?.type === type) return { block: this.#kernel.hold(copy.bytes), copied: true };
      } else if (
        error instanceof BudgetExceeded &&
        error.limit === 'ratio' &&
        error.budget === this.#builder.budget
      ) {
        yield { entry, type, reason: 'budget', detail: error.message };
      } else {
        throw error;
      }
      yield* this.#abandon(entry, 'what its delta builds on could not be read', 'corrupt');
      return undefined;
    }
  }

  /** The fault of an entry, and what can be had of it. */
  *#damaged(
    entry: number,
    type: ObjectType,
    error: InflateFault | DeltaFault,
  ): Generator<WalkFault | WalkedAddition> {
    if (error instanceof DeltaFault) {
      yield { entry, type, reason: error.reason, detail: `its delta ${error.message}` };
      yield* this.#additions(entry);
      return;
    }
    const salvaged = this.#table.isDelta(entry) ? undefined : this.#builder.salvage(entry);
    const fault = { entry, type, reason: 'corrupt', detail: error.message } as const;
    yield salvaged === undefined ? fault : { ...fault, salvaged };
  }

  /** What another pack or a loose file holds of a damaged entry. It counts as made here. */
  #copyOf(entry: number): ReturnType<OutsideObject> {
    const id = this.#table.idOf(entry);
    const copy = id === undefined ? undefined : this.#options.elsewhere?.(id);
    if (copy !== undefined) this.#options.budget.expand(copy.bytes.length, copy.bytes.length);
    return copy;
  }

  /** Marks everything built on an entry as unreadable: one fault for all of it. */
  *#abandon(root: number, detail: string, reason: DiagnosticReason): Generator<WalkFault | WalkedAddition> {
    const lost: number[] = [];
    const open = [root];
    for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
      for (
        let child = this.#forest.firstChild(entry);
        child !== NONE;
        child = this.#forest.nextSibling(child)
      ) {
        if (this.#done[child] !== 0) continue;
        this.#done[child] = 1;
        lost.push(child);
        open.push(child);
      }
    }
    const first = lost[0];
    if (first === undefined) return;
    const count = lost.length === 1 ? '' : ` (and ${lost.length - 1} more objects built on the same)`;
    yield { entry: first, type: undefined, reason, detail: detail + count };
    for (const entry of lost) yield* this.#additions(entry);
  }

  /** What can be had of a delta alone. What it copies stands in its base; a token over the seam of both is lost. */
  *#additions(entry: number): Generator<WalkedAddition> {
    try {
      const added = this.#builder.additions(entry);
      if (added !== undefined) yield { entry, added };
    } catch (error) {
      const spent = error instanceof BudgetExceeded && error.budget === this.#builder.budget;
      if (!(error instanceof InflateFault) && !(spent && error.limit === 'ratio')) throw error;
    }
  }

  /** Deltas that no base leads to: they name an offset where nothing is, or each other in a circle. */
  *#leftovers(): Generator<WalkFault | WalkedAddition> {
    const { share, screening } = this.#options;
    const isOrphan = share === undefined && screening === undefined ? () => true : orphansOf(this.#table);
    for (let entry = 0; entry < this.#table.count; entry++) {
      if (this.#done[entry] !== 0 || !isOrphan(entry)) continue;
      this.#done[entry] = 1;
      const circular = this.#table.parent[entry] !== NONE || this.#table.outside.has(entry);
      const detail = circular
        ? 'its delta is built, over others, on itself'
        : 'its delta names a base where no object begins';
      yield { entry, type: undefined, reason: 'corrupt', detail };
      yield* this.#additions(entry);
      yield* this.#abandon(entry, detail, 'corrupt');
    }
  }
}

function nestedIn(budget: Budget): Budget {
  return budget.depth < budget.limits.depth ? budget.nested() : budget;
}
