import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { buildAsar, buildTable, snappyBlock } from '../../../fixtures/archives/block-builder.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf } from '../collect.js';

const token = orgToken('crafted');
const CAPTURE = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');
const xzHeader = Buffer.from('fd377a585a000004e6d6b446', 'hex');

/** Each costs hours where what it claims is tried out. */
const CRAFTED: Readonly<Record<string, () => Buffer>> = {
  'frames that begin in each other and never end': () =>
    Buffer.concat([CAPTURE, repeated(Buffer.from('48000028b52ffd0058000000', 'hex'), 60_000)]),
  'streams of xz without an end': () => Buffer.concat([CAPTURE, repeated(xzHeader, 20_000)]),
  'strings of Redis in each other': () =>
    Buffer.concat([
      Buffer.from('REDIS0011'),
      repeated(Buffer.from(`1f${'c380000fffff8000200000'.repeat(3).slice(0, 64)}`, 'hex'), 100_000),
    ]),
  'a block that a table names again and again': () => {
    const table = buildTable(1, [snappyBlock('a'.repeat(100_000)), ...Array(200).fill(Buffer.alloc(0))]);
    return pointedAtFirst(table);
  },
  'files of an asar that are all the same bytes': () => {
    const files = Array.from({ length: 100 }, (_, number) => [`${number}`, Buffer.alloc(999)] as const);
    const text = buildAsar(Object.fromEntries(files)).toString('latin1');
    const same = text.replaceAll(/(?<="offset":")\d+/g, (digits) => '0'.repeat(digits.length));
    return Buffer.from(same.slice(0, -99 * 999), 'latin1');
  },
  'a footer of Parquet made of empty structures': () => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(6 + 4_000_000);
    return Buffer.concat([
      Buffer.from('PAR1\x15'),
      Buffer.from('49fcffffff7f', 'hex'),
      Buffer.alloc(4_000_000),
      length,
      Buffer.from('PAR1'),
    ]);
  },
};

test.each(Object.entries(CRAFTED))(
  '%s',
  async (_, make) => {
    const seen = await collect(expanding(make()));
    expect(seen.diagnostics.length).toBeGreaterThan(0);
  },
  20_000,
);

test('what stands behind crafted frames is still found', async () => {
  const crafted = repeated(Buffer.from('48000028b52ffd0058000000', 'hex'), 60_000);
  const stream = deflateSync(`${'some words '.repeat(20)}${token}`);
  const seen = await collect(expanding(Buffer.concat([CAPTURE, crafted, stream])));
  expect(placesOf(token, seen)).toEqual([`a!stream at byte ${CAPTURE.length + crafted.length}`]);
});

function repeated(bytes: Buffer, times: number): Buffer {
  return Buffer.alloc(bytes.length * times, bytes);
}

/** The handles of a table, behind its blocks, made those of the first. */
function pointedAtFirst(table: Buffer): Buffer {
  const first = table.indexOf('k0') + 2;
  const handle = table.subarray(first, table.indexOf(Buffer.from([0, 2]), first));
  const index = Buffer.concat(
    Array.from({ length: 200 }, () =>
      Buffer.concat([Buffer.from([0, 2, handle.length]), Buffer.from('kk'), handle]),
    ),
  );
  const end = Buffer.from([0, 0, 0, 0, 1, 0, 0, 0]);
  const start = first - 5;
  const varint = (value: number) =>
    Buffer.from([(value & 127) | 128, ((value >> 7) & 127) | 128, value >> 14]);
  const footer = Buffer.alloc(48);
  Buffer.concat([Buffer.from([0, 0]), varint(start), varint(index.length + end.length)]).copy(footer);
  footer.write('57fb808b247547db', 40, 'hex');
  return Buffer.concat([table.subarray(0, start), index, end, Buffer.alloc(5), footer]);
}
