import type { ObjectType } from './provenance.js';

/**
 * Looks at the bytes of many objects at once, so that a source can pass over those that hold nothing without yielding a
 * unit for each of them.
 */
export interface Screen {
  /** No literal that `suspects` looks for has more bytes. */
  readonly longest: number;
  /** Where in `bytes` something begins that may lead to a match. What it is not told of holds none. */
  suspects(bytes: Uint8Array): readonly number[];
  /** Objects of one type, `bytes` in all, in which nothing was suspect: they count as searched. */
  passed(type: ObjectType, objects: number, bytes: number): void;
}
