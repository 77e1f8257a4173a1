import type { SharedMemory } from '../webassembly.js';
import {
  allowance,
  KIND,
  kernelMemory,
  LAYOUT,
  LEAST_WINDOW,
  reserve,
  settle,
  startKernel,
  type ZstdKernel,
} from './zstd-kernel.js';

/** A stretch of what is unpacked, something that is wrong, or the end. Valid until the next is asked for. */
export interface ZstdPiece {
  readonly kind: number;
  readonly bytes: Uint8Array;
  /** Of a fault: what is wrong, where, and what about it. */
  readonly fault: number;
  readonly at: number;
  readonly detail: number;
  /** Packed bytes that were used up to here. */
  readonly position: number;
}

/** Gives pieces until one of the kind `end`. Who asks for the next has read the last. */
export interface ZstdDecoder {
  next(): ZstdPiece | Promise<ZstdPiece>;
  close(): void;
}

export const NOTHING = new Uint8Array(0);
export const END: ZstdPiece = { kind: KIND.end, bytes: NOTHING, fault: 0, at: 0, detail: 0, position: 0 };

/** The most that is unpacked without another thread. */
export const SHORT = LAYOUT.inputSize / 4;

interface Engine {
  readonly kernel: ZstdKernel;
  readonly memory: SharedMemory;
}

let idle: Engine | undefined;

/** Unpacks what is no longer than {@link SHORT} on the thread that asks for it; frames look back {@link LEAST_WINDOW} at most. */
export class NearDecoder implements ZstdDecoder {
  #engine: Engine | undefined;
  readonly #length: number;
  #read = 0;

  constructor(packed: Uint8Array) {
    const engine = idle ?? start();
    idle = undefined;
    this.#engine = engine;
    this.#length = packed.length;
    engine.kernel.reset(allowance(engine.memory, LEAST_WINDOW));
    new Uint8Array(engine.memory.buffer, LAYOUT.input, packed.length).set(packed);
  }

  next(): ZstdPiece {
    if (this.#engine === undefined) return END;
    const { kernel, memory } = this.#engine;
    const kind = kernel.step(this.#length, this.#read, true);
    const { pieceStart, pieceLength, fault, faultAt, faultDetail, position } = kernel;
    const filled = kind === KIND.content || kind === KIND.scrap;
    const bytes = filled ? new Uint8Array(memory.buffer, pieceStart.value, pieceLength.value) : NOTHING;
    this.#read = (this.#read + bytes.length) | 0;
    reserve(memory, kernel.room());
    return {
      kind,
      bytes,
      fault: fault.value,
      at: faultAt.value,
      detail: faultDetail.value,
      position: position.value,
    };
  }

  close(): void {
    if (this.#engine === undefined) return;
    settle(this.#engine.memory);
    // Kept, not left to be collected: nothing tells the collector how much that would free.
    idle ??= this.#engine;
    this.#engine = undefined;
  }
}

function start(): Engine {
  const memory = kernelMemory(LEAST_WINDOW);
  return { kernel: startKernel(memory), memory };
}

/** Whether the first frame looks back further than is unpacked here. */
export function looksFar(head: Uint8Array): boolean {
  const single = (head[4] ?? 0) & 0x20;
  const exponent = 10 + ((head[5] ?? 0) >>> 3);
  return head[0] === 0x28 && single === 0 && 2 ** exponent >= LEAST_WINDOW;
}
