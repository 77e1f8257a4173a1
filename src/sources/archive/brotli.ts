import { Readable } from 'node:stream';
import { createBrotliDecompress } from 'node:zlib';
import { type Budget, BudgetExceeded } from '../../model/budget.js';
import type { Provenance } from '../../model/provenance.js';
import type { ByteStream } from '../../model/source.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream } from '../random-access.js';
import { type Damage, type DecodedStream, drain } from './decoded-stream.js';
import { type Expansion, type Found, faultFound, item, member, placeIn } from './found.js';
import { unpackedName } from './gzip.js';

const INPUT = 64 * 1024;

/**
 * Reads what its name calls Brotli (RFC 7932): one content, and where it is none or damaged, the bytes as they are.
 * @param place what the content is called
 */
export async function* readBrotli(
  access: RandomAccess,
  where: Provenance,
  { budget }: Expansion,
  place: Provenance = placeIn(where, unpackedName(where), ['brotli']),
): AsyncGenerator<Found> {
  const content = new BrotliStream(new AccessStream(access), budget);
  yield member({ type: 'unit', provenance: place, content });
  await drain(content);
  if (content.fault === undefined) return;
  yield faultFound(where, content.fault);
  yield item({ type: 'unit', provenance: where, content: new AccessStream(access) });
}

/** Unpacked by the decoder of Node, on another thread. */
export class BrotliStream implements DecodedStream {
  readonly #budget: Budget;
  readonly #engine = createBrotliDecompress({ chunkSize: 256 * 1024 });
  readonly #chunks: AsyncIterator<Buffer>;
  #chunk: Uint8Array = Buffer.alloc(0);
  #packed = 0;
  fault: Damage | BudgetExceeded | undefined;

  constructor(stream: ByteStream, budget: Budget) {
    this.#budget = budget;
    const input = Readable.from(chunksOf(stream), { objectMode: false });
    input.on('error', (error) => this.#engine.destroy(error));
    this.#chunks = input.pipe(this.#engine)[Symbol.asyncIterator]();
  }

  async read(into: Uint8Array): Promise<number> {
    if (this.fault !== undefined) return 0;
    try {
      if (this.#chunk.length === 0) this.#chunk = (await this.#chunks.next()).value ?? this.#chunk;
      const count = Math.min(into.length, this.#chunk.length);
      this.#budget.expand(count, this.#engine.bytesWritten - this.#packed);
      this.#packed = this.#engine.bytesWritten;
      into.set(this.#chunk.subarray(0, count));
      this.#chunk = this.#chunk.subarray(count);
      return count;
    } catch (error) {
      this.fault =
        error instanceof BudgetExceeded
          ? error
          : {
              at: this.#engine.bytesWritten,
              detail: `not Brotli from here on (${(error as Error).message})`,
            };
      this.close();
      return 0;
    }
  }

  close(): void {
    this.#engine.destroy();
  }
}

async function* chunksOf(stream: ByteStream): AsyncGenerator<Buffer> {
  for (;;) {
    const chunk = Buffer.allocUnsafe(INPUT);
    const count = await stream.read(chunk);
    if (count === 0) return;
    yield chunk.subarray(0, count);
  }
}
