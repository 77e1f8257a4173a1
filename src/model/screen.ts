import type { ObjectType, Provenance } from './provenance.js';
import type { Attributor } from './source.js';

/**
 * Looks at the bytes of objects and small files, so that a source can pass over those that hold nothing without yielding a
 * unit for each of them.
 */
export interface Screen {
  /** No literal that `suspects` looks for has more bytes. */
  readonly longest: number;
  /** Where in `bytes` something begins that may lead to a match. What it is not told of holds none. */
  suspects(bytes: Uint8Array): readonly number[];
  /** What `kernels/search.ts` looks for, where it runs: in what it passes over `suspects` finds nothing. */
  readonly image?: Uint8Array | undefined;
  /** Where files can be read to in bulk; valid until anything else is searched. */
  readonly room: Uint8Array;
  /** What {@link suspects} would say of the first `length` bytes of the room. */
  suspectsInRoom(length: number): readonly number[];
  /** Objects of one type, or files, `bytes` in all, in which nothing was suspect: they count as searched. */
  passed(type: ObjectType | 'file', count: number, bytes: number): void;
  /** A repository that several threads read: who can say where its objects lie, once all of them are done. */
  attributable(repository: Provenance, attributor: Attributor): void;
}
