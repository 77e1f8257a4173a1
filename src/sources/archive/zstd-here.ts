import type { ByteStream } from '../../model/source.js';
import type { SharedMemory } from '../webassembly.js';
import { END, NOTHING, type ZstdDecoder, type ZstdPiece } from './zstd-decoder.js';
import {
  allowance,
  KIND,
  kernelMemory,
  LAYOUT,
  reserve,
  settle,
  startKernel,
  type ZstdKernel,
} from './zstd-kernel.js';

/** Unpacks on the thread that reads, for what lies in something that is being unpacked: another thread would cost too much memory. */
export class HereDecoder implements ZstdDecoder {
  readonly #input: ByteStream;
  readonly #memory: SharedMemory;
  readonly #kernel: ZstdKernel;
  #written = 0;
  #ended = false;
  #read = 0;
  /** Of the piece that is being read. */
  #length = 0;
  #closed = false;

  /** @param most how far back a frame may look, if all that is allowed is left. */
  constructor(input: ByteStream, most: number) {
    this.#input = input;
    this.#memory = kernelMemory(most);
    this.#kernel = startKernel(this.#memory);
    this.#kernel.reset(allowance(this.#memory, most));
  }

  next(): ZstdPiece | Promise<ZstdPiece> {
    this.#read = (this.#read + this.#length) | 0;
    this.#length = 0;
    return this.#step();
  }

  close(): void {
    settle(this.#memory);
    this.#closed = true;
  }

  #step(): ZstdPiece | Promise<ZstdPiece> {
    while (!this.#closed) {
      const kind = this.#kernel.step(this.#written, this.#read, this.#ended);
      if (kind !== KIND.hungry) return this.#piece(kind);
      const at = this.#written & (LAYOUT.inputSize - 1);
      const room = LAYOUT.inputSize - ((this.#written - this.#kernel.inputUsed()) | 0);
      const into = new Uint8Array(
        this.#memory.buffer,
        LAYOUT.input + at,
        Math.min(room, LAYOUT.inputSize - at),
      );
      const count = this.#input.read(into);
      if (typeof count !== 'number') {
        return count.then((late) => {
          this.#fed(late);
          return this.#step();
        });
      }
      this.#fed(count);
    }
    return END;
  }

  #fed(count: number): void {
    this.#written = (this.#written + count) | 0;
    this.#ended = count === 0;
  }

  #piece(kind: number): ZstdPiece {
    const { pieceStart, pieceLength, fault, faultAt, faultDetail, position } = this.#kernel;
    this.#length = kind === KIND.content || kind === KIND.scrap ? pieceLength.value : 0;
    reserve(this.#memory, this.#kernel.room());
    return {
      kind,
      bytes:
        this.#length === 0 ? NOTHING : new Uint8Array(this.#memory.buffer, pieceStart.value, this.#length),
      fault: fault.value,
      at: faultAt.value,
      detail: faultDetail.value,
      position: position.value,
    };
  }
}
