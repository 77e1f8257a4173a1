import { expect, test } from 'vitest';
import { sevenZip } from '../../../fixtures/archives/seven-zip.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf, reasonsOf } from '../collect.js';

const token = orgToken('password');
const files = { 'a.log': `${'line of a log\n'.repeat(50_000)}${token}` };

test.each([
  ['ZipCrypto', 'zip', ['-mem=ZipCrypto']],
  ['ZipCrypto, stored', 'zip', ['-mem=ZipCrypto', '-mx=0']],
  ['AES-128', 'zip', ['-mem=AES128']],
  ['AES-256', 'zip', ['-mem=AES256']],
  ['7z', '7z', []],
  ['7z with hidden names', '7z', ['-mhe=on']],
])('%s opens with the right password, and is listed without', async (_, type, args) => {
  const bytes = await sevenZip(files, { type, args: ['-pswordfish', ...args] });
  const open = await collect(expanding(bytes, { passwords: ['wrong', 'swordfish'] }));
  expect(placesOf(token, open)).toEqual(['a!a.log']);
  expect(open.diagnostics).toEqual([]);
  for (const passwords of [[], ['wrong']]) {
    const shut = await collect(expanding(bytes, { passwords }));
    expect(placesOf(token, shut)).toEqual([]);
    expect(reasonsOf(shut)[0]).toMatch(/^encrypted a/);
  }
});

test('a wrong password that ZipCrypto cannot tell from the right one is not called damage', async () => {
  const bytes = await sevenZip(files, { type: 'zip', args: ['-pswordfish', '-mem=ZipCrypto'] });
  const details = new Set<string>();
  for (let guess = 0; guess < 4000; guess++) {
    const seen = await collect(expanding(bytes, { passwords: [`guess ${guess}`] }));
    expect(reasonsOf(seen)).toEqual([expect.stringMatching(/^encrypted a/)]);
    for (const { detail } of seen.diagnostics) details.add(detail);
  }
  expect([...details].sort()).toEqual([
    expect.stringMatching(/^a password passes the one-byte check/),
    expect.stringMatching(/^the member is encrypted/),
  ]);
});

test.each(['Deflate', 'BZip2', 'LZMA', 'PPMd'])(
  'a wrong password that ZipCrypto cannot tell from the right one costs nothing: %s',
  async (method) => {
    const args = ['-pswordfish', '-mem=ZipCrypto', `-mm=${method}`];
    const bytes = await sevenZip(
      { 'a.log': `${'line of a log\n'.repeat(500)}${token}` },
      { type: 'zip', args },
    );
    // One in 256 passes the check of one byte: among these are some.
    const passwords = [...Array.from({ length: 1500 }, (_, index) => `guess ${index}`), 'swordfish'];
    const seen = await collect(expanding(bytes, { passwords }));
    expect(placesOf(token, seen)).toEqual(['a!a.log']);
    expect(seen.diagnostics).toEqual([]);
  },
);
