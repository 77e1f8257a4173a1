import { BudgetExceeded } from '../../model/budget.js';
import type { Provenance } from '../../model/provenance.js';
import type { ByteStream } from '../../model/source.js';
import { Feed } from '../feed.js';
import { type Damage, type DecodedStream, drain } from './decoded-stream.js';
import { type Expansion, type Found, faultFound, member } from './found.js';

export const NOTHING: Buffer = Buffer.alloc(0);

/** The content of a file that is packed in pieces, each by itself. */
export abstract class PiecesStream implements DecodedStream {
  protected readonly feed: Feed;
  readonly #expansion: Expansion;
  #content = NOTHING;
  #packed = 0;
  #over = false;
  fault: Damage | BudgetExceeded | undefined;

  constructor(stream: ByteStream, expansion: Expansion) {
    this.feed = stream instanceof Feed ? stream : new Feed(stream);
    this.#expansion = expansion;
  }

  /** What comes next, as far as it is whole; it may be nothing. Says so by {@link end} where nothing follows. */
  protected abstract next(): Promise<Buffer>;

  /** Nothing follows. @param detail what is wrong with that, if anything is */
  protected end(detail?: string): void {
    if (detail !== undefined) this.fault ??= { at: this.feed.position, detail };
    this.#over = true;
  }

  async read(into: Uint8Array): Promise<number> {
    while (this.#content.length === 0 && !this.#over) {
      this.#content = await this.next();
      this.#count();
    }
    const count = this.#content.copy(into);
    this.#content = this.#content.subarray(count);
    return count;
  }

  close(): void {
    this.feed.close();
  }

  #count(): void {
    const packed = this.feed.position - this.#packed;
    this.#packed = this.feed.position;
    try {
      this.#expansion.budget.expand(this.#content.length, packed);
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      this.#content = NOTHING;
      this.fault = error;
      this.#over = true;
    }
  }
}

/** @param place what the content is called */
export async function* readPieces(
  content: PiecesStream,
  where: Provenance,
  place: Provenance,
): AsyncGenerator<Found> {
  yield member({ type: 'unit', provenance: place, content });
  await drain(content);
  if (content.fault !== undefined) yield faultFound(where, content.fault);
}
