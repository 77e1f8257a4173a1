import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { contentOf } from '../../src/takumi/content-encoding.js';

const BODY = Buffer.from('{"tokens":[]}');
const EMPTY = Buffer.alloc(0);
const LIMIT = 1000;

test.each([
  ['', BODY],
  ['identity', BODY],
  [' Identity ', BODY],
  ['gzip', gzipSync(BODY)],
  [' GZip\t', gzipSync(BODY)],
  ['x-gzip', gzipSync(BODY)],
  ['deflate', deflateSync(BODY)],
  ['br', brotliCompressSync(BODY)],
])('%j is read', (encoding, packed) => {
  expect(contentOf(packed, encoding, LIMIT)).toEqual(BODY);
});

test.each(['', 'gzip', 'unknown'])(
  'nothing, in whatever it is said to be packed, is nothing: %j',
  (encoding) => {
    expect(contentOf(EMPTY, encoding, LIMIT)).toEqual(EMPTY);
  },
);

test.each([
  ['an encoding nobody knows', 'zstd', BODY],
  ['what every object has', 'constructor', BODY],
  ['damage', 'gzip', gzipSync(BODY).subarray(0, 12)],
  ['what is not packed', 'gzip', BODY],
  ['another encoding than it says', 'br', gzipSync(BODY)],
])('%s cannot be read', (_name, encoding, packed) => {
  expect(contentOf(packed, encoding, LIMIT)).toBeUndefined();
});

test('no more is unpacked than is allowed', () => {
  expect(contentOf(gzipSync(Buffer.alloc(LIMIT)), 'gzip', LIMIT)).toHaveLength(LIMIT);
  expect(contentOf(gzipSync(Buffer.alloc(LIMIT + 1)), 'gzip', LIMIT)).toBeUndefined();
});
