import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf, reasonsOf } from '../collect.js';

const token = orgToken('password');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guardsweep-test-'));
  writeFileSync(join(folder, 'a.log'), `${'line of a log\n'.repeat(50_000)}${token}`);
});

afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['ZipCrypto', ['-tzip', '-mem=ZipCrypto']],
  ['ZipCrypto, stored', ['-tzip', '-mem=ZipCrypto', '-mx=0']],
  ['AES-128', ['-tzip', '-mem=AES128']],
  ['AES-256', ['-tzip', '-mem=AES256']],
  ['7z', ['-t7z']],
  ['7z with hidden names', ['-t7z', '-mhe=on']],
])('%s opens with the right password, and is listed without', async (name, args) => {
  const file = `${name}.bin`;
  execFileSync('7z', ['a', '-bd', '-pswordfish', ...args, file, 'a.log'], { cwd: folder });
  const bytes = readFileSync(join(folder, file));
  const open = await collect(expanding(bytes, { passwords: ['wrong', 'swordfish'] }));
  expect(placesOf(token, open)).toEqual(['a!a.log']);
  expect(open.diagnostics).toEqual([]);
  for (const passwords of [[], ['wrong']]) {
    const shut = await collect(expanding(bytes, { passwords }));
    expect(placesOf(token, shut)).toEqual([]);
    expect(reasonsOf(shut)[0]).toMatch(/^encrypted a/);
  }
});

test('a wrong password that ZipCrypto can not tell from the right one is not called damage', async () => {
  execFileSync('7z', ['a', '-bd', '-pswordfish', '-tzip', '-mem=ZipCrypto', 'one.zip', 'a.log'], {
    cwd: folder,
  });
  const bytes = readFileSync(join(folder, 'one.zip'));
  const details = new Set<string>();
  for (let guess = 0; guess < 4000; guess++) {
    const seen = await collect(expanding(bytes, { passwords: [`guess ${guess}`] }));
    expect(reasonsOf(seen)).toEqual([expect.stringMatching(/^encrypted a/)]);
    for (const { detail } of seen.diagnostics) details.add(detail);
  }
  expect([...details].sort()).toEqual([
    expect.stringMatching(/^a password fits by the one byte/),
    expect.stringMatching(/^the member is encrypted/),
  ]);
});

test('a wrong password that ZipCrypto can not tell from the right one costs nothing', async () => {
  execFileSync('7z', ['a', '-bd', '-pswordfish', '-tzip', '-mem=ZipCrypto', 'many.zip', 'a.log'], {
    cwd: folder,
  });
  const bytes = readFileSync(join(folder, 'many.zip'));
  // One in 256 passes the check of one byte: among these are some.
  const passwords = [...Array.from({ length: 1500 }, (_, index) => `guess ${index}`), 'swordfish'];
  const seen = await collect(expanding(bytes, { passwords }));
  expect(placesOf(token, seen)).toEqual(['a!a.log']);
  expect(seen.diagnostics).toEqual([]);
});
