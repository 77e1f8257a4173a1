import type { Budget, BudgetExceeded } from '../../model/budget.js';
import { type Diagnostic, diagnostic } from '../../model/diagnostic.js';
import type { MemberProvenance, Provenance } from '../../model/provenance.js';
import type { Screen } from '../../model/screen.js';
import type { ScanItem, ScanUnit } from '../../model/source.js';
import type { Span } from '../../model/span.js';
import type { Spool } from '../spool.js';
import { type Damage, diagnosticOf } from './decoded-stream.js';
import type { ImageLayer } from './image.js';

/** What the reader of a container says, one after the other. A member may be a container itself; the rest is final. */
export type Found =
  | { readonly type: 'member'; readonly unit: ScanUnit }
  | { readonly type: 'item'; readonly item: ScanItem }
  | { readonly type: 'exceeded'; readonly error: BudgetExceeded; readonly where: Provenance };

/** What every reader works with. The budget is the container's own, and is replaced when a member was a bomb. */
export interface Expansion {
  readonly spool: Spool;
  readonly history: boolean;
  /** Lets objects of a bundle in which nothing is to be seen be passed over. */
  readonly screen?: Screen;
  /** Tried on what is encrypted. */
  readonly passwords: readonly string[];
  readonly budget: Budget;
  /** What was unpacked already between the container as a report names it and the bytes that are read: a packed tar is one. */
  readonly around: readonly string[];
  /** The layer of an image that the container may be. */
  readonly layer: ImageLayer | undefined;
  /** Whether what follows its end may be something else, and no damage. */
  readonly mayTrail: boolean;
}

/** How values of a column are packed that were set off from each other, before what else packs them: a report counts in those. */
export const COLUMN = 'column';

/** @param span of its bytes, as `MemberProvenance` has it. */
export function placeIn(
  container: Provenance,
  path: string,
  formats: readonly string[],
  span?: Span,
): MemberProvenance {
  return { kind: 'member', container, path, formats, ...(span === undefined ? {} : { span }) };
}

/** The same place, which knows its layer. That is asked when a report is made: until all was read, nobody knows what becomes of it. */
export function inLayer(
  place: MemberProvenance,
  layer: ImageLayer | undefined,
  path: string,
): MemberProvenance {
  if (layer === undefined) return place;
  return Object.defineProperty(place, 'layer', { enumerable: true, get: () => layer.placeOf(path) });
}

export function member(unit: ScanUnit): Found {
  return { type: 'member', unit };
}

export function item(found: ScanItem): Found {
  return { type: 'item', item: found };
}

export function missed(where: Provenance, reason: Diagnostic['reason'], detail: string): Found {
  return item(diagnostic(where, reason, detail));
}

/** What a decoded stream ended with, as something to report. */
export function faultFound(where: Provenance, fault: Damage | BudgetExceeded): Found {
  return 'at' in fault ? item(diagnosticOf(where, fault)) : { type: 'exceeded', error: fault, where };
}

/** Text that a container keeps beside the bytes: names, link targets, comments. */
export function names(where: Provenance, text: Uint8Array): Found {
  return item({ type: 'unit', provenance: where, content: text, aspect: 'name' });
}

/** No secret worth the name is shorter; most names are, and need not be searched. */
export const SHORTEST_NAME = 16;
