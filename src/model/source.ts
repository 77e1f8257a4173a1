import type { Diagnostic } from './diagnostic.js';
import type { Provenance } from './provenance.js';
import type { Part } from './share.js';
import type { Span } from './span.js';

/** Something that yields bytes to search, and says what it could not read. */
export interface Source {
  units(): AsyncIterable<ScanItem>;
  /** Frees what is kept for the attributors of the units; called after attribution. */
  close?(): void;
}

export type ScanItem = ScanUnit | Diagnostic;

/**
 * One thing to search. Its content is valid until the next item is asked for: the consumer reads it (or closes it)
 * first. Content that was not read is skipped by the source.
 */
export interface ScanUnit {
  readonly type: 'unit';
  readonly provenance: Provenance;
  readonly content: Uint8Array | ByteStream;
  /** The content is what a container or a folder says of the thing (its name, a link's target), not the thing's bytes. */
  readonly aspect?: 'name';
  /** The content is only this part of the thing; other threads have the others. */
  readonly part?: Part;
  /** Present where most of the content was copied from a thing that this source has yielded before. */
  readonly lineage?: Lineage;
  /** Present for what was read from a git database: says later, and only if asked, which commits hold it. */
  readonly attributor?: Attributor;
}

/**
 * How content came out of a base that was yielded before it, by the same source. A match that no byte of `fresh` touches
 * was a match in the base: who remembers those needs to search only around what is fresh.
 */
export interface Lineage {
  /** The object ID of the base. */
  readonly base: string;
  /** What no single copy brought along, in order; an empty span where two copies meet. All else is copied. */
  readonly fresh: readonly Span[];
  /** The pieces copied from the base. Valid as long as the content is. */
  copies(): Iterable<CopiedPiece>;
}

/** `length` bytes at `from` in the base that stand at `to` in the content. */
export interface CopiedPiece {
  readonly from: number;
  readonly to: number;
  readonly length: number;
}

/**
 * Bytes, front to back. `read` fills some of `into` and gives the count, 0 at the end; it answers at once where it can
 * and with a promise where it must. A failure in the middle rejects with {@link SourceFault}.
 */
export interface ByteStream {
  read(into: Uint8Array): number | Promise<number>;
  close(): void;
  /** A fresh stream over the same bytes, where the source can give one. */
  reopen?(): ByteStream;
}

/** Turns the provenance of git objects into commits, paths and dates. Costs a walk of the commits: call it once, with all. */
export interface Attributor {
  /** Whether other threads read the same repository: one of them asks, for all that was found. */
  readonly shared?: boolean;
  /**
   * @param objects IDs (hex) of objects that this attributor's units came from.
   * @returns for each ID the places that hold it; an ID that is absent keeps the provenance it has.
   */
  attribute(objects: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly Provenance[]>>;
}

/** Reading failed part of the way: what was read so far counts, and the diagnostic says what is missing. */
export class SourceFault extends Error {
  override readonly name = 'SourceFault';
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic, options?: ErrorOptions) {
    super(diagnostic.detail, options);
    this.diagnostic = diagnostic;
  }
}
