import { WASM_PAGE, type WasmGlobal, type WasmMemory, WebAssembly } from '../webassembly.js';
import { KERNEL } from './lzw-kernel.generated.js';

/** What `kernels/lzw.ts` exports. Pointers and lengths are bytes of its memory. */
interface LzwExports {
  readonly memory: WasmMemory;
  readonly LONGEST: WasmGlobal;
  readonly consumed: WasmGlobal;
  readonly produced: WasmGlobal;
  heapBase(): number;
  reset(mostBits: number, mayClear: boolean): void;
  step(source: number, length: number, target: number, room: number): number;
}

/** What a step ends with. */
export const STEP = { hungry: 0, full: 1, damaged: 2 } as const;

const INPUT = 64 * 1024;
const OUTPUT = 256 * 1024;

/** Those that nobody uses: each has some megabytes, and address space that is given back late. */
const idle: LzwKernel[] = [];

/** Unpacks LZW, piece by piece. Who is done with one gives it back by `release`. */
export class LzwKernel {
  readonly #kernel: LzwExports;
  readonly #memory: Uint8Array;
  readonly #source: number;
  readonly #target: number;
  readonly #room: number;
  #used = 0;
  #given = 0;

  private constructor() {
    compiled ??= new WebAssembly.Module(Buffer.from(KERNEL, 'base64'));
    const instance = new WebAssembly.Instance(compiled, { env: { abort: () => {} } });
    this.#kernel = instance.exports as LzwExports;
    this.#source = (this.#kernel.heapBase() + 15) & ~15;
    this.#target = this.#source + INPUT;
    this.#room = OUTPUT + this.#kernel.LONGEST.value;
    const { memory } = this.#kernel;
    const lacking = this.#target + this.#room - memory.buffer.byteLength;
    if (lacking > 0) memory.grow(Math.ceil(lacking / WASM_PAGE));
    this.#memory = new Uint8Array(memory.buffer);
  }

  /** @param mostBits of a code; `mayClear`, whether one clears the table. */
  static start(mostBits: number, mayClear: boolean): LzwKernel {
    const kernel = idle.pop() ?? new LzwKernel();
    kernel.#kernel.reset(mostBits, mayClear);
    kernel.#used = kernel.#given = 0;
    return kernel;
  }

  release(): void {
    idle.push(this);
  }

  /** Whether all that was given is used. */
  get isHungry(): boolean {
    return this.#used === this.#given;
  }

  /** Room for packed bytes; `give` says how many there are. */
  get input(): Uint8Array {
    return this.#memory.subarray(this.#source, this.#source + INPUT);
  }

  give(length: number): void {
    this.#used = 0;
    this.#given = length;
  }

  /** Unpacks some of it. The content is valid until the next call. */
  step(): { ended: number; content: Uint8Array; packed: number } {
    const left = this.#given - this.#used;
    const ended = this.#kernel.step(this.#source + this.#used, left, this.#target, this.#room);
    const packed = this.#kernel.consumed.value;
    this.#used += packed;
    const content = this.#memory.subarray(this.#target, this.#target + this.#kernel.produced.value);
    return { ended, content, packed };
  }
}

let compiled: object | undefined;
