import { KERNEL } from './kernel.generated.js';
import { type OnLiteral, type Prefilter, SLACK } from './prefilter.js';
import type { Table } from './tables.js';
import { type WasmGlobal, type WasmMemory, webAssembly } from './webassembly.js';

/** What `kernels/search.ts` exports. */
interface Kernel {
  readonly memory: WasmMemory;
  readonly IMAGE: WasmGlobal;
  readonly INPUT: WasmGlobal;
  readonly HITS: WasmGlobal;
  readonly MOST_HITS: WasmGlobal;
  prepare(): void;
  search(first: number, least: number, stop: number): number;
  searchZlib(first: number, least: number, stop: number): number;
  countLines(first: number, stop: number): number;
}

const PAGE = 65536;
/** What one call of the kernel searches: its list of hits is finite. */
const SLICE = 128 * 1024;

let compiled: object | undefined;

/** The prefilter in WebAssembly SIMD. Its memory is the kernel's own, so input can be read straight into it. */
export class SimdPrefilter implements Prefilter {
  readonly kind = 'simd';
  readonly memory: Uint8Array;
  readonly #kernel: Kernel;
  readonly #input: number;
  readonly #hits: Uint32Array;
  readonly #zlib: number;

  private constructor(kernel: Kernel, { image, outers }: Table, capacity: number) {
    this.#kernel = kernel;
    this.#zlib = outers.length - 1;
    const { memory, IMAGE, INPUT, HITS, MOST_HITS } = this.#kernel;
    this.#input = INPUT.value;
    const size = this.#input + capacity + SLACK;
    memory.grow(Math.max(0, Math.ceil((size - memory.buffer.byteLength) / PAGE)));
    new Uint8Array(memory.buffer).set(image, IMAGE.value);
    this.#kernel.prepare();
    this.memory = new Uint8Array(memory.buffer, this.#input, capacity);
    this.#hits = new Uint32Array(memory.buffer, HITS.value, 2 * MOST_HITS.value);
  }

  /** `undefined` where WebAssembly or its SIMD is missing. */
  static create(table: Table, capacity: number): SimdPrefilter | undefined {
    if (webAssembly === undefined) return undefined;
    try {
      compiled ??= new webAssembly.Module(Buffer.from(KERNEL, 'base64'));
    } catch (error) {
      if (error instanceof webAssembly.CompileError) return undefined;
      throw error;
    }
    const kernel = new webAssembly.Instance(compiled).exports as Kernel;
    return new SimdPrefilter(kernel, table, capacity);
  }

  find(from: number, limit: number, end: number, found: OnLiteral): void {
    for (let first = from; first < limit; first += SLICE) {
      this.#search('search', first, Math.min(limit, first + SLICE), end, found);
    }
  }

  findZlib(from: number, limit: number, end: number, found: OnLiteral): void {
    for (let first = from; first < limit; first += SLICE) {
      this.#search('searchZlib', first, Math.min(limit, first + SLICE), end, (start) =>
        found(start, this.#zlib),
      );
    }
  }

  countLines(from: number, to: number): number {
    return this.#kernel.countLines(this.#input + from, this.#input + to);
  }

  #search(what: 'search' | 'searchZlib', from: number, limit: number, end: number, found: OnLiteral): void {
    const count = this.#kernel[what](this.#input + from, this.#input + limit, this.#input + end);
    if (2 * count > this.#hits.length) {
      const middle = (from + limit) >>> 1;
      this.#search(what, from, middle, end, found);
      this.#search(what, middle, limit, end, found);
      return;
    }
    // What is told of a hit may start another search in this kernel's memory.
    const hits = this.#hits.slice(0, 2 * count);
    for (let index = 0; index < hits.length; index += 2) {
      found(hits[index]! - this.#input, hits[index + 1]!);
    }
  }
}
