import type { Diagnostic } from '../../model/diagnostic.js';
import type { FileProvenance, StreamProvenance } from '../../model/provenance.js';

/** Bytes that grow: one file that stands or stood under a log's path, or a stream. */
export interface FollowedBytes {
  readonly where: FileProvenance | StreamProvenance;
  /** What ends at or before this offset was there before anybody asked; it is read, for the line numbers, and not told. */
  readonly from: number;
  /** The offset of the next byte. */
  readonly position: number;
  /** Reads the next bytes; 0 when there are none for now. What fails is tried again by the next call. */
  read(into: Uint8Array): number;
  /** How many bytes there are to read at this moment, as far as can be told. */
  remaining(): number;
  /** Nothing more comes once `read` has given 0. */
  readonly isOver: boolean;
}

/** Something that is followed: a log by its path, over all rotations, or a stream. */
export interface Followed {
  /** What people call it. */
  readonly name: string;
  /** Looks at what became of it, and gives what there is to read, in order: each to its end before the next. */
  look(): readonly FollowedBytes[];
  /** The last byte of something that is over was taken. */
  release(bytes: FollowedBytes): void;
  /** Nothing will ever come any more. */
  readonly isOver: boolean;
  /** What was not read: for good, or until now. */
  unread(): Diagnostic[];
  /** The places of a report: which file of that name it was, where there were several, and where it lies now. */
  placer(): (where: FileProvenance) => FileProvenance;
  close(): void;
}

/** What is worth saying while a log is followed. */
export interface FollowNotes {
  say(text: string): void;
  /** For who wants to know more. */
  detail(text: string): void;
}
