import { WASM_PAGE, type WasmGlobal, type WasmMemory, WebAssembly } from '../webassembly.js';
import { KERNEL } from './history-kernel.generated.js';

/** What `kernels/history.ts` exports. Pointers and lengths are bytes of its memory. */
interface HistoryExports {
  readonly memory: WasmMemory;
  readonly STRIDE: WasmGlobal;
  readonly FRAME: WasmGlobal;
  readonly outUsed: WasmGlobal;
  heapBase(): number;
  setColumns(...at: [number, number, number, number, number, number]): void;
  setPages(at: number, heldAt: number, count: number, spillAt: number, room: number): void;
  setArena(at: number, end: number, frames: number, depth: number): void;
  setCopies(at: number, most: number): void;
  setOut(at: number, room: number): void;
  setRules(idBytes: number, largest: number, ratio: number, floor: number): void;
  setWanted(at: number, bits: number, random: number): void;
  addWanted(at: number): void;
  walk(from: number, to: number): void;
}

/** Kinds of records, as the kernel writes them. */
export const OF_TREE = 1;
export const ADDED = 2;
export const ADDED_FOLDER = 3;
export const REMOVED = 4;
export const REMOVED_FOLDER = 5;
export const OF_COMMIT = 6;
export const RETURNED = 7;

/** What the kernel asks of its host. */
export interface HistoryHost {
  /** Fills `length` bytes of the kernel's memory at `target` with those of the pack at `position`; gives the count. */
  read(position: number, length: number, target: number): number;
  /** Takes note of the records in the first so many words of {@link HistoryKernel.out}. */
  flush(words: number): void;
}

/** Room in the kernel, in bytes and rows. What nothing is written to takes none. */
const SLOTS = 2500;
const SPILL = 1024 ** 2;
const ARENA = 24 * 1024 ** 2;
const DEPTH = 4096;
const COPIES = 16 * 1024;
const OUT = 256 * 1024;
const SLACK = 256;

/** The kernel that reads commits and trees, its memory laid out for one pack. It does not grow: views stay valid. */
export class HistoryKernel {
  readonly memory: Uint8Array;
  readonly offset: Float64Array;
  readonly size: Uint32Array;
  readonly header: Uint8Array;
  readonly type: Uint8Array;
  readonly first: Int32Array;
  readonly next: Int32Array;
  /** Records, in words. */
  readonly out: Uint32Array;
  readonly #exports: HistoryExports;

  /**
   * @param entries of the pack.
   * @param wanted object IDs: of lines that are no folders, only those that name one of these are told.
   */
  constructor(
    host: HistoryHost,
    entries: number,
    wanted: readonly Uint8Array[],
    rules: {
      readonly idBytes: number;
      readonly largest: number;
      readonly ratio: number;
      readonly floor: number;
    },
  ) {
    const module = new WebAssembly.Module(Buffer.from(KERNEL, 'base64'));
    const flush = () => host.flush(kernel.outUsed.value / 4);
    const env = { abort: () => {}, read: host.read, flush };
    const kernel = new WebAssembly.Instance(module, { env }).exports as HistoryExports;
    let top = kernel.heapBase();
    const take = (length: number) => {
      const at = (top + 15) & ~15;
      top = at + length + SLACK;
      return at;
    };
    const bits = Math.max(8, Math.ceil(Math.log2(wanted.length * 2 + 1)));
    const offset = take(8 * (entries + 1));
    const size = take(4 * entries);
    const header = take(entries);
    const type = take(entries);
    const first = take(4 * entries);
    const next = take(4 * entries);
    const ids = take(8 * 2 ** bits);
    const pages = take(SLOTS * kernel.STRIDE.value);
    const held = take(8 * SLOTS);
    const spill = take(SPILL);
    const frames = take(kernel.FRAME.value * (DEPTH + 1));
    const copies = take(12 * (COPIES + 1));
    const out = take(OUT);
    const arena = take(ARENA);
    kernel.memory.grow(Math.max(0, Math.ceil((top - kernel.memory.buffer.byteLength) / WASM_PAGE)));
    const { buffer } = kernel.memory;
    this.#exports = kernel;
    this.memory = new Uint8Array(buffer);
    this.offset = new Float64Array(buffer, offset, entries + 1);
    this.size = new Uint32Array(buffer, size, entries);
    this.header = new Uint8Array(buffer, header, entries);
    this.type = new Uint8Array(buffer, type, entries);
    this.first = new Int32Array(buffer, first, entries);
    this.next = new Int32Array(buffer, next, entries);
    this.out = new Uint32Array(buffer, out, OUT / 4);
    kernel.setColumns(offset, size, header, type, first, next);
    kernel.setPages(pages, held, SLOTS, spill, SPILL);
    kernel.setArena(arena, arena + ARENA, frames, DEPTH);
    kernel.setCopies(copies, COPIES);
    kernel.setOut(out, OUT);
    kernel.setRules(rules.idBytes, Math.min(rules.largest, ARENA), rules.ratio, rules.floor);
    kernel.setWanted(ids, bits, Math.random());
    for (const id of wanted) {
      this.memory.set(id, out);
      kernel.addWanted(out);
    }
  }

  /** Reads every commit and tree that is built on a plain entry of [from, to). */
  walk(from: number, to: number): void {
    this.#exports.walk(from, to);
  }
}
