import { WASM_PAGE, type WasmGlobal, type WasmMemory, WebAssembly } from '../webassembly.js';
import { kernelModule } from './kernel-module.js';
import type { PackFile } from './pack-file.js';
import type { PackIndex } from './pack-index.js';
import type { IdRun } from './pack-screen.js';
import type { SharedHeaders } from './shared-headers.js';

/** What `kernels/walk.ts` exports. Pointers and lengths are bytes of its memory. */
export interface ScreenExports {
  readonly memory: WasmMemory;
  readonly REACH: WasmGlobal;
  readonly STRIDE: WasmGlobal;
  readonly FRAME: WasmGlobal;
  readonly outUsed: WasmGlobal;
  readonly finishedCount: WasmGlobal;
  readonly startCount: WasmGlobal;
  readonly returnedCount: WasmGlobal;
  readonly missingCount: WasmGlobal;
  readonly IMAGE: WasmGlobal;
  readonly INPUT: WasmGlobal;
  readonly OUT: WasmGlobal;
  readonly PASSED: WasmGlobal;
  heapBase(): number;
  readOffsets(count: number, raw: number, offsets: number): number;
  sortOffsets(count: number, offsets: number, pairs: number, rows: number): number;
  mapEntries(count: number, offsets: number, stretches: number): void;
  readHeaders(
    first: number,
    last: number,
    count: number,
    end: number,
    ...at: [number, number, number, number, number, number, number]
  ): number;
  link(count: number, ...at: [number, number, number, number, number]): void;
  setColumns(...at: [number, number, number, number, number, number]): void;
  setPages(at: number, heldAt: number, count: number, spillAt: number, room: number): void;
  setArena(at: number, end: number, frames: number, depth: number): void;
  setFresh(at: number, stretches: number): void;
  setOut(lists: number, rows: number): void;
  searchHere(): void;
  setRules(largest: number, ratio: number, floor: number, marks: number, count: number): void;
  setIds(at: number, bits: number, idBytes: number, random: number): void;
  addIds(at: number, count: number, step: number): void;
  walk(from: number, to: number): void;
  makeAll(from: number, to: number): void;
  nextMark(from: number): number;
}

/** Room in the kernel, in bytes and rows: at most so much, of a small pack so much for each of its bytes. */
const SLOTS = 4000;
const PAGE = 4096;
const SPILL = 1024 ** 2;
const ARENA = 24 * 1024 ** 2;
const LEAST_ARENA = 1024 ** 2;
const TIMES = 64;
const DEPTH = 4096;
const STRETCHES = 4096;
const ROWS = 4096;
const SLACK = 256;
/** Bytes that the kernel compares with the beginning of a blob. */
const MARK = 16;

/** The kernel that walks delta trees, its memory laid out for one pack. It does not grow: views stay valid. */
export class ScreenKernel {
  readonly exports: ScreenExports;
  readonly memory: Uint8Array;
  readonly offset: Float64Array;
  readonly size: Uint32Array;
  readonly header: Uint8Array;
  readonly type: Uint8Array;
  readonly parent: Int32Array;
  /** Where in the index each entry stands. */
  readonly row: Uint32Array;
  readonly first: Int32Array;
  readonly next: Int32Array;
  readonly out: Uint8Array;
  readonly starts: Int32Array;
  readonly finished: DataView;
  readonly returned: Int32Array;
  readonly missing: DataView;
  /** Objects and bytes of what was passed, type by type; then the bytes made, and the packed ones. */
  readonly passed: Float64Array;
  /** Takes note of OUT and the lists. */
  flush: () => void = () => {};
  /** Takes note of `passed`. */
  settle: () => void = () => {};
  /** Takes note of an object of a type (gitformat-pack); at 0 where one can't be made here. */
  made: (entry: number, type: number, at: number, length: number) => void = () => {};
  readonly #pack: PackFile;
  readonly #spill: number;
  /** The set of all IDs, where they are known; before they are added, what needs room for a while has it here. */
  readonly #ids: { readonly at: number; readonly bits: number; readonly idBytes: number } | undefined;

  /**
   * @param room `entries` of the pack; `objects`, how many IDs the whole database has, or 0 where that is not known: nothing is
   * told of what is missing, then.
   * @param rules `marks`, texts (one character a byte) that what has to be looked into begins with; `image`, what the kernel
   * searches OUT for, where it may keep what shows nothing to itself.
   */
  constructor(
    pack: PackFile,
    room: { readonly entries: number; readonly objects: number },
    rules: {
      readonly largest: number;
      readonly ratio: number;
      readonly floor: number;
      readonly idBytes: number;
      readonly marks: readonly string[];
      readonly image?: Uint8Array | undefined;
    },
  ) {
    const env = {
      abort: () => {},
      read: (position: number, length: number, target: number) => this.#read(position, length, target),
      flush: () => this.flush(),
      settle: () => this.settle(),
      made: (entry: number, type: number, at: number, length: number) => this.made(entry, type, at, length),
    };
    this.#pack = pack;
    const kernel = new WebAssembly.Instance(kernelModule(), { env }).exports as ScreenExports;
    let top = kernel.heapBase();
    const take = (length: number) => {
      const at = (top + 15) & ~15;
      top = at + length + SLACK;
      return at;
    };
    const bits = Math.max(8, Math.ceil(Math.log2(room.objects * 1.25 + 1)));
    const { entries } = room;
    const offset = take(8 * (entries + 1));
    const size = take(4 * entries);
    const header = take(entries);
    const type = take(entries);
    const parent = take(4 * entries);
    const row = take(4 * entries);
    const first = take(4 * entries);
    const next = take(4 * entries);
    const ids = take(room.objects === 0 ? 0 : Math.max(4 * 2 ** bits, 5 * entries + 16));
    const slots = Math.min(SLOTS, Math.ceil(pack.end / PAGE));
    const spillRoom = Math.min(SPILL, pack.end);
    const arenaRoom = Math.min(ARENA, Math.max(LEAST_ARENA, TIMES * pack.end));
    const pages = take(slots * kernel.STRIDE.value);
    const held = take(8 * slots);
    const spill = take(spillRoom);
    const frames = take(kernel.FRAME.value * (DEPTH + 1));
    const fresh = take(8 * STRETCHES);
    const lists = take(76 * ROWS);
    const marks = take(32 * rules.marks.length);
    const arena = take(arenaRoom);
    kernel.memory.grow(Math.max(0, Math.ceil((top - kernel.memory.buffer.byteLength) / WASM_PAGE)));
    const { buffer } = kernel.memory;
    this.exports = kernel;
    this.memory = new Uint8Array(buffer);
    this.offset = new Float64Array(buffer, offset, entries + 1);
    this.size = new Uint32Array(buffer, size, entries);
    this.header = new Uint8Array(buffer, header, entries);
    this.type = new Uint8Array(buffer, type, entries);
    this.parent = new Int32Array(buffer, parent, entries);
    this.row = new Uint32Array(buffer, row, entries);
    this.first = new Int32Array(buffer, first, entries);
    this.next = new Int32Array(buffer, next, entries);
    this.out = new Uint8Array(buffer, kernel.INPUT.value, kernel.OUT.value);
    this.starts = new Int32Array(buffer, lists, 2 * ROWS);
    this.finished = new DataView(buffer, lists + 8 * ROWS, 24 * ROWS);
    this.returned = new Int32Array(buffer, lists + 32 * ROWS, ROWS);
    this.missing = new DataView(buffer, lists + 36 * ROWS, 40 * ROWS);
    this.#spill = spill;
    this.#ids = room.objects === 0 ? undefined : { at: ids, bits, idBytes: rules.idBytes };
    kernel.setColumns(offset, size, header, type, first, next);
    kernel.setPages(pages, held, slots, spill, spillRoom);
    kernel.setArena(arena, arena + arenaRoom, frames, DEPTH);
    kernel.setFresh(fresh, STRETCHES);
    this.passed = new Float64Array(buffer, kernel.PASSED.value, 10);
    kernel.setOut(lists, ROWS);
    rules.marks.forEach((text, index) => {
      const row = this.memory.subarray(marks + 32 * index, marks + 32 * (index + 1));
      // Of longer ones what fits: what begins so is looked at, too.
      const shown = text.slice(0, MARK);
      row[0] = shown.length;
      row.set(Buffer.from(shown, 'latin1'), MARK);
    });
    kernel.setRules(rules.largest, rules.ratio, rules.floor, marks, rules.marks.length);
    if (rules.image !== undefined) {
      this.memory.set(rules.image, kernel.IMAGE.value);
      kernel.searchHere();
    }
  }

  /**
   * Fills the columns by an index and the headers in the pack. False for what is out of the ordinary: an index that contradicts
   * itself, deltas that name their base by its ID. To be called before {@link know}.
   *
   * @param shared where other threads read the same headers
   */
  fill(index: PackIndex, shared?: SharedHeaders): boolean {
    const { exports } = this;
    const count = this.row.length;
    const room = this.#ids?.at;
    if (count === 0 || index.count !== count || room === undefined) return false;
    const columns = [
      this.offset,
      this.size,
      this.header,
      this.type,
      this.parent,
      this.row,
      this.first,
      this.next,
    ];
    const [offset, size, header, type, parent, row, first, next] = columns.map(
      ({ byteOffset }) => byteOffset,
    ) as [number, number, number, number, number, number, number, number];
    if (!this.#readOffsets(index)) index.copyOffsets(this.offset);
    // Nothing is as yet in the columns behind that of the offsets, nor in the set of IDs.
    if (exports.sortOffsets(count, offset, size, row) === 0) return false;
    exports.mapEntries(count, offset, room);
    const filled = [offset, size, header, type, parent, room, this.#spill] as const;
    const read = (from: number, to: number) =>
      exports.readHeaders(from, to, count, this.#pack.end, ...filled) !== 0;
    if (!(shared?.fill(this, read) ?? read(0, count))) return false;
    exports.link(count, parent, first, next, room, room + 4 * count);
    this.offset[count] = this.#pack.end;
    return true;
  }

  /** False where they have to be read one by one. */
  #readOffsets(index: PackIndex): boolean {
    if (index.offsets === undefined) return false;
    const raw = this.next.byteOffset;
    this.memory.set(index.offsets, raw);
    return this.exports.readOffsets(index.count, raw, this.offset.byteOffset) !== 0;
  }

  /** Takes it that these objects are there, and no others: from here on the walk tells what is missing. */
  know(runs: readonly IdRun[]): void {
    if (this.#ids === undefined) return;
    const { at, bits, idBytes } = this.#ids;
    this.exports.setIds(at, bits, idBytes, Math.random());
    for (const { bytes, count, step } of runs) this.#addIds(bytes, count, step);
  }

  #read(position: number, length: number, target: number): number {
    let filled = 0;
    while (filled < length) {
      const into = this.memory.subarray(target + filled, target + length);
      const count = this.#pack.file.readAt(position + filled, into);
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }

  /** Adds `count` object IDs that stand `step` bytes apart, the first at the beginning of `bytes`. */
  #addIds(bytes: Uint8Array, count: number, step: number): void {
    const most = Math.floor((this.out.length - 64) / step);
    for (let done = 0; done < count; done += most) {
      const part = Math.min(most, count - done);
      this.out.set(bytes.subarray(done * step, (done + part) * step));
      this.exports.addIds(this.out.byteOffset, part, step);
    }
  }
}
