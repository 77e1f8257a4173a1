import {
  allowance,
  KIND,
  kernelMemory,
  LAYOUT,
  type SharedMemory,
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
  readonly most: number;
}

let idle: Engine | undefined;

/** Unpacks what is no longer than {@link SHORT} on the thread that asks for it. */
export class NearDecoder implements ZstdDecoder {
  #engine: Engine | undefined;
  readonly #length: number;
  #read = 0;

  /** @param most how far back a frame may look. */
  constructor(packed: Uint8Array, most: number) {
    const engine = idle !== undefined && idle.most >= most ? idle : start(most);
    idle = undefined;
    this.#engine = engine;
    this.#length = packed.length;
    engine.kernel.reset(allowance(engine.memory, most));
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
    if (settle(this.#engine.memory)) idle = this.#engine;
    this.#engine = undefined;
  }
}

function start(most: number): Engine {
  const memory = kernelMemory(most);
  return { kernel: startKernel(memory), memory, most };
}
