import { WASM_PAGE, type WasmGlobal, type WasmMemory, WebAssembly } from '../webassembly.js';
import { KERNEL } from './lz4-kernel.generated.js';

/** What `kernels/lz4.ts` exports. Pointers and lengths are bytes of its memory. */
interface Lz4Exports {
  readonly memory: WasmMemory;
  readonly SLACK: WasmGlobal;
  readonly LANES: WasmGlobal;
  readonly written: WasmGlobal;
  heapBase(): number;
  unpack(source: number, length: number, out: number, to: number, end: number): number;
  stripes(at: number, count: number): void;
}

const LANES = 4;

let kernel: Lz4Kernel | undefined;

/** The one of this thread. */
export function lz4Kernel(): Lz4Kernel {
  kernel ??= new Lz4Kernel();
  return kernel;
}

/** Unpacks and hashes. Nothing is kept in its memory from one call to the next. */
export class Lz4Kernel {
  readonly #kernel: Lz4Exports;
  readonly #base: number;

  constructor() {
    const module = new WebAssembly.Module(Buffer.from(KERNEL, 'base64'));
    const instance = new WebAssembly.Instance(module, { env: { abort: () => {} } });
    this.#kernel = instance.exports as Lz4Exports;
    this.#base = (this.#kernel.heapBase() + 15) & ~15;
  }

  /**
   * Unpacks a block behind what stands in `out` up to `to`, `history` bytes of which it may refer to.
   * @param end how far the output may reach
   * @returns how far it does, and what is wrong with the block (`kernels/lz4.ts`), or 0
   */
  unpack(
    block: Uint8Array,
    out: Uint8Array,
    { to, end, history }: { readonly to: number; readonly end: number; readonly history: number },
  ): { written: number; problem: number } {
    const slack = this.#kernel.SLACK.value;
    const kept = Math.min(history, to);
    const size = kept + end - to;
    const source = this.#base + size + slack;
    const memory = this.#memory(source + block.length + slack);
    const target = memory.subarray(this.#base, this.#base + size);
    target.set(out.subarray(to - kept, to));
    memory.set(block, source);
    const problem = this.#kernel.unpack(source, block.length, this.#base, kept, size);
    const written = this.#kernel.written.value;
    out.set(target.subarray(kept, written), to);
    return { written: to + written - kept, problem };
  }

  /** Hashes whole stripes, 16 bytes each, into the four lanes of an XXH32. */
  stripes(bytes: Uint8Array, lanes: Int32Array): void {
    const memory = this.#memory(this.#base + WASM_PAGE);
    const { value } = this.#kernel.LANES;
    const view = new Int32Array(memory.buffer, value, LANES);
    view.set(lanes);
    for (let at = 0; at < bytes.length; at += WASM_PAGE) {
      const part = bytes.subarray(at, at + WASM_PAGE);
      memory.set(part, this.#base);
      this.#kernel.stripes(this.#base, part.length / 16);
    }
    lanes.set(view);
  }

  #memory(end: number): Uint8Array {
    const lacking = end - this.#kernel.memory.buffer.byteLength;
    if (lacking > 0) this.#kernel.memory.grow(Math.ceil(lacking / WASM_PAGE));
    return new Uint8Array(this.#kernel.memory.buffer);
  }
}
