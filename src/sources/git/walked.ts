import type { DiagnosticReason } from '../../model/diagnostic.js';
import type { ObjectType } from '../../model/provenance.js';
import type { DeltaLineage } from './lineage.js';

/** One object of a pack. Its bytes are valid until the next one is asked for. */
export interface WalkedObject {
  readonly entry: number;
  readonly type: ObjectType;
  /** Undefined for a base too large to be held: its compressed bytes have to be streamed. */
  readonly bytes: Uint8Array | undefined;
  /** How it came out of the object it is a delta of, where that is in this pack. */
  readonly lineage?: DeltaLineage;
}

/** An entry that could not be read, with what could be had of it. */
export interface WalkFault {
  readonly entry: number;
  readonly type: ObjectType | undefined;
  readonly reason: DiagnosticReason;
  readonly detail: string;
  readonly salvaged?: Uint8Array;
  /** The ID of the object that is missing. */
  readonly missing?: string;
}

/** What the delta of an entry says itself, where what it is built on can't be had. */
export interface WalkedAddition {
  readonly entry: number;
  readonly added: Uint8Array;
}

/** What a walk comes by. */
export type Walked = WalkedObject | WalkFault | WalkedAddition;
