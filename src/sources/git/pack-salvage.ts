import { type Budget, BudgetExceeded } from '../../model/budget.js';
import type { DiagnosticReason } from '../../model/diagnostic.js';
import type { ObjectType } from '../../model/provenance.js';
import { DeltaFault } from './delta.js';
import type { DeltaForest } from './delta-forest.js';
import type { EntryBuilder, OutsideObject } from './entry-builder.js';
import { InflateFault } from './inflate.js';
import type { Block, PackKernel } from './pack-kernel.js';
import { NONE, type PackTable } from './pack-table.js';
import type { WalkedAddition, WalkFault } from './walked.js';

/** The bytes of an entry, and whether they were made of it or lay elsewhere. */
interface Made {
  readonly block: Block;
  readonly copied: boolean;
}

export interface SalvageOptions {
  readonly kernel: PackKernel;
  readonly budget: Budget;
  /** Gives a sound copy of what is damaged in this pack, so that what is built on it is not lost. */
  readonly elsewhere?: OutsideObject;
}

/** What becomes of entries that can't be made, and of those that are built on them. */
export class PackSalvage {
  readonly #table: PackTable;
  readonly #forest: DeltaForest;
  readonly #builder: EntryBuilder;
  readonly #done: Uint8Array;
  readonly #options: SalvageOptions;

  /** @param done a byte for each entry: set once it was walked, or given up. */
  constructor(
    table: PackTable,
    forest: DeltaForest,
    builder: EntryBuilder,
    done: Uint8Array,
    options: SalvageOptions,
  ) {
    this.#table = table;
    this.#forest = forest;
    this.#builder = builder;
    this.#done = done;
    this.#options = options;
  }

  /**
   * Makes an entry. What fails becomes a fault of it, and, where nothing else holds the object, of all that is built on it.
   */
  *attempt(
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
        const copy = this.copyOf(entry);
        if (copy?.type === type) return { block: this.#options.kernel.hold(copy.bytes), copied: true };
      } else if (
        error instanceof BudgetExceeded &&
        error.limit === 'ratio' &&
        error.budget === this.#builder.budget
      ) {
        yield { entry, type, reason: 'budget', detail: error.message };
      } else {
        throw error;
      }
      yield* this.abandon(entry, 'what its delta builds on could not be read', 'corrupt');
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
      yield* this.additions(entry);
      return;
    }
    const salvaged = this.#table.isDelta(entry) ? undefined : this.#builder.salvage(entry);
    const fault = { entry, type, reason: 'corrupt', detail: error.message } as const;
    yield salvaged === undefined ? fault : { ...fault, salvaged };
  }

  /** What another pack or a loose file holds of a damaged entry. It counts as made here. */
  copyOf(entry: number): ReturnType<OutsideObject> {
    const id = this.#table.idOf(entry);
    const copy = id === undefined ? undefined : this.#options.elsewhere?.(id);
    if (copy !== undefined) this.#options.budget.expand(copy.bytes.length, copy.bytes.length);
    return copy;
  }

  /** Marks everything built on an entry as unreadable: one fault for all of it. */
  *abandon(root: number, detail: string, reason: DiagnosticReason): Generator<WalkFault | WalkedAddition> {
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
    for (const entry of lost) yield* this.additions(entry);
  }

  /** What can be had of a delta alone. What it copies stands in its base; a token over the seam of both is lost. */
  *additions(entry: number): Generator<WalkedAddition> {
    try {
      const added = this.#builder.additions(entry);
      if (added !== undefined) yield { entry, added };
    } catch (error) {
      const spent = error instanceof BudgetExceeded && error.budget === this.#builder.budget;
      if (!(error instanceof InflateFault) && !(spent && error.limit === 'ratio')) throw error;
    }
  }

  /**
   * Deltas that no base leads to: they name an offset where nothing is, or each other in a circle.
   * @param isOrphan absent where there are none.
   */
  *leftovers(isOrphan: ((entry: number) => boolean) | undefined): Generator<WalkFault | WalkedAddition> {
    if (isOrphan === undefined) return;
    for (let entry = 0; entry < this.#table.count; entry++) {
      if (this.#done[entry] !== 0 || !isOrphan(entry)) continue;
      this.#done[entry] = 1;
      const circular = this.#table.parent[entry] !== NONE || this.#table.outside.has(entry);
      const detail = circular
        ? 'its delta is built, over others, on itself'
        : 'its delta names a base where no object begins';
      yield { entry, type: undefined, reason: 'corrupt', detail };
      yield* this.additions(entry);
      yield* this.abandon(entry, detail, 'corrupt');
    }
  }
}
