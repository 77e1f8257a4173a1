import type { Budget } from '../../model/budget.js';
import type { ObjectType } from '../../model/provenance.js';
import { additionsOf, DeltaFault } from './delta.js';
import { BEST_RATIO, InflateFault } from './inflate.js';
import { DeltaLineage } from './lineage.js';
import type { PackFile } from './pack-file.js';
import type { Block, PackKernel } from './pack-kernel.js';
import type { PackTable } from './pack-table.js';
import { PackWindow } from './pack-window.js';

/** An object that other packs or loose files hold, for deltas whose base is not in this pack. */
export type OutsideObject = (id: string) => { type: ObjectType; bytes: Uint8Array } | undefined;

/** Makes the objects of a pack: inflates entries, applies deltas. Whoever asks for a block frees it. */
export class EntryBuilder {
  /** What is made counts here. */
  budget: Budget;
  readonly #pack: PackFile;
  readonly #table: PackTable;
  readonly #kernel: PackKernel;
  readonly #outside: OutsideObject;
  readonly #window: PackWindow;
  readonly #memory: number;
  /** The delta that was applied last: its lineage may still be asked for. */
  #delta: Block | undefined;

  /** @param pages of the pack that are kept in memory. */
  constructor(
    pack: PackFile,
    table: PackTable,
    options: {
      readonly kernel: PackKernel;
      readonly budget: Budget;
      readonly outside: OutsideObject;
      readonly pages: number;
    },
  ) {
    this.#pack = pack;
    this.#table = table;
    this.#kernel = options.kernel;
    this.#outside = options.outside;
    this.#memory = options.budget.limits.memory;
    this.#window = new PackWindow(options.kernel, pack.file, pack.end, options.pages);
    this.budget = options.budget;
  }

  /** Inflates an entry. Its claim is believed only as far as its packed bytes could fulfil it. Throws {@link InflateFault}. */
  inflate(entry: number): Block {
    const size = this.#table.sizeOf(entry);
    const at = this.#startOf(entry);
    const { block, packed } = this.#inflateFrom(entry, at, size);
    this.#table.setEnd(entry, at + packed);
    this.budget.expand(size, packed);
    return block;
  }

  /** Applies the delta of an entry. Throws {@link DeltaFault} and {@link InflateFault}. */
  rebuild(entry: number, base: Block): Block {
    if (this.#table.sizeOf(entry) > this.#memory) {
      throw new DeltaFault('is itself larger than may be held (--max-memory)', 'too_large');
    }
    this.#forgetDelta();
    const delta = this.inflate(entry);
    this.#delta = delta;
    const size = this.#kernel.resultOf(delta, base.length, this.#memory);
    this.budget.expand(size, 0);
    const block = this.#kernel.allocate(size);
    try {
      this.#kernel.applyDelta(base, delta, block);
    } catch (error) {
      this.#kernel.free(block);
      throw error;
    }
    return block;
  }

  /** Makes an entry that is built on no other of this pack. */
  plant(entry: number): Block {
    if (!this.#table.isDelta(entry)) return this.inflate(entry);
    const base = this.#kernel.hold(this.#outside(this.#table.outside.get(entry)!)!.bytes);
    try {
      return this.rebuild(entry, base);
    } finally {
      this.#kernel.free(base);
    }
  }

  /** How the object that was rebuilt last came out of the one of `parent`. */
  lineage(parent: number): DeltaLineage {
    const idOf = () => this.#table.idOf(parent) ?? '';
    return new DeltaLineage(this.#kernel.fresh(), idOf, () => this.#kernel.view(this.#delta!));
  }

  /** What a damaged entry becomes up to the damage. */
  salvage(entry: number): Uint8Array | undefined {
    const at = this.#startOf(entry);
    return this.#window.with(at, this.#table.endOf(entry) - at, (packed) => {
      const block = this.#kernel.allocate(Math.min(this.#memory, packed.length * BEST_RATIO));
      try {
        this.#kernel.inflate(packed, block);
      } catch {
        // That it fails is known; what it made before counts.
      }
      const made = this.#kernel.view(block).slice(0, this.#kernel.produced);
      this.#kernel.free(block);
      return made.length === 0 ? undefined : made;
    });
  }

  /** What the delta of an entry adds to its base; undefined where that is nothing, or too much. Throws {@link InflateFault}. */
  additions(entry: number): Uint8Array | undefined {
    if (!this.#table.isDelta(entry) || this.#table.sizeOf(entry) > this.#memory) return undefined;
    const delta = this.inflate(entry);
    const added = additionsOf(this.#kernel.view(delta));
    this.#kernel.free(delta);
    return added.length === 0 ? undefined : added;
  }

  close(): void {
    this.#forgetDelta();
    this.#window.close();
  }

  #forgetDelta(): void {
    if (this.#delta !== undefined) this.#kernel.free(this.#delta);
    this.#delta = undefined;
  }

  #startOf(entry: number): number {
    return this.#table.offset[entry]! + this.#table.header[entry]!;
  }

  #inflateFrom(entry: number, at: number, size: number): { block: Block; packed: number } {
    try {
      return this.#inflated(at, this.#table.endOf(entry) - at, size);
    } catch (error) {
      if (!(error instanceof InflateFault) || size > this.#memory) throw error;
      // Where it ends is the index's word: it may go on beyond.
      const packed = this.#pack.lengthAt(at, size);
      if (packed === undefined) throw error;
      return this.#inflated(at, packed, size);
    }
  }

  #inflated(at: number, length: number, size: number): { block: Block; packed: number } {
    return this.#window.with(at, length, (packed) => {
      if (size > packed.length * BEST_RATIO) {
        throw new InflateFault(`${packed.length} compressed bytes can't become the ${size} bytes they claim`);
      }
      const block = this.#kernel.allocate(size);
      try {
        this.#kernel.inflate(packed, block);
      } catch (error) {
        this.#kernel.free(block);
        throw error;
      }
      return { block, packed: this.#kernel.consumed };
    });
  }
}
