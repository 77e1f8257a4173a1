import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { generator } from '../../../fixtures/archives/mutate.js';
import { buildCompress, type CompressOptions } from '../../../fixtures/archives/rare.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf, reasonsOf } from '../collect.js';

const token = orgToken('compress');
const available = spawnSync('compress', ['-V']).error === undefined;

/** Text, noise, and long repetitions: strings of one byte and of thousands, dictionaries that fill up. */
function mixture(seed: number, length: number): Buffer {
  const random = generator(seed);
  const parts: Buffer[] = [];
  for (let made = 0; made < length; made += parts.at(-1)!.length) {
    const size = 1 + random(20_000);
    const kind = random(4);
    if (kind === 0) parts.push(Buffer.from(Array.from({ length: size }, () => random(256))));
    else if (kind === 1) parts.push(Buffer.alloc(size, random(256)));
    else if (kind === 2) parts.push(Buffer.from(Array.from({ length: size }, () => 97 + random(3))));
    else parts.push(Buffer.from(`${token} GET /${random(99)}\n`.repeat(1 + random(300))));
  }
  return Buffer.concat(parts);
}

async function isRead(packed: Buffer, content: Buffer): Promise<void> {
  for (const piped of [false, true]) {
    const seen = await collect(expanding(packed, { piped, chunk: 997 }));
    expect(seen.diagnostics).toEqual([]);
    expect(seen.units[0]!.path).toBe('a!content');
    expect(Buffer.from(seen.units[0]!.text, 'latin1').equals(content)).toBe(true);
  }
}

const WAYS: readonly (readonly [string, CompressOptions])[] = [
  ...[10, 11, 12, 13, 14, 15, 16].map((mostBits) => [`codes of ${mostBits} bits`, { mostBits }] as const),
  ['a dictionary that is emptied now and then', { clearEvery: 5000 }],
  ['one that is emptied all the time, in any place of a group', { clearEvery: 3 }],
  ['no code that empties it', { clearEvery: 0 }],
];

test.each(WAYS)('%s', async (_, options) => {
  for (let seed = 0; seed < 3; seed++) {
    const content = mixture(seed, 400_000);
    await isRead(buildCompress(content, options), content);
  }
});

test('nothing, a byte, and one byte over and over', async () => {
  for (const content of [Buffer.alloc(1, 65), Buffer.alloc(3_000_000, 65)])
    await isRead(buildCompress(content), content);
  const seen = await collect(expanding(buildCompress('')));
  expect(seen.units.map(({ text }) => text)).toEqual(['']);
});

describe.skipIf(!available)(
  `what compress itself writes${available ? '' : ' (skipped: there is no compress here)'}`,
  () => {
    test.each([10, 12, 14, 16])('%s bits', async (most) => {
      const content = mixture(most, 3_000_000);
      const args = ['-f', '-c', '-b', String(most)];
      await isRead(spawnSync('compress', args, { input: content, maxBuffer: 1e8 }).stdout, content);
    });
  },
);

test('a code that stands for nothing is damage; what came before is searched', async () => {
  const packed = buildCompress(`key=${token}\n${'x'.repeat(50)}`);
  const seen = await collect(expanding(Buffer.concat([packed, Buffer.alloc(40, 0xff)])));
  expect(placesOf(token, seen)).toEqual(['a!content']);
  expect(reasonsOf(seen)).toEqual(['corrupt a']);
  expect(seen.diagnostics[0]!.detail).toMatch(/at byte \d+/);
});

test('one in another, and many one after the other, need few kernels', async () => {
  let nested: Buffer = Buffer.from(`key=${token}\n`);
  for (let depth = 0; depth < 8; depth++) nested = buildCompress(nested);
  expect(placesOf(token, await collect(expanding(nested)))).toHaveLength(1);
  const packed = buildCompress(`key=${token}\n`);
  for (let round = 0; round < 2000; round++) {
    const seen = await collect(expanding(packed));
    expect(seen.units[0]!.text).toContain(token);
  }
});

test('a bomb is bounded', async () => {
  const limits = { ratio: 50, ratioFloor: 1_000_000 };
  const seen = await collect(expanding(buildCompress(Buffer.alloc(20_000_000)), { limits }));
  expect(reasonsOf(seen).filter((reason) => reason.startsWith('budget'))).toHaveLength(1);
  expect(seen.units.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(3_000_000);
});
