import type { Span } from '../../model/span.js';
import { WASM_PAGE, type WasmGlobal, type WasmMemory, WebAssembly } from '../webassembly.js';
import { DeltaFault } from './delta.js';
import { type Inflated, InflateFault } from './inflate.js';
import { kernelModule } from './kernel-module.js';

/** What `kernels/pack.ts` exports. Pointers and lengths are bytes of its memory. */
interface KernelExports {
  readonly memory: WasmMemory;
  readonly consumed: WasmGlobal;
  readonly produced: WasmGlobal;
  readonly baseSize: WasmGlobal;
  readonly resultSize: WasmGlobal;
  readonly freshCount: WasmGlobal;
  heapBase(): number;
  inflate(source: number, length: number, target: number, size: number): number;
  inflateRaw(source: number, length: number, target: number, size: number): number;
  readSizes(delta: number, length: number): number;
  applyDelta(
    base: number,
    baseLength: number,
    delta: number,
    deltaLength: number,
    target: number,
    size: number,
    fresh: number,
    room: number,
    join: number,
    most: number,
  ): number;
  entryEnds(
    source: number,
    length: number,
    idBytes: number,
    target: number,
    room: number,
    ends: number,
    most: number,
  ): number;
  mayBegin(source: number, length: number, idBytes: number): number;
  readonly wantsMore: WasmGlobal;
}

/** Bytes in the kernel's memory. */
export interface Block {
  readonly at: number;
  readonly length: number;
}

/** The kernel reads and writes up to so many bytes beyond what it is given. */
const SLACK = 64;
/** Grown by at least this, so that growing stays rare. */
const GROWTH = 4 * 1024 ** 2;
/** How many stretches of new bytes one object is described by at most. */
const STRETCHES = 4096;
/** Stretches with no more bytes between them become one. */
const JOIN = 64;
/** Copies are made whole, however long. */
const WHOLE = 0x7ffffffe;

/** Bytes of a small stream, and those that it may become. */
export const SMALL_STREAM = 16 * 1024;
export const SMALL_ROOM = 128 * 1024;

// Outcomes of `inflate`. TOO_SHORT: the stream is whole, and there is room left.
const DONE = 0;
const TOO_SHORT = 4;
const INFLATE_FAULTS = [
  '',
  'its compressed bytes are cut short',
  'its compressed bytes are damaged',
  'becomes more than the bytes it declares',
  'becomes fewer than the bytes it declares',
  'its bytes do not match their checksum',
];
const DELTA_FAULTS: Readonly<Record<number, string>> = {
  1: 'ends in the middle of an instruction',
  3: 'makes more bytes than it declares',
  6: 'has an instruction that is reserved',
  7: 'copies from beyond its base',
  8: 'makes fewer bytes than it declares',
};

/**
 * Inflates and rebuilds objects in memory of its own, where the bases wait for their deltas. Views that `view` gives are
 * valid until the next call that may allocate.
 */
export class PackKernel {
  readonly #kernel: KernelExports;
  readonly #fresh: number;
  readonly #base: number;
  /** Blocks in use, by where they begin. */
  readonly #blocks: { at: number; end: number }[] = [];
  #bytes: Uint8Array;

  constructor() {
    const instance = new WebAssembly.Instance(kernelModule(), {
      env: { abort: () => {}, read: () => 0, flush: () => {}, settle: () => {}, made: () => {} },
    });
    this.#kernel = instance.exports as unknown as KernelExports;
    this.#bytes = new Uint8Array(this.#kernel.memory.buffer);
    this.#fresh = aligned(this.#kernel.heapBase());
    this.#base = aligned(this.#fresh + STRETCHES * 8);
  }

  /** Of the last `inflate`: compressed bytes used, and bytes made, also when it failed. */
  get consumed(): number {
    return this.#kernel.consumed.value;
  }

  get produced(): number {
    return this.#kernel.produced.value;
  }

  /** Room for `length` bytes. */
  allocate(length: number): Block {
    const size = aligned(length + SLACK);
    let at = this.#base;
    let index = 0;
    for (; index < this.#blocks.length; index++) {
      const block = this.#blocks[index]!;
      if (block.at - at >= size) break;
      at = block.end;
    }
    const end = at + size;
    if (end > this.#bytes.length) this.#grow(end);
    this.#blocks.splice(index, 0, { at, end });
    return { at, length };
  }

  free(block: Block): void {
    const index = this.#blocks.findIndex(({ at }) => at === block.at);
    if (index >= 0) this.#blocks.splice(index, 1);
  }

  view(block: Block): Uint8Array {
    return this.#bytes.subarray(block.at, block.at + block.length);
  }

  /** A copy of bytes from outside. */
  hold(bytes: Uint8Array): Block {
    const block = this.allocate(bytes.length);
    this.view(block).set(bytes);
    return block;
  }

  /** Inflates what begins at `packed` into `target`, which it has to fill. Throws {@link InflateFault}. */
  inflate(packed: Block, target: Block): void {
    const outcome = this.#kernel.inflate(packed.at, packed.length, target.at, target.length);
    if (outcome !== 0) throw new InflateFault(INFLATE_FAULTS[outcome]!);
  }

  /**
   * What a small stream becomes, in less than a tenth of the time that zlib takes to begin. Undefined where it has more than
   * {@link SMALL_STREAM} bytes or becomes more than {@link SMALL_ROOM}, is damaged or not whole.
   *
   * @param isRaw whether it is DEFLATE without zlib's header and checksum
   */
  inflateSmall(packed: Uint8Array, isRaw: boolean): Inflated | undefined {
    if (packed.length > SMALL_STREAM) return undefined;
    const source = this.hold(packed);
    const target = this.allocate(SMALL_ROOM);
    const inflate = isRaw ? this.#kernel.inflateRaw : this.#kernel.inflate;
    const outcome = inflate(source.at, source.length, target.at, target.length);
    const bytes =
      outcome === DONE || outcome === TOO_SHORT
        ? Buffer.from(this.#bytes.subarray(target.at, target.at + this.produced))
        : undefined;
    this.free(source);
    this.free(target);
    return bytes && { bytes, consumed: this.consumed };
  }

  /**
   * Where the entries end that stand one behind the other from the beginning of `packed` on: bytes from there, valid until the next call.
   * Stops before one that is not whole there, is damaged, or becomes more than `scratch` has room for.
   *
   * @param list where the ends are written
   */
  entryEnds(packed: Block, idBytes: number, scratch: Block, list: Block): Uint32Array {
    const count = this.#kernel.entryEnds(
      packed.at,
      packed.length,
      idBytes,
      scratch.at,
      scratch.length,
      list.at,
      list.length >> 2,
    );
    return new Uint32Array(this.#kernel.memory.buffer, list.at, count);
  }

  /** Whether the last `entryEnds` stopped because there were no more bytes. */
  get wantsMore(): boolean {
    return this.#kernel.wantsMore.value !== 0;
  }

  /** At which byte of `packed` an entry may begin, by its header and what follows it; -1 at none. */
  mayBegin({ at, length }: Block, idBytes: number): number {
    return this.#kernel.mayBegin(at, length, idBytes);
  }

  /**
   * How many bytes `delta` makes of a base of `baseLength` bytes, by its own word. Throws {@link DeltaFault} when it was
   * made for another base, or makes more than `largest`.
   */
  resultOf(delta: Block, baseLength: number, largest: number): number {
    if (this.#kernel.readSizes(delta.at, delta.length) === 0) throw new DeltaFault('has no readable sizes');
    const base = this.#kernel.baseSize.value >>> 0;
    const result = this.#kernel.resultSize.value >>> 0;
    if (base !== baseLength) {
      throw new DeltaFault(`is made for a base of ${base} bytes, but its base has ${baseLength}`);
    }
    if (result > largest) {
      throw new DeltaFault(
        `claims to become ${result} bytes, over the limit of ${largest} (--max-memory)`,
        'too_large',
      );
    }
    return result;
  }

  /** Builds `target` from a base and the delta that `resultOf` was asked about last. Throws {@link DeltaFault}. */
  applyDelta(base: Block, delta: Block, target: Block): void {
    const outcome = this.#kernel.applyDelta(
      base.at,
      base.length,
      delta.at,
      delta.length,
      target.at,
      target.length,
      this.#fresh,
      STRETCHES,
      JOIN,
      WHOLE,
    );
    if (outcome !== 0) throw new DeltaFault(DELTA_FAULTS[outcome] ?? 'is damaged');
  }

  /** What the last `applyDelta` brought in that no single copy did, in order. */
  fresh(): Span[] {
    const count = this.#kernel.freshCount.value;
    const pairs = new Int32Array(this.#kernel.memory.buffer, this.#fresh, count * 2);
    const spans: Span[] = [];
    for (let at = 0; at < pairs.length; at += 2) spans.push({ start: pairs[at]!, end: pairs[at + 1]! });
    return spans;
  }

  #grow(end: number): void {
    const missing = Math.max(end - this.#bytes.length, GROWTH);
    try {
      this.#kernel.memory.grow(Math.ceil(missing / WASM_PAGE));
    } catch (error) {
      throw new DeltaFault('needs more memory than there is (lower --max-memory)', 'too_large', {
        cause: error,
      });
    }
    this.#bytes = new Uint8Array(this.#kernel.memory.buffer);
  }
}

function aligned(length: number): number {
  return (length + 15) & ~15;
}
