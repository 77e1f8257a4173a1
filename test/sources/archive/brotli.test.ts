import { brotliCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { buildTar } from '../../../fixtures/archives/tar-builder.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf, reasonsOf } from '../collect.js';

const token = orgToken('brotli');
const text = `${'line of a log\n'.repeat(40_000)}${token}`;

test.each([false, true])('Brotli is read where a name says so (piped: %s)', async (piped) => {
  const seen = await collect(expanding(brotliCompressSync(text), { name: 'app.js.br', piped }));
  expect(seen.units.map(({ path, text: found }) => [path, found.length])).toEqual([
    ['app.js.br!app.js', text.length],
  ]);
  const inside = buildTar([{ name: 'web/app.js.br', data: brotliCompressSync(text) }]);
  expect(placesOf(token, await collect(expanding(inside, { piped })))).toEqual(['a!web/app.js.br!app.js']);
});

test('a tar in Brotli is no volume of a tar that was cut', async () => {
  const packed = brotliCompressSync(buildTar([{ name: 'env', data: Buffer.from(token) }]));
  expect(placesOf(token, await collect(expanding(packed, { name: 'b.tar.br' })))).toEqual(['b.tar.br!env']);
});

test('what only bears the name is searched as it is, and listed', async () => {
  const seen = await collect(expanding(Buffer.from(text), { name: 'a.br' }));
  expect(placesOf(token, seen)).toContain('a.br');
  expect(reasonsOf(seen)).toEqual(['corrupt a.br']);
});

test('a bomb ends at the ratio', async () => {
  const bomb = brotliCompressSync(Buffer.alloc(30_000_000));
  const limits = { ratio: 100, ratioFloor: 1_000_000 };
  expect(reasonsOf(await collect(expanding(bomb, { name: 'a.br', limits })))).toEqual(['budget a.br']);
});
