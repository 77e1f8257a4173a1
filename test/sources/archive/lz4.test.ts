import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { type Lz4Options, lz4 } from '../../../fixtures/archives/lz4-builder.js';
import { buildTar } from '../../../fixtures/archives/tar-builder.js';
import { XxHash32 } from '../../../src/sources/archive/xxhash.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf, reasonsOf } from '../collect.js';

const token = orgToken('lz4');
const log = Array.from({ length: 60_000 }, (_, line) => `${line * 7919} GET /${(line * 31) % 997}\n`).join(
  '',
);
const text = `${log}${token}\n`;
const available = spawnSync('lz4', ['--version']).status === 0;

test('XXH32 as its specification has it', () => {
  expect(new XxHash32().digest()).toBe(0x02cc5d05);
  const whole = new XxHash32().update(Buffer.from('Nobody inspects the spammish repetition')).digest();
  expect(whole).toBe(0xe2293b2f);
  const parts = new XxHash32();
  for (const part of ['Nobody in', '', 'spects the spammish repeti', 'tion']) parts.update(Buffer.from(part));
  expect(parts.digest()).toBe(whole);
});

/** Options of the builder, and of the program that means the same by them. */
const WAYS: readonly (readonly [string, Lz4Options, readonly string[]])[] = [
  ['plain', {}, []],
  ['linked blocks', { linked: true, blockSize: 4 }, ['-BD', '-B4']],
  ['block checksums', { blockChecksums: true, blockSize: 5 }, ['-BX', '-B5']],
  ['with its size', { contentSize: true }, ['--content-size']],
  ['without checksum', { contentChecksum: false }, ['--no-frame-crc']],
  ['the old format', { legacy: true }, ['-l']],
];

test.each(WAYS)('%s', async (_, options) => {
  await isRead(lz4(text, options));
});

describe.skipIf(!available)(
  `what lz4 itself writes${available ? '' : ' (skipped: there is no lz4 here)'}`,
  () => {
    test.each([...WAYS, ['high compression', {}, ['-9']] as const])('%s', async (_, __, args) => {
      await isRead(spawnSync('lz4', [...args, '-c'], { input: text, maxBuffer: 1e8 }).stdout);
    });
  },
);

test('several frames, and frames that are to be skipped, are one content', async () => {
  const hidden = Buffer.from(`hidden ${token}`);
  const skippable = Buffer.concat([Buffer.from([0x53, 0x2a, 0x4d, 0x18, hidden.length, 0, 0, 0]), hidden]);
  const file = Buffer.concat([skippable, lz4(log), lz4(text, { linked: true }), lz4('x', { legacy: true })]);
  const seen = await collect(expanding(file, { piped: true }));
  expect(placesOf(token, seen)).toEqual(['a!content', 'name:a']);
  expect(seen.units[0]!.text).toBe(`${log}${text}x`);
  expect(seen.diagnostics).toEqual([]);
});

test('a tar in it is one archive', async () => {
  const seen = await collect(
    expanding(lz4(buildTar([{ name: '.npmrc', data: text }])), { name: 'a.tar.lz4' }),
  );
  expect(placesOf(token, seen)).toEqual(['a.tar.lz4!.npmrc']);
});

test('what comes before damage is read, and the damage is listed', async () => {
  const whole = lz4(text, { blockSize: 4 });
  const cut = await collect(expanding(whole.subarray(0, whole.length - 3000)));
  expect(reasonsOf(cut)).toEqual(['corrupt a']);
  expect(cut.units[0]!.text.length).toBeGreaterThan(text.length / 2);
  const flipped = Buffer.from(whole);
  flipped[whole.length - 2]! ^= 1;
  const seen = await collect(expanding(flipped));
  expect(placesOf(token, seen)).toEqual(['a!content']);
  expect(reasonsOf(seen)).toEqual(['corrupt a']);
});

test('a bomb ends at the ratio', async () => {
  const bomb = lz4(Buffer.alloc(30_000_000));
  const seen = await collect(expanding(bomb, { limits: { ratio: 100, ratioFloor: 1_000_000 } }));
  expect(reasonsOf(seen)).toEqual(['budget a']);
});

/** As one content, whether it comes as a file or through a pipe. */
async function isRead(packed: Buffer): Promise<void> {
  for (const piped of [false, true]) {
    const seen = await collect(expanding(packed, { name: 'app.log.lz4', piped }));
    expect(seen.units.map(({ path, text: found }) => [path, found === text])).toEqual([
      ['app.log.lz4!app.log', true],
    ]);
    expect(seen.diagnostics).toEqual([]);
  }
}
