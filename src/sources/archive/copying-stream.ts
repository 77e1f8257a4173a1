import type { ByteStream } from '../../model/source.js';
import type { Feed } from '../feed.js';
import type { RandomAccess } from '../file-tree.js';
import type { SpoolWriter } from '../spool.js';

/** Reads through to a feed, and writes what passes into the spool as long as there is room. */
export class CopyingStream implements ByteStream {
  readonly #feed: Feed;
  readonly #writer: SpoolWriter;
  readonly #room: number;
  #copied = 0;
  #problem: string | undefined;
  #copy: RandomAccess | undefined;

  constructor(feed: Feed, writer: SpoolWriter, room: number) {
    this.#feed = feed;
    this.#writer = writer;
    this.#room = room;
  }

  read(into: Uint8Array): number | Promise<number> {
    const count = this.#feed.read(into);
    return typeof count === 'number'
      ? this.#passed(into, count)
      : count.then((late) => this.#passed(into, late));
  }

  close(): void {}

  end(): { readonly copy: RandomAccess; readonly problem: string | undefined } {
    this.#copy ??= this.#writer.end();
    return { copy: this.#copy, problem: this.#problem };
  }

  /** What passed, once all of it did; nothing where not all could be kept. */
  get access(): RandomAccess | undefined {
    const { copy, problem } = this.end();
    return problem === undefined ? copy : undefined;
  }

  #passed(bytes: Uint8Array, count: number): number {
    if (this.#problem !== undefined || count === 0) return count;
    this.#copied += count;
    if (this.#copied > this.#room) {
      this.#problem = `longer than the ${this.#room} bytes that are kept on disk (--deep keeps more)`;
      return count;
    }
    try {
      this.#writer.write(bytes.subarray(0, count));
    } catch (error) {
      this.#problem = `it could not be kept on disk (${(error as NodeJS.ErrnoException).code ?? error})`;
    }
    return count;
  }
}
