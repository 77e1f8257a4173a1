import type { ByteStream } from '../../model/source.js';
import type { AccessStream } from '../random-access.js';

const INPUT = 48 * 1024;

/** What a piece of text stands for, and what of it has to wait for the next piece. */
export interface DecodedText {
  readonly bytes: Buffer;
  readonly rest: string;
}

/** The bytes that a text stands for, a piece at a time. Latin-1: every byte of it is a character. */
export class TextDecodingStream implements ByteStream {
  readonly #input: AccessStream;
  readonly #decode: (text: string, isLast: boolean) => DecodedText;
  #pending = '';
  #ready: Buffer = Buffer.alloc(0);

  /** @param decode what `text` stands for; of the last piece nothing can wait. */
  constructor(input: AccessStream, decode: (text: string, isLast: boolean) => DecodedText) {
    this.#input = input;
    this.#decode = decode;
  }

  read(into: Uint8Array): number {
    while (this.#ready.length === 0) {
      const chunk = Buffer.allocUnsafe(INPUT);
      const count = this.#input.read(chunk);
      if (count === 0 && this.#pending === '') return 0;
      const { bytes, rest } = this.#decode(this.#pending + chunk.toString('latin1', 0, count), count === 0);
      this.#ready = bytes;
      this.#pending = rest;
      if (count === 0 && bytes.length === 0) return 0;
    }
    const count = Math.min(into.length, this.#ready.length);
    into.set(this.#ready.subarray(0, count));
    this.#ready = this.#ready.subarray(count);
    return count;
  }

  close(): void {}
}
