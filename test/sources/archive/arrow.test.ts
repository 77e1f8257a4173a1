import { expect, test } from 'vitest';
import {
  buildArrowFile,
  buildArrowStream,
  columnOf,
  packedBuffer,
} from '../../../fixtures/archives/arrow-builder.js';
import { lz4 } from '../../../fixtures/archives/lz4-builder.js';
import { buildZip } from '../../../fixtures/archives/zip-builder.js';
import { zstd } from '../../../fixtures/archives/zstd-encoder.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, reasonsOf } from '../collect.js';

const token = orgToken('arrow');
// Nothing stands between the values: the next one would be taken for more of the token.
const texts = ['tg_org_ begins them', `key=${token}`, 'row3', '', 'row5'];
const validity = Buffer.from([0x1f]);
const numbers = Buffer.from(Int32Array.from([3, 1, 4, 1, 5]).buffer);
const buffersOf = (width = 4) => [validity, numbers, validity, ...columnOf(texts, width)];
const packed = (pack: (content: Buffer) => Buffer) => buffersOf().map((buffer) => packedBuffer(buffer, pack));
const asTheyAre = packed((content) => content).map((buffer) => {
  buffer.fill(0xff, 0, 8);
  return buffer;
});

test.each([
  ['a file', buildArrowFile(buffersOf())],
  ['a stream', buildArrowStream(buffersOf())],
  ['long offsets', buildArrowStream(buffersOf(8))],
  [
    'LZ4',
    buildArrowFile(
      packed((content) => lz4(content)),
      0,
    ),
  ],
  [
    'Zstandard',
    buildArrowStream(
      packed((content) => zstd(content)),
      1,
    ),
  ],
  ['packed where that made nothing longer', buildArrowStream(asTheyAre, 1)],
])('a value ends where its column says: %s', async (_, file) => {
  for (const data of [file, buildZip([{ name: 'in', data: file, method: 8 }])]) {
    for (const piped of [false, true]) {
      const seen = await collect(expanding(data, { piped }));
      const columns = seen.units.filter(({ path }) => path.includes('column at byte'));
      expect(columns.map(({ text }) => text)).toContain(texts.map((text) => `${text}\n`).join(''));
      expect(seen.diagnostics).toEqual([]);
    }
  }
});

test('what is too long to be unpacked, damaged, or claimed twice is listed', async () => {
  const file = buildArrowFile(
    packed((content) => zstd(content)),
    1,
  );
  expect(reasonsOf(await collect(expanding(file, { limits: { memory: 100 } })))).toEqual(['budget a']);
  const wrong = packed((content) => zstd(content.subarray(1)));
  expect(reasonsOf(await collect(expanding(buildArrowFile(wrong, 1))))).toContain('budget a');
});

test('whatever is damaged or cut off, the rest is searched', async () => {
  const file = buildArrowFile(
    packed((content) => lz4(content)),
    0,
  );
  for (let at = 8; at < file.length; at += 61) {
    const damaged = Buffer.from(file);
    damaged[at]! ^= 0xff;
    for (const bytes of [damaged, file.subarray(0, at)])
      expect((await collect(expanding(bytes))).units.length).toBeGreaterThan(0);
  }
});
