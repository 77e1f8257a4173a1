import type { ObjectFormat } from './object-format.js';
import { PackIndex } from './pack-index.js';
import { PackWalk } from './pack-walk.js';
import type { ReaderOptions } from './reader-options.js';
import type { StoredPack } from './stored-pack.js';

const FANOUT = 256;
const FANOUT_AT = 8;
/** Offsets from here on stand in a table of their own. */
const LARGE = 0x80000000;

/**
 * The index of a pack that has none, as `git index-pack` would make it; undefined where the pack is not whole, or large.
 * All objects are made once more than for reading them, and are not counted.
 */
export function indexOf(
  pack: StoredPack,
  { database, kernel, budget }: ReaderOptions,
): PackIndex | undefined {
  const table = pack.table(budget.limits.memory);
  if (pack.gaps.length > 0 || table.count !== pack.file.declared || pack.file.end >= LARGE) return undefined;
  const outside = (id: string) => database.readSafely(id);
  const walk = new PackWalk(pack.file, table, { kernel, budget: budget.again(), outside, unnamed: true });
  const rows: { id: Buffer; offset: number }[] = [];
  for (const item of walk.items()) {
    if (!('bytes' in item) || item.bytes === undefined) return undefined;
    rows.push({ id: Buffer.from(table.idOf(item.entry)!, 'hex'), offset: table.offset[item.entry]! });
  }
  rows.sort((a, b) => Buffer.compare(a.id, b.id));
  return new PackIndex(bytesOf(rows, pack.format), pack.format, pack.where);
}

/** An index of version 2 (gitformat-pack) without checksums. */
function bytesOf(rows: readonly { id: Buffer; offset: number }[], { bytes }: ObjectFormat): Buffer {
  const names = FANOUT_AT + 4 * FANOUT;
  const offsets = names + rows.length * (bytes + 4);
  const index = Buffer.alloc(offsets + 4 * rows.length + 2 * bytes);
  index.writeUInt32BE(0xff744f63, 0);
  index.writeUInt32BE(2, 4);
  let first = 0;
  rows.forEach(({ id, offset }, row) => {
    for (; first < id[0]!; first++) index.writeUInt32BE(row, FANOUT_AT + 4 * first);
    index.set(id, names + row * bytes);
    index.writeUInt32BE(offset, offsets + 4 * row);
  });
  for (; first < FANOUT; first++) index.writeUInt32BE(rows.length, FANOUT_AT + 4 * first);
  return index;
}
