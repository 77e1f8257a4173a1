import type { Span } from './span.js';

/** One of `of` parts that threads divide a source into; the parts are disjoint, and together they are all of it. */
export interface Share {
  /** From 0. */
  readonly index: number;
  readonly of: number;
  /** Where threads see what the others have taken already, of things that are divided while they work. */
  readonly board?: SharedArrayBuffer;
  /** Where threads see which folders are still to be read. */
  readonly work?: SharedArrayBuffer;
  /** This is the share of a thread that died: what it had taken is searched again. */
  readonly again?: boolean;
  /** Files too long for one thread. */
  readonly divided?: Divided;
}

/** Files whose bytes are divided among the threads, by their path, with the length that all of them go by. */
export interface Divided {
  readonly lengths: ReadonlyMap<string, number>;
  /** How far before and behind its part each thread must see. */
  readonly overlap: { readonly before: number; readonly after: number };
}

/** A part of something longer, in offsets: what is read, and from where on it counts as this part's. */
export interface Part {
  readonly read: Span;
  readonly from: number;
  readonly isLast: boolean;
}

/** Whether a thing that this name names is part of the share. Every thread answers alike, whatever else it sees. */
export function takes(share: Share | undefined, name: string): boolean {
  if (share === undefined || share.of === 1) return true;
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return (hash >>> 8) % share.of === share.index;
}

/** The first thread begins while the others still start: so much it has read by then. */
const HEAD_START = 128 * 1024 * 1024;

/** The part of a divided file that is the share's; nothing where the file is not divided. */
export function partOf(share: Share | undefined, path: string): Part | undefined {
  const length = share?.divided?.lengths.get(path);
  if (share?.divided === undefined || length === undefined) return undefined;
  const { before, after } = share.divided.overlap;
  const ahead = Math.min(HEAD_START, length / 4);
  const edge = (index: number) =>
    index === 0 ? 0 : Math.floor((ahead + ((length - ahead) * index) / share.of) / 4096) * 4096;
  const from = edge(share.index);
  const isLast = share.index === share.of - 1;
  const end = isLast ? Number.POSITIVE_INFINITY : edge(share.index + 1) + after;
  return { read: { start: Math.max(0, from - before), end }, from, isLast };
}
