import type { Budget } from '../../model/budget.js';
import type { Screen } from '../../model/screen.js';
import type { ScanState } from '../git/scan-state.js';
import type { Spool } from '../spool.js';
import type { ContainerFormat } from './container-format.js';

/** What expansion needs to know; the same for all of a target. */
export interface ExpansionOptions {
  readonly budget: Budget;
  readonly spool: Spool;
  /** Whether git repositories inside containers are read, and not only their files. */
  readonly history: boolean;
  /** Whether compressed streams are looked for in all opaque bytes; inside containers they always are. */
  readonly deep?: boolean;
  /** Lets objects of a repository in which nothing is to be seen be passed over; inside containers, those of bundles. */
  readonly screen?: Screen;
  /** What earlier runs have scanned of repositories; not used inside containers. */
  readonly state?: ScanState;
  /** Tried on encrypted members. */
  readonly passwords?: readonly string[];
  /** The format of the container that the unit lies in, where it lies in one. */
  readonly inside?: ContainerFormat;
  /** Whether something else may follow right behind the end of what is packed, which is then no damage to it. */
  readonly isFollowed?: boolean;
}

interface Depth {
  readonly deep?: boolean | undefined;
  readonly inside?: ContainerFormat | undefined;
}

/** Whether compressed streams are looked for in opaque bytes. */
export function carves({ deep, inside }: Depth): boolean {
  // What was carved out is not carved again: nothing would end a stream in a stream in a stream.
  return inside !== 'opaque' && (deep === true || inside !== undefined);
}
