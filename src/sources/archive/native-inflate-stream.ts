import { crc32, createInflateRaw, type InflateRaw } from 'node:zlib';
import { type Budget, BudgetExceeded } from '../../model/budget.js';
import type { ByteStream } from '../../model/source.js';
import type { Feed } from '../feed.js';
import type { Damage, DecodedStream } from './decoded-stream.js';
import { type InflateOptions, InflateStream } from './inflate-stream.js';

const INPUT = 128 * 1024;
const OUTPUT = 256 * 1024;
/** How much output may wait: zlib works on while the consumer searches. */
const AHEAD = 4;
const WORTH_A_THREAD = 32 * 1024;

/**
 * One DEFLATE stream, inflated by zlib on another thread. It takes a feed that can be rewound: at the end the feed
 * stands behind the stream; and where zlib gives up, the data is read again by {@link InflateStream}, up to the damage.
 */
export class NativeInflateStream implements DecodedStream {
  readonly #feed: Feed;
  readonly #budget: Budget;
  readonly #options: InflateOptions;
  readonly #start: number;
  readonly #engine: InflateRaw;
  readonly #chunks: Buffer[] = [];
  #wake: (() => void) | undefined;
  #state: 'running' | 'ended' | 'failed' | 'stopped' = 'running';
  #packed = 0;
  /** Reads what zlib could not. */
  #careful: InflateStream | undefined;
  fault: Damage | BudgetExceeded | undefined;
  checksum = 0;
  size = 0;
  consumed = 0;

  constructor(feed: Feed, budget: Budget, options: InflateOptions = {}) {
    this.#feed = feed;
    this.#budget = budget;
    this.#options = options;
    this.#start = feed.position;
    this.#engine = createInflateRaw({ chunkSize: OUTPUT });
    this.#engine.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      if (this.#chunks.length >= AHEAD) this.#engine.pause();
      this.#wake?.();
    });
    this.#engine.on('end', () => this.#turn('ended'));
    this.#engine.on('error', () => this.#turn('failed'));
    this.#supply();
  }

  async read(into: Uint8Array): Promise<number> {
    if (this.#careful !== undefined) return this.#readCarefully(into, this.#careful);
    while (this.#chunks.length === 0 && this.#state === 'running') {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const chunk = this.#chunks[0];
    if (chunk !== undefined) return this.#deliver(chunk, into);
    if (this.#state === 'failed') return this.#beCareful(into);
    if (this.#state === 'ended') this.#end();
    return 0;
  }

  close(): void {
    this.#stop();
    this.#feed.close();
  }

  #turn(state: 'ended' | 'failed'): void {
    if (this.#state === 'running') this.#state = state;
    this.#wake?.();
  }

  /** Hands packed bytes to zlib as it takes them. */
  #supply(): void {
    try {
      while (this.#state === 'running') {
        const chunk = Buffer.allocUnsafe(INPUT);
        // A feed that can be rewound reads at once.
        const count = this.#feed.read(chunk) as number;
        if (count === 0) {
          this.#engine.end();
          return;
        }
        if (!this.#engine.write(chunk.subarray(0, count))) {
          this.#engine.once('drain', () => this.#supply());
          return;
        }
      }
    } catch (error) {
      this.#engine.destroy(error as Error);
    }
  }

  #deliver(chunk: Buffer, into: Uint8Array): number {
    const count = Math.min(chunk.length, into.length);
    const packed = this.#engine.bytesWritten;
    try {
      this.#budget.expand(count, this.#options.counted === false ? 0 : packed - this.#packed);
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      this.fault = error;
      this.#chunks.length = 0;
      this.#stop();
      return 0;
    }
    this.#packed = packed;
    into.set(count === chunk.length ? chunk : chunk.subarray(0, count));
    if (count < chunk.length) this.#chunks[0] = chunk.subarray(count);
    else this.#chunks.shift();
    if (this.#chunks.length < AHEAD) this.#engine.resume();
    this.size += count;
    this.checksum = crc32(chunk.subarray(0, count), this.checksum);
    return count;
  }

  #end(): void {
    this.consumed = this.#engine.bytesWritten;
    this.#feed.rewind(this.#start + this.consumed);
    this.#stop();
  }

  #stop(): void {
    this.#state = 'stopped';
    this.#engine.destroy();
  }

  async #beCareful(into: Uint8Array): Promise<number> {
    this.#stop();
    this.#feed.rewind(this.#start);
    const careful = new InflateStream(this.#feed, this.#budget, { ...this.#options, charged: this.size });
    await skip(careful, this.size);
    this.#careful = careful;
    return this.#readCarefully(into, careful);
  }

  async #readCarefully(into: Uint8Array, careful: InflateStream): Promise<number> {
    const count = await careful.read(into);
    this.size = careful.size;
    this.checksum = careful.checksum;
    this.consumed = careful.consumed;
    this.fault = careful.fault;
    return count;
  }
}

/** The fastest stream for a feed: short ones don't pay for another thread, and what can't be rewound can't use it. */
export function inflate(
  feed: Feed,
  budget: Budget,
  options: InflateOptions = {},
): InflateStream | NativeInflateStream {
  const { access } = feed;
  const native =
    options.wide !== true && access !== undefined && access.size - feed.position > WORTH_A_THREAD;
  return native ? new NativeInflateStream(feed, budget, options) : new InflateStream(feed, budget, options);
}

async function skip(stream: ByteStream, length: number): Promise<void> {
  const sink = Buffer.allocUnsafe(OUTPUT);
  for (let left = length; left > 0; ) {
    const count = await stream.read(sink.subarray(0, Math.min(left, sink.length)));
    if (count === 0) return;
    left -= count;
  }
}
