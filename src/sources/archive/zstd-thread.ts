import { Worker } from 'node:worker_threads';
import type { ByteStream } from '../../model/source.js';
import type { SharedMemory } from '../webassembly.js';
import { END, NOTHING, type ZstdDecoder, type ZstdPiece } from './zstd-decoder.js';
import {
  allowance,
  CONTROL,
  KIND,
  kernelMemory,
  kernelModule,
  LAYOUT,
  PIECE,
  reserve,
  settle,
} from './zstd-kernel.js';

/** Input is read when there is room for so much of it. */
const WORTH_READING = 128 * 1024;

/** Unpacks on another thread, which works on while what it gave is read. */
export class FarDecoder implements ZstdDecoder {
  readonly #input: ByteStream;
  readonly #thread: Thread;
  readonly #control: Int32Array;
  #written = 0;
  #ended = false;
  #reading = false;
  #failure: { readonly error: unknown } | undefined;
  /** Pieces and bytes that were read, and the length of the piece that is being read; none before the first. */
  #taken = 0;
  #read = 0;
  #current: number | undefined;
  #closed = false;

  /** Resolves when threads that were told to end have done so: until then they take up what the next may need. */
  static async rested(): Promise<void> {
    await Promise.all(Thread.ending);
  }

  /** @param most how far back a frame may look. */
  constructor(input: ByteStream, most: number) {
    this.#input = input;
    this.#thread = Thread.take(most);
    this.#control = this.#thread.control;
    this.#thread.begin(most);
  }

  /** @throws Error when the thread died, and what the input throws, after everything before that. */
  next(): ZstdPiece | Promise<ZstdPiece> {
    if (this.#closed) return END;
    if (this.#current !== undefined) {
      this.#taken += 1;
      this.#read = (this.#read + this.#current) | 0;
      this.#current = undefined;
      Atomics.store(this.#control, CONTROL.read, this.#read);
      Atomics.store(this.#control, CONTROL.taken, this.#taken);
      this.#ring();
    }
    this.#feed();
    return this.#piece() ?? this.#wait();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // Who still reads into its memory would disturb the next.
    this.#thread.end(!this.#reading);
  }

  async #wait(): Promise<ZstdPiece> {
    for (;;) {
      if (this.#thread.dead) throw new Error('the decoder broke off');
      await this.#thread.news(() => this.#mayRead || this.#isThere);
      if (this.#closed) return END;
      this.#feed();
      const piece = this.#piece();
      if (piece !== undefined) return piece;
    }
  }

  get #isThere(): boolean {
    return Atomics.load(this.#control, CONTROL.published) !== this.#taken;
  }

  #piece(): ZstdPiece | undefined {
    if (!this.#isThere) return undefined;
    const { queue } = this.#thread;
    const at = (this.#taken % LAYOUT.pieces) * PIECE.size;
    const kind = queue[at + PIECE.kind]!;
    if (kind === KIND.end && this.#failure !== undefined) throw this.#failure.error;
    const length = queue[at + PIECE.length]!;
    this.#current = length;
    this.#thread.reserve(queue[at + PIECE.room]!);
    return {
      kind,
      bytes: length === 0 ? NOTHING : this.#thread.bytes(queue[at + PIECE.start]!, length),
      fault: queue[at + PIECE.fault]!,
      at: queue[at + PIECE.at]!,
      detail: queue[at + PIECE.detail]!,
      position: queue[at + PIECE.position]!,
    };
  }

  get #room(): number {
    return LAYOUT.inputSize - ((this.#written - Atomics.load(this.#control, CONTROL.used)) | 0);
  }

  get #mayRead(): boolean {
    return !this.#ended && !this.#reading && this.#room >= WORTH_READING;
  }

  /** Fills the ring, as far as the input answers at once; what comes later goes on by itself. */
  #feed(): void {
    while (this.#mayRead) {
      const at = this.#written & (LAYOUT.inputSize - 1);
      const room = Math.min(this.#room, LAYOUT.inputSize - at);
      try {
        const count = this.#input.read(this.#thread.bytes(LAYOUT.input + at, room));
        if (typeof count === 'number') this.#fed(count);
        else this.#await(count);
      } catch (error) {
        this.#fail(error);
      }
    }
  }

  #await(count: Promise<number>): void {
    this.#reading = true;
    count
      .then(
        (late) => this.#fed(late),
        (error: unknown) => this.#fail(error),
      )
      .finally(() => {
        this.#reading = false;
        if (!this.#closed) this.#feed();
      });
  }

  #fed(count: number): void {
    if (this.#closed) return;
    this.#written = (this.#written + count) | 0;
    this.#ended = count === 0;
    Atomics.store(this.#control, CONTROL.written, this.#written);
    if (this.#ended) Atomics.store(this.#control, CONTROL.ended, 1);
    this.#ring();
  }

  #fail(error: unknown): void {
    this.#failure = { error };
    this.#fed(0);
  }

  #ring(): void {
    Atomics.add(this.#control, CONTROL.bell, 1);
    Atomics.notify(this.#control, CONTROL.bell);
  }
}

/** A thread with its memory, which unpacks one stream after the other. */
class Thread {
  static #idle: Thread | undefined;
  static readonly ending = new Set<Promise<void>>();
  readonly #most: number;
  readonly #memory: SharedMemory;
  readonly #worker: Worker;
  readonly control: Int32Array;
  readonly queue: Float64Array;
  #bytes: Uint8Array;
  #wake: (() => void) | undefined;
  #ended: (() => void) | undefined;
  #reusable = true;
  #resting = false;
  dead = false;

  static take(most: number): Thread {
    const kept = Thread.#idle;
    if (kept === undefined || kept.#most < most) return new Thread(most);
    Thread.#idle = undefined;
    return kept;
  }

  private constructor(most: number) {
    this.#most = most;
    const memory = kernelMemory(most);
    this.#memory = memory;
    this.#bytes = new Uint8Array(memory.buffer);
    this.control = new Int32Array(memory.buffer, LAYOUT.control, CONTROL.size);
    this.queue = new Float64Array(memory.buffer, LAYOUT.queue, LAYOUT.pieces * PIECE.size);
    this.#worker = new Worker(new URL('./zstd-worker.js', import.meta.url), {
      workerData: { module: kernelModule(), memory, LAYOUT, KIND, PIECE, CONTROL },
    });
    this.#worker.on('message', (done: boolean) => (done ? this.#rest() : this.#wake?.()));
    this.#worker.on('error', () => this.#die());
    this.#worker.on('exit', () => this.#die());
  }

  begin(most: number): void {
    this.#resting = false;
    this.control.fill(0);
    this.#worker.ref();
    this.#worker.postMessage(allowance(this.#memory, most));
  }

  /** Ends the stream, wherever it is. */
  end(reusable: boolean): void {
    this.#reusable = reusable;
    if (!this.dead && !this.#resting) {
      const ending = new Promise<void>((resolve) => {
        this.#ended = resolve;
      }).finally(() => Thread.ending.delete(ending));
      Thread.ending.add(ending);
    }
    Atomics.store(this.control, CONTROL.closed, 1);
    Atomics.add(this.control, CONTROL.bell, 1);
    Atomics.notify(this.control, CONTROL.bell);
  }

  /** Until the other thread has something to tell, unless `already`. */
  async news(already: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      Atomics.store(this.control, CONTROL.waiting, 1);
      // What came before the other thread could know that it has to tell.
      if (this.dead || already()) resolve();
    });
    this.#wake = undefined;
  }

  reserve(room: number): void {
    reserve(this.#memory, room);
  }

  bytes(start: number, length: number): Uint8Array {
    if (start + length > this.#bytes.length) {
      // Makes this thread see what the other has grown.
      this.#memory.grow(0);
      this.#bytes = new Uint8Array(this.#memory.buffer);
    }
    return this.#bytes.subarray(start, start + length);
  }

  #rest(): void {
    this.#resting = true;
    this.#worker.unref();
    settle(this.#memory);
    // However much it has grown: nothing tells the collector what it would free.
    if (this.#reusable && Thread.#idle === undefined) Thread.#idle = this;
    else void this.#worker.terminate();
    this.#ended?.();
  }

  #die(): void {
    settle(this.#memory);
    this.dead = true;
    this.#ended?.();
    if (Thread.#idle === this) Thread.#idle = undefined;
    this.#wake?.();
  }
}
