/** One of `of` parts that threads divide a source into; the parts are disjoint, and together they are all of it. */
export interface Share {
  /** From 0. */
  readonly index: number;
  readonly of: number;
}

/** Whether a thing that this name names is part of the share. Every thread answers alike, whatever else it sees. */
export function takes(share: Share | undefined, name: string): boolean {
  if (share === undefined || share.of === 1) return true;
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return (hash >>> 8) % share.of === share.index;
}
