import type { ByteStream } from '../../model/source.js';

/** Content streams are kept up to this size, to be read once more; what is longer is drawings and pictures. */
const LONGEST = 16 * 1024 * 1024;
/** A page begins with operators; what is binary shows at once. */
const TELLING = 24;

/** Passes bytes on, and keeps what may be the content of a page. */
export class OverheardStream implements ByteStream {
  readonly #stream: ByteStream;
  #parts: Buffer[] = [];
  #size = 0;
  #isText = true;

  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  async read(into: Uint8Array): Promise<number> {
    const count = await this.#stream.read(into);
    const part = Buffer.from(into.subarray(0, this.#isText ? count : 0));
    this.#size += part.length;
    this.#isText &&= this.#size <= LONGEST && (this.#parts.length > 0 || mayBePage(part));
    if (this.#isText) this.#parts.push(part);
    else this.#parts = [];
    return count;
  }

  close(): void {
    this.#stream.close();
  }

  /** What was passed on, if it may be the content of a page; once. */
  content(): Buffer {
    return Buffer.concat(this.#parts.splice(0));
  }
}

/** A string may hold any byte; what stands before the first does not. */
function mayBePage(start: Buffer): boolean {
  const zero = start.subarray(0, TELLING).indexOf(0);
  return zero < 0 || start.subarray(0, zero).includes(0x28);
}
