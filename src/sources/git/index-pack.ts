import { createHash } from 'node:crypto';
import { orderOfIds } from './id-order.js';
import { moveToKernel } from './kernel-table.js';
import type { ObjectFormat } from './object-format.js';
import { typeOf } from './pack-entry.js';
import { PackIndex } from './pack-index.js';
import type { PackTable } from './pack-table.js';
import { PackWalk } from './pack-walk.js';
import type { ReaderOptions } from './reader-options.js';
import { ScreenKernel } from './screen-kernel.js';
import type { StoredPack } from './stored-pack.js';

const FANOUT = 256;
const FANOUT_AT = 8;
/** Offsets from here on stand in a table of their own. */
const LARGE = 0x80000000;

/**
 * The index of a pack that has none, as `git index-pack` would make it; undefined where the pack is not whole, or large.
 * All objects are made once more than for reading them, and are not counted.
 */
export function indexOf(pack: StoredPack, options: ReaderOptions): PackIndex | undefined {
  const table = pack.table(options.budget.limits.memory);
  if (pack.gaps.length > 0 || table.count !== pack.file.declared || pack.file.end >= LARGE) return undefined;
  const ids = idsOf(pack, table, options);
  return ids && new PackIndex(bytesOf(ids, table, pack.format), pack.format, pack.where);
}

/** The IDs of a pack's objects, in the order of its entries; undefined where one can't be made. */
function idsOf(
  { file, format }: StoredPack,
  table: PackTable,
  { database, kernel, budget }: ReaderOptions,
): Buffer | undefined {
  const own = budget.again();
  const ids = Buffer.alloc(table.count * format.bytes);
  const named = new Uint8Array(table.count);
  const name = (entry: number, id: Uint8Array) => {
    ids.set(id, entry * format.bytes);
    named[entry] = 1;
  };
  // Only those who know names find the bases of deltas that tell them by name.
  const left = table.outside.size > 0 ? undefined : nameInKernel(file, table, own, name);
  if (left === undefined || left.length > 0) {
    const outside = (id: string) => database.readSafely(id);
    const trees = left && { roots: left };
    const walk = new PackWalk(file, table, { kernel, budget: own, outside, unnamed: true, ...trees });
    for (const item of walk.items()) {
      if (!('bytes' in item) || item.bytes === undefined) return undefined;
      name(item.entry, Buffer.from(table.idOf(item.entry)!, 'hex'));
    }
  }
  return named.includes(0) ? undefined : ids;
}

/** Names what a kernel can make; gives the roots of the trees in which it can't make all. */
function nameInKernel(
  file: StoredPack['file'],
  table: PackTable,
  budget: ReaderOptions['budget'],
  name: (entry: number, id: Uint8Array) => void,
): number[] {
  const { memory: largest, ratio, ratioFloor: floor } = budget.limits;
  const { count, format } = table;
  const rules = { largest, ratio, floor, idBytes: format.bytes, marks: [] };
  const kernel = new ScreenKernel(file, { entries: count, objects: 0 }, rules);
  moveToKernel(table, file, kernel);
  const left: number[] = [];
  kernel.made = (entry, type, at, length) => {
    if (at === 0) {
      left.push(entry);
      return;
    }
    // The kernel knows of each tree how much was made of how little.
    budget.expand(length, length);
    const hash = createHash(format.name).update(`${typeOf(type)} ${length}\0`);
    name(entry, hash.update(kernel.memory.subarray(at, at + length)).digest());
  };
  kernel.exports.makeAll(0, count);
  return left;
}

/** An index of version 2 (gitformat-pack) without checksums. */
function bytesOf(ids: Buffer, { count, offset }: PackTable, { bytes }: ObjectFormat): Buffer {
  const names = FANOUT_AT + 4 * FANOUT;
  const offsets = names + count * (bytes + 4);
  const index = Buffer.alloc(offsets + 4 * count + 2 * bytes);
  index.writeUInt32BE(0xff744f63, 0);
  index.writeUInt32BE(2, 4);
  let first = 0;
  orderOfIds(ids, count, bytes).forEach((entry, row) => {
    const id = ids.subarray(entry * bytes, (entry + 1) * bytes);
    for (; first < id[0]!; first++) index.writeUInt32BE(row, FANOUT_AT + 4 * first);
    index.set(id, names + row * bytes);
    index.writeUInt32BE(offset[entry]!, offsets + 4 * row);
  });
  for (; first < FANOUT; first++) index.writeUInt32BE(count, FANOUT_AT + 4 * first);
  return index;
}
