import type { Readable } from 'node:stream';
import { type Diagnostic, diagnostic } from '../../model/diagnostic.js';
import type { FileProvenance, StreamProvenance } from '../../model/provenance.js';
import { reasonOf } from '../disk-access.js';
import type { Followed, FollowedBytes } from './followed.js';

/** What arrives through a pipe, until whoever writes to it closes it. */
export class FollowedStream implements Followed, FollowedBytes {
  readonly name: string;
  readonly where: StreamProvenance;
  readonly from = 0;
  readonly #readable: Readable;
  #chunk: Buffer | undefined;
  #position = 0;
  #ended = false;
  #released = false;
  #fault: Diagnostic | undefined;

  /** @param wake told when there is something to read, or nothing more to come. */
  constructor(readable: Readable, name: string, wake: () => void) {
    this.name = name;
    this.where = { kind: 'stream', name };
    this.#readable = readable;
    readable.on('readable', wake);
    readable.once('end', () => {
      this.#ended = true;
      wake();
    });
    readable.once('error', (error) => {
      this.#fault = diagnostic(this.where, 'unreadable', reasonOf(error));
      this.#ended = true;
      wake();
    });
  }

  get position(): number {
    return this.#position;
  }

  get isOver(): boolean {
    return this.#ended && this.#chunk === undefined;
  }

  look(): readonly FollowedBytes[] {
    return this.#released ? [] : [this];
  }

  read(into: Uint8Array): number {
    this.#chunk ??= this.#readable.read() ?? undefined;
    if (this.#chunk === undefined) return 0;
    const count = Math.min(into.length, this.#chunk.length);
    into.set(this.#chunk.subarray(0, count));
    this.#chunk = count < this.#chunk.length ? this.#chunk.subarray(count) : undefined;
    this.#position += count;
    return count;
  }

  remaining(): number {
    return (this.#chunk?.length ?? 0) + this.#readable.readableLength;
  }

  release(): void {
    this.#released = true;
  }

  unread(): Diagnostic[] {
    return this.#fault === undefined ? [] : [this.#fault];
  }

  placer(): (where: FileProvenance) => FileProvenance {
    return (where) => where;
  }

  close(): void {
    this.#readable.destroy();
  }
}
