import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { avroText, buildAvro, buildParquet, parquetTexts } from '../../../fixtures/archives/block-builder.js';
import { zstd } from '../../../fixtures/archives/zstd-encoder.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding } from '../collect.js';

const token = orgToken('columns');
// Values with nothing between them, so that the next one would be taken for more of the token; of which one begins as another.
const other = orgToken('columns, too');
const texts = ['tg_org_ begins them', `key=${token}`, other, 'row4', '', `${other.slice(0, 20)}and more`];

describe('texts of Avro end where its schema says', () => {
  const schema = {
    type: 'record',
    name: 'a.Row',
    fields: [
      { name: 'id', type: 'long' },
      { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['A', 'B'] } },
      { name: 'key', type: ['null', 'string'] },
      { name: 'digest', type: { type: 'fixed', name: 'Digest', size: 3 } },
      { name: 'labels', type: { type: 'map', values: { type: 'array', items: 'string' } } },
      { name: 'next', type: ['null', 'a.Row'] },
      { name: 'again', type: ['null', 'Digest'] },
      { name: 'owner', type: 'string' },
    ],
  };
  // Numbers of two bytes and one; of a map, a block of one entry whose size is told, with a list of two.
  const row = Buffer.concat([
    Buffer.from([0x84, 0x01, 2, 2]),
    avroText(token),
    Buffer.from('abc'),
    Buffer.from([1, 2]),
    avroText('x'),
    Buffer.from([4]),
    avroText(other),
    avroText('row3'),
    Buffer.from([0, 0, 0, 2]),
    Buffer.from('xyz'),
    avroText('owner'),
  ]);
  const rows = Buffer.concat([row, row]);
  const build = (codec: string, block: Buffer, of: unknown = schema) =>
    buildAvro(codec, [block], { schema: JSON.stringify(of), count: 2 });

  test.each([
    ['as they are', build('null', rows)],
    ['DEFLATE', build('deflate', deflateRawSync(rows))],
    ['Zstandard', build('zstandard', zstd(rows))],
  ])('%s', async (_, file) => {
    const seen = await collect(expanding(file));
    const [block] = seen.units.filter(({ path }) => path.includes('block at byte'));
    expect(block?.text.match(/\w{4,}/g)).toEqual([
      token,
      other,
      'row3',
      'owner',
      token,
      other,
      'row3',
      'owner',
    ]);
    // Nothing has moved.
    expect(block?.text.indexOf(token)).toBe(rows.indexOf(token));
    expect(block?.text.length).toBe(rows.length);
    expect(seen.diagnostics).toEqual([]);
  });

  test.each([
    ['does not fit', { type: 'record', name: 'R', fields: [{ name: 'a', type: 'string' }] }],
    ['is not known', { type: 'record', name: 'R', fields: [{ name: 'a', type: 'decimal' }] }],
    ['has no end', { type: 'record', name: 'R', fields: [{ name: 'a', type: 'R' }] }],
    ['is none', 'string'],
  ])('a schema that %s hides nothing', async (_, wrong) => {
    const seen = await collect(expanding(build('deflate', deflateRawSync(rows), wrong)));
    const [block] = seen.units.filter(({ path }) => path.includes('block at byte'));
    expect(block?.text).toBe(rows.toString('latin1'));
  });
});

describe('texts of Parquet end where their lengths say', () => {
  const lines = texts.map((text) => `${text}\n`).join('');
  const levels = Buffer.concat([Buffer.from([2, 0, 0, 0]), Buffer.from([0x0c, 1])]);

  test.each([
    ['lengths first', 6, parquetTexts(texts, false)],
    ['what they share first', 7, parquetTexts(texts, true)],
    ['behind levels', 6, Buffer.concat([levels, parquetTexts(texts, false)])],
    ['behind two kinds of them', 7, Buffer.concat([levels, levels, parquetTexts(texts, true)])],
  ])('%s', async (_, encoding, page) => {
    for (const [codec, packed] of [
      [0, page],
      [6, zstd(page)],
      [2, gzipSync(page)],
    ] as const) {
      const file = buildParquet(codec, [{ packed, size: page.length, encoding }]);
      const seen = await collect(expanding(file));
      const blocks = seen.units.filter(({ path }) => path.includes('block at byte'));
      expect(blocks.map(({ text }) => text)).toEqual([lines]);
      expect(seen.diagnostics).toEqual([]);
    }
  });

  test('what does not hold together is read as it is', async () => {
    for (const encoding of [6, 7]) {
      const page = Buffer.concat([parquetTexts(texts, encoding === 7), Buffer.from(token)]);
      const seen = await collect(
        expanding(buildParquet(2, [{ packed: gzipSync(page), size: page.length, encoding }])),
      );
      const blocks = seen.units.filter(({ path }) => path.includes('block at byte'));
      expect(blocks.map(({ text }) => text)).toEqual([page.toString('latin1')]);
    }
  });
});
