import { type Budget, BudgetExceeded } from '../../model/budget.js';
import type { DiagnosticReason } from '../../model/diagnostic.js';
import type { ObjectType } from '../../model/provenance.js';
import { applyDelta, checkedSizes, DeltaFault } from './delta.js';
import { DeltaForest } from './delta-forest.js';
import { type Inflated, InflateFault, inflateExactly, salvage } from './inflate.js';
import { idOf } from './object-format.js';
import { typeOf } from './pack-entry.js';
import type { PackFile } from './pack-file.js';
import { NONE, type PackTable } from './pack-table.js';

/** One object of a pack. Its bytes are valid until the next one is asked for. */
export interface WalkedObject {
  readonly entry: number;
  readonly type: ObjectType;
  /** Undefined for a base too large to be held: its compressed bytes have to be streamed. */
  readonly bytes: Uint8Array | undefined;
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

export interface WalkOptions {
  readonly budget: Budget;
  /** An object that other packs or loose files hold, for deltas whose base is not in this pack. */
  readonly outside: (id: string) => { type: ObjectType; bytes: Uint8Array } | undefined;
  /** Set when nothing names the entries but their content: IDs are then computed, and bases by ID found as they appear. */
  readonly unnamed: boolean;
}

interface Frame {
  readonly entry: number;
  bytes: Uint8Array | undefined;
  next: number;
}

/** How many objects of the largest size may wait for their deltas at once; more are built again when they are needed. */
const HELD = 3;

/** Every object of a pack, each entry inflated once, delta trees from their bases. */
export class PackWalk {
  readonly #pack: PackFile;
  readonly #table: PackTable;
  readonly #options: WalkOptions;
  readonly #forest: DeltaForest;
  readonly #done: Uint8Array;
  readonly #waiting = new Map<string, number[]>();
  #budget: Budget;
  #stack: Frame[] = [];
  #held = 0;

  constructor(pack: PackFile, table: PackTable, options: WalkOptions) {
    this.#pack = pack;
    this.#table = table;
    this.#options = options;
    this.#budget = options.budget;
    this.#forest = new DeltaForest(table);
    this.#done = new Uint8Array(table.count);
    for (const [entry, id] of table.outside) {
      const waiting = this.#waiting.get(id);
      if (waiting === undefined) this.#waiting.set(id, [entry]);
      else waiting.push(entry);
    }
  }

  *items(): Generator<WalkedObject | WalkFault> {
    for (let entry = 0; entry < this.#table.count; entry++) {
      if (!this.#table.isDelta(entry)) yield* this.#treeOf(entry);
    }
    for (const [id, entries] of this.#waiting) yield* this.#treesOutside(id, entries);
    yield* this.#leftovers();
  }

  /** The object of a plain entry and all that is built on it. */
  *#treeOf(root: number): Generator<WalkedObject | WalkFault> {
    const type = typeOf(this.#table.type[root]!);
    if (type === undefined) {
      this.#done[root] = 1;
      yield { entry: root, type, reason: 'corrupt', detail: 'its header is damaged' };
      yield* this.#abandon(root, 'its delta base is damaged', 'corrupt');
      return;
    }
    const alone = this.#forest.firstChild(root) === NONE && this.#waiting.size === 0;
    this.#budget = alone ? this.#options.budget : nestedIn(this.#options.budget);
    if (this.#table.size[root]! > this.#options.budget.limits.memory) {
      this.#done[root] = 1;
      this.#options.budget.entry();
      yield { entry: root, type, bytes: undefined };
      yield* this.#abandon(root, 'its delta base is larger than may be held (--max-memory)', 'too_large');
      return;
    }
    const bytes = yield* this.#attempt(root, type, () => this.#inflate(root));
    if (bytes !== undefined) yield* this.#grow(root, type, bytes);
  }

  /** Deltas on an object that is not in this pack (a thin pack, a bundle). */
  *#treesOutside(id: string, entries: readonly number[]): Generator<WalkedObject | WalkFault> {
    const waiting = entries.filter((entry) => this.#done[entry] === 0);
    if (waiting.length === 0) return;
    const base = this.#options.outside(id);
    for (const entry of waiting) {
      if (base === undefined) {
        this.#done[entry] = 1;
        const detail = `its delta base ${id} is not in the repository`;
        yield { entry, type: undefined, reason: 'missing_object', detail, missing: id };
        yield* this.#abandon(entry, detail, 'missing_object');
        continue;
      }
      this.#budget = nestedIn(this.#options.budget);
      const bytes = yield* this.#attempt(entry, base.type, () => this.#rebuild(entry, base.bytes));
      if (bytes !== undefined) yield* this.#grow(entry, base.type, bytes);
    }
  }

  /** Yields the object and, depth first, everything built on it, without recursion. */
  *#grow(root: number, type: ObjectType, rootBytes: Uint8Array): Generator<WalkedObject | WalkFault> {
    this.#stack = [];
    this.#held = 0;
    yield this.#found(root, type, rootBytes);
    this.#push(root, rootBytes);
    for (let frame = this.#stack.at(-1); frame !== undefined; frame = this.#stack.at(-1)) {
      const child = frame.next;
      if (child === NONE) {
        this.#pop();
        continue;
      }
      frame.next = this.#forest.nextSibling(child);
      const base = yield* this.#attempt(child, type, () => this.#bytesOf(this.#stack.length - 1));
      if (base === undefined) continue;
      if (frame.next === NONE) this.#pop();
      const bytes = yield* this.#attempt(child, type, () => this.#rebuild(child, base));
      if (bytes === undefined) continue;
      yield this.#found(child, type, bytes);
      this.#push(child, bytes);
    }
  }

  #found(entry: number, type: ObjectType, bytes: Uint8Array): WalkedObject {
    this.#done[entry] = 1;
    this.#options.budget.entry();
    if (this.#options.unnamed) {
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
    return { entry, type, bytes };
  }

  #push(entry: number, bytes: Uint8Array): void {
    const next = this.#forest.firstChild(entry);
    if (next === NONE) return;
    this.#stack.push({ entry, bytes, next });
    this.#held += bytes.length;
    const allowed = HELD * this.#options.budget.limits.memory;
    for (let at = 0; this.#held > allowed && at < this.#stack.length - 1; at++)
      this.#release(this.#stack[at]!);
  }

  #pop(): void {
    this.#release(this.#stack.pop()!);
  }

  #release(frame: Frame): void {
    if (frame.bytes === undefined) return;
    this.#held -= frame.bytes.length;
    frame.bytes = undefined;
  }

  /** The bytes of a frame; when they were let go, they are built again from the nearest that is at hand. */
  #bytesOf(depth: number): Uint8Array {
    const frame = this.#stack[depth]!;
    if (frame.bytes !== undefined) return frame.bytes;
    const chain: number[] = [];
    let bytes: Uint8Array | undefined;
    for (let at = frame.entry; at !== NONE && bytes === undefined; at = this.#table.parent[at]!) {
      bytes = this.#stack.find((other) => other.entry === at)?.bytes;
      if (bytes === undefined) chain.push(at);
    }
    for (const entry of chain.reverse()) {
      bytes = bytes === undefined ? this.#baseOf(entry) : this.#rebuild(entry, bytes);
    }
    frame.bytes = bytes!;
    this.#held += bytes!.length;
    return bytes!;
  }

  #baseOf(entry: number): Uint8Array {
    const id = this.#table.outside.get(entry);
    if (id === undefined || !this.#table.isDelta(entry)) return this.#inflate(entry);
    return this.#rebuild(entry, this.#options.outside(id)!.bytes);
  }

  #inflate(entry: number): Buffer {
    const size = this.#table.size[entry]!;
    const at = this.#table.offset[entry]! + this.#table.header[entry]!;
    const { bytes, consumed } = this.#inflated(entry, at, size);
    this.#table.end[entry] = at + consumed;
    this.#budget.expand(size, consumed);
    return bytes;
  }

  #inflated(entry: number, at: number, size: number): Inflated {
    try {
      return inflateExactly(this.#packed(entry), size);
    } catch (error) {
      if (!(error instanceof InflateFault)) throw error;
      // Where it ends is the index's word: it may go on beyond.
      return this.#pack.inflateAt(at, size);
    }
  }

  #rebuild(entry: number, base: Uint8Array): Buffer {
    const { memory } = this.#options.budget.limits;
    if (this.#table.size[entry]! > memory)
      throw new DeltaFault('is itself larger than may be held (--max-memory)', 'too_large');
    const delta = this.#inflate(entry);
    this.#budget.expand(checkedSizes(base, delta, memory).result, 0);
    return applyDelta(base, delta, memory);
  }

  #packed(entry: number): Buffer {
    const at = this.#table.offset[entry]! + this.#table.header[entry]!;
    return this.#pack.bytes(at, this.#table.end[entry]! - at);
  }

  /** Runs one step on an entry; what fails becomes a fault of that entry and of all that is built on it. */
  *#attempt<T>(entry: number, type: ObjectType, step: () => T): Generator<WalkFault, T | undefined> {
    try {
      return step();
    } catch (error) {
      this.#done[entry] = 1;
      if (error instanceof InflateFault) {
        const salvaged = this.#table.isDelta(entry) ? undefined : this.#salvage(entry);
        const fault = { entry, type, reason: 'corrupt', detail: error.message } as const;
        yield salvaged === undefined ? fault : { ...fault, salvaged };
      } else if (error instanceof DeltaFault) {
        yield { entry, type, reason: error.reason, detail: `its delta ${error.message}` };
      } else if (
        error instanceof BudgetExceeded &&
        error.limit === 'ratio' &&
        error.budget === this.#budget
      ) {
        yield { entry, type, reason: 'budget', detail: error.message };
      } else {
        throw error;
      }
      yield* this.#abandon(entry, 'what its delta builds on could not be read', 'corrupt');
      return undefined;
    }
  }

  #salvage(entry: number): Uint8Array | undefined {
    const bytes = salvage(this.#packed(entry), this.#options.budget.limits.memory);
    return bytes.length === 0 ? undefined : bytes;
  }

  /** Marks everything built on an entry as unreadable: one fault for all of it. */
  *#abandon(root: number, detail: string, reason: DiagnosticReason): Generator<WalkFault> {
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
  }

  /** Deltas that no base leads to: they name an offset where nothing is, or each other in a circle. */
  *#leftovers(): Generator<WalkFault> {
    for (let entry = 0; entry < this.#table.count; entry++) {
      if (this.#done[entry] !== 0) continue;
      this.#done[entry] = 1;
      const circular = this.#table.parent[entry] !== NONE || this.#table.outside.has(entry);
      const detail = circular
        ? 'its delta is built, over others, on itself'
        : 'its delta names a base where no object begins';
      yield { entry, type: undefined, reason: 'corrupt', detail };
      yield* this.#abandon(entry, detail, 'corrupt');
    }
  }
}

function nestedIn(budget: Budget): Budget {
  return budget.depth < budget.limits.depth ? budget.nested() : budget;
}
