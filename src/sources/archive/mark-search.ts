import { WASM_PAGE, type WasmMemory, WebAssembly } from '../webassembly.js';
import { KERNEL } from './mark-kernel.generated.js';

/** What `kernels/marks.ts` exports. Pointers and lengths are bytes of its memory. */
interface MarkExports {
  readonly memory: WasmMemory;
  heapBase(): number;
  forget(): void;
  add(fingerprint: number, known: number): void;
  find(from: number, length: number, list: number, most: number): number;
  begins(sample: number, length: number, target: number): number;
}

/** Places that are listed at once; where there are more, what is left is searched again. */
const MOST = 4096;
/** Bytes of a mark that are looked at. */
const FINGERPRINT = 3;
/** A sample is no longer, and no more is made of it. */
const SAMPLE = 4096;
const SLACK = 64;
/** Bytes that are searched at once. */
const STEP = 64 * 1024;

let kernel: MarkKernel | undefined;

/** The one of this thread. */
function markKernel(): MarkKernel {
  kernel ??= new MarkKernel();
  return kernel;
}

/** Finds where any of a few marks may begin, by their first bytes. */
export class MarkSearch {
  readonly fingerprints: readonly (readonly [bytes: number, known: number])[];

  /** @param marks one character per byte; of each the first three count */
  constructor(marks: readonly string[]) {
    this.fingerprints = marks.map((mark) => {
      const first = Buffer.alloc(4);
      const known = first.write(mark.slice(0, FINGERPRINT), 'latin1');
      return [first.readUInt32LE(), known];
    });
  }

  /** The places in `bytes`, in order; some of them are none, and the last of `bytes` may be seen to be one too many. */
  *placesIn(bytes: Uint8Array): Generator<number> {
    for (let begin = 0; begin < bytes.length; begin += STEP) {
      const part = bytes.subarray(begin, begin + STEP + FINGERPRINT - 1);
      const length = Math.min(STEP, bytes.length - begin);
      for (let from = 0; from < length; ) {
        const found = markKernel().find(this, part.subarray(from), length - from);
        for (const place of found) yield begin + from + place;
        from = found.length < MOST ? length : from + found[MOST - 1]! + 1;
      }
    }
  }
}

/** Whether DEFLATE data (RFC 1951) begin with the sample, which may end in the middle of them. */
export function beginsLikeDeflate(sample: Uint8Array): boolean {
  return markKernel().begins(sample);
}

class MarkKernel {
  readonly #kernel: MarkExports;
  readonly #memory: Uint8Array;
  readonly #list: number;
  readonly #input: number;
  readonly #target: number;
  #set: MarkSearch | undefined;

  constructor() {
    const module = new WebAssembly.Module(Buffer.from(KERNEL, 'base64'));
    const instance = new WebAssembly.Instance(module, { env: { abort: () => {} } });
    this.#kernel = instance.exports as MarkExports;
    this.#list = (this.#kernel.heapBase() + 15) & ~15;
    this.#target = this.#list + 4 * MOST;
    this.#input = this.#target + SAMPLE + SLACK;
    const { memory } = this.#kernel;
    const end = this.#input + STEP + 2 * SLACK;
    memory.grow(Math.max(0, Math.ceil((end - memory.buffer.byteLength) / WASM_PAGE)));
    this.#memory = new Uint8Array(memory.buffer);
  }

  /** Up to {@link MOST} places that begin in the first `length` of `bytes`. */
  find(set: MarkSearch, bytes: Uint8Array, length: number): readonly number[] {
    if (this.#set !== set) {
      this.#set = set;
      this.#kernel.forget();
      for (const fingerprint of set.fingerprints) this.#kernel.add(...fingerprint);
    }
    this.#hold(bytes);
    const count = this.#kernel.find(this.#input, length, this.#list, MOST);
    // A copy: whoever is told of a place may search something else.
    return Array.from(new Uint32Array(this.#memory.buffer, this.#list, count));
  }

  begins(sample: Uint8Array): boolean {
    this.#hold(sample.subarray(0, SAMPLE));
    return this.#kernel.begins(this.#input, Math.min(sample.length, SAMPLE), this.#target) !== 0;
  }

  /** Nothing stands behind what is looked at. */
  #hold(bytes: Uint8Array): void {
    this.#memory.set(bytes, this.#input);
    this.#memory.fill(0, this.#input + bytes.length, this.#input + bytes.length + SLACK);
  }
}
