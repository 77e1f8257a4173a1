import { deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { buildTar } from '../../../fixtures/archives/tar-builder.js';
import { buildZip } from '../../../fixtures/archives/zip-builder.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf } from '../collect.js';

const token = orgToken('carve');
const text = `${'a line of text, '.repeat(30)}${token}`;
const noise = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919 + (i >> 7) * 31) & 0xff));

test.each([
  ['zlib', deflateSync(text)],
  ['gzip', gzipSync(text)],
])('a %s stream in a binary is found at every kind of place', async (_, packed) => {
  for (const offset of [0, 1, 9000, 256 * 1024 - 5, 256 * 1024 - 600]) {
    const binary = Buffer.concat([
      Buffer.alloc(1),
      noise.subarray(0, offset),
      packed,
      noise.subarray(0, 5000),
    ]);
    const seen = await collect(expanding(buildZip([{ name: 'core', data: binary }])));
    expect(placesOf(token, seen)).toEqual([`a!core!stream at byte ${offset + 1}`]);
  }
});

test('the streams of a PDF are found, through a pipe too', async () => {
  const pdf = Buffer.concat([
    Buffer.from('%PDF-1.7\n1 0 obj <</Filter /FlateDecode>> stream\n'),
    deflateSync(text),
    Buffer.from('\nendstream'),
  ]);
  const seen = await collect(expanding(gzipSync(buildTar([{ name: 'a.pdf', data: pdf }])), { piped: true }));
  expect(placesOf(token, seen)).toEqual(['a!a.pdf!stream at byte 49']);
});

test('bytes outside of archives are carved when asked for', async () => {
  const binary = Buffer.concat([Buffer.alloc(9), deflateSync(text)]);
  expect(placesOf(token, await collect(expanding(binary)))).toEqual([]);
  expect(placesOf(token, await collect(expanding(binary, { deep: true })))).toEqual(['a!stream at byte 9']);
});
