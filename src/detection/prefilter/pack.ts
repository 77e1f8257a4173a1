import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { IMAGE_BYTES } from './table.js';
import type { Table } from './tables.js';

/** What stands for each literal beside the image: four bytes. */
const FIELDS = ['outers', 'rules', 'groups', 'lengths'] as const;

/** A table as text: base64 of DEFLATE of the image and each field's bytes. */
export function pack(table: Table): string {
  const parts = [table.image, ...FIELDS.map((field) => table[field])];
  return deflateRawSync(Buffer.concat(parts), { level: 9 }).toString('base64');
}

export function unpack(packed: string): Table {
  const bytes = new Uint8Array(inflateRawSync(Buffer.from(packed, 'base64')));
  const count = (bytes.length - IMAGE_BYTES) / FIELDS.length;
  const [outers, rules, groups, lengths] = FIELDS.map((_, index) =>
    bytes.subarray(IMAGE_BYTES + index * count, IMAGE_BYTES + (index + 1) * count),
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  return { image: bytes.subarray(0, IMAGE_BYTES), outers, rules, groups, lengths };
}
