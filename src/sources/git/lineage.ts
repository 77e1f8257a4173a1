import type { CopiedPiece, Lineage } from '../../model/source.js';
import type { Span } from '../../model/span.js';
import { copiedPieces } from './delta.js';

/** How an object came out of its base. Valid as long as the content is: until the next object is asked for. */
export class DeltaLineage implements Lineage {
  readonly fresh: readonly Span[];
  readonly #base: () => string;
  readonly #delta: () => Uint8Array;

  constructor(fresh: readonly Span[], base: () => string, delta: () => Uint8Array) {
    this.fresh = fresh;
    this.#base = base;
    this.#delta = delta;
  }

  get base(): string {
    return this.#base();
  }

  copies(): Iterable<CopiedPiece> {
    return copiedPieces(this.#delta());
  }
}
