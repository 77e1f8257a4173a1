import { setFlagsFromString } from 'node:v8';
import { type SharedMemory, WASM_PAGE, type WasmGlobal, WebAssembly } from '../webassembly.js';
import { KERNEL } from './zstd-kernel.generated.js';

/** What `kernels/zstd.ts` exports. Pointers and lengths are bytes of its memory. */
export interface ZstdKernel {
  readonly pieceStart: WasmGlobal;
  readonly pieceLength: WasmGlobal;
  readonly fault: WasmGlobal;
  readonly faultAt: WasmGlobal;
  readonly faultDetail: WasmGlobal;
  readonly position: WasmGlobal;
  reset(most: number): void;
  step(written: number, read: number, ended: boolean): number;
  inputUsed(): number;
  room(): number;
}

/** Tables, and the ring of packed bytes. */
const FIXED = 0x1c0000;
/** Beside that and what a frame looks back to: how far the reader may be behind. */
const AHEAD = 2 * 1024 ** 2;

/** Where things are in the kernel's memory, for it and for those who share it. */
export const LAYOUT = {
  /** A record a piece, {@link PIECE} numbers of 64 bits each. */
  queue: 0x2000,
  pieces: 64,
  /** Words of 32 bits, {@link CONTROL}. */
  control: 0x3000,
  /** The ring of packed bytes. */
  input: 0x90000,
  inputSize: 0x100000,
} as const;

/** What a piece is. */
export const KIND = { hungry: 0, full: 1, content: 2, scrap: 3, fault: 4, end: 5 } as const;

/**
 * The numbers of a piece in the queue. The last two: how many packed bytes were used up to its end, and how large the
 * window of its frame may grow.
 */
export const PIECE = {
  kind: 0,
  start: 1,
  length: 2,
  fault: 3,
  at: 4,
  detail: 5,
  position: 6,
  room: 7,
  size: 8,
} as const;

/** Counts are modulo 2^32. */
export const CONTROL = {
  /** Packed bytes in the ring so far, and of them, used. */
  written: 0,
  used: 1,
  ended: 2,
  /** Pieces so far, and of them, taken. */
  published: 3,
  taken: 4,
  /** Bytes of pieces that were read. */
  read: 5,
  /** Rung when the decoder has more to work with. */
  bell: 6,
  /** Whether the reader wants to be told of pieces. */
  waiting: 7,
  closed: 8,
  size: 16,
} as const;

/** Every decoder may look back as far as this, however many there are: what the format asks of all (RFC 8878, 3.1.1.1.2). */
export const LEAST_WINDOW = 8 * 1024 ** 2;
/** What each decoder that is at work may come to need. */
const inUse = new Map<SharedMemory, number>();

let compiled: object | undefined;

export function kernelModule(): object {
  compiled ??= new WebAssembly.Module(Buffer.from(KERNEL, 'base64'));
  return compiled;
}

/** Memory for a kernel whose window looks back `most` bytes. It grows when there is content to fill it. */
export function kernelMemory(most: number): SharedMemory {
  return new WebAssembly.Memory({
    initial: FIXED / WASM_PAGE,
    maximum: Math.ceil((FIXED + most + AHEAD) / WASM_PAGE),
    shared: true,
  });
}

/** How far back a decoder may look that begins now with this memory: containers in containers share what is allowed. */
export function allowance(memory: SharedMemory, most: number): number {
  let taken = 0;
  for (const room of inUse.values()) taken += room;
  inUse.set(memory, 0);
  return Math.max(Math.min(LEAST_WINDOW, most), most - taken);
}

/** Whether a decoder is at work that may come to need so much that another thread is too much beside it. */
export function isFarInUse(): boolean {
  return [...inUse.values()].some((room) => room > 4 * LEAST_WINDOW);
}

/** The window of a decoder may grow to so many bytes, as far as is known now. */
export function reserve(memory: SharedMemory, room: number): void {
  inUse.set(memory, room);
  // Beside a large window V8 keeps to little room for young objects: 10 MiB less, for a few more collections.
  if (room > 4 * LEAST_WINDOW) setFlagsFromString('--semi-space-growth-factor=1');
}

/** The decoder with this memory is done. */
export function settle(memory: SharedMemory): void {
  inUse.delete(memory);
}

export function startKernel(memory: SharedMemory): ZstdKernel {
  const imports = { env: { memory, abort: () => {} } };
  return new WebAssembly.Instance(kernelModule(), imports).exports as ZstdKernel;
}
