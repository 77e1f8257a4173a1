import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { buildLzop, packLzo } from '../../../fixtures/archives/lzo-builder.js';
import { generator } from '../../../fixtures/archives/mutate.js';
import { unpackLzo } from '../../../src/sources/archive/lzo.js';
import { orgToken } from '../../support/tokens.js';
import { lacking } from '../../support/tools.js';
import { collect, expanding, placesOf, reasonsOf } from '../collect.js';

const token = orgToken('lzo');

/** Noise that comes again soon, later and very late, in short pieces and long ones. */
function mixture(seed: number, length: number): Buffer {
  const random = generator(seed);
  const bytes = Buffer.alloc(length);
  for (let made = 0; made < length; ) {
    const from = random(made + 1);
    const isNew = random(3) === 0 || from === made;
    const size = 1 + (isNew ? random(700) : random(9) ** 3);
    const distance = made - from;
    for (const end = Math.min(made + size, length); made < end; made++)
      bytes[made] = isNew ? random(256) : bytes[made - distance]!;
  }
  return bytes;
}

test('blocks with every kind of instruction come out as they went in', () => {
  for (let seed = 0; seed < 150; seed++) {
    const content = mixture(seed, seed < 140 ? seed * 40 : 90_000);
    const unpacked = unpackLzo(packLzo(content), content.length);
    expect([unpacked.problem, content.equals(unpacked.content)], `${seed}`).toEqual([undefined, true]);
  }
});

test('a block that was cut gives what it holds, and no more than was promised', () => {
  const content = mixture(7, 3000);
  const packed = packLzo(content);
  for (let end = 0; end < packed.length; end += 7) {
    const cut = unpackLzo(packed.subarray(0, end), content.length);
    expect(cut.problem).toBeDefined();
    expect(content.subarray(0, cut.content.length).equals(cut.content), `${end}`).toBe(true);
  }
  expect(unpackLzo(packed, 100)).toMatchObject({ problem: expect.any(String) });
});

describe.each([false, true])('a file of lzop, piped: %s', (piped) => {
  const text = `${mixture(1, 5000).toString('latin1')}\n${token}\n${mixture(2, 5000).toString('latin1')}`;

  test.each([
    ['', { name: 'a' }],
    [' without sums', { flags: 0 }],
    [' with CRC-32 instead', { flags: 0x100 }],
    [' in long blocks', { block: 200_000 }],
  ])('is read%s', async (_, options) => {
    const flags = options as Parameters<typeof buildLzop>[1];
    // CRC-32 stands where Adler-32 would: what it says is not looked at.
    const packed = buildLzop(text, flags?.flags === 0x100 ? { flags: 1 } : flags);
    if (flags?.flags === 0x100) packed.writeUInt32BE(0x100, 17);
    const seen = await collect(expanding(packed, { piped, chunk: 97 }));
    expect(seen.diagnostics).toEqual([]);
    expect(placesOf(token, seen)).toContain('a!content');
  });

  test('several members are one content', async () => {
    const seen = await collect(expanding(Buffer.concat([buildLzop('first '), buildLzop(token)]), { piped }));
    expect(seen.diagnostics).toEqual([]);
    expect(seen.units.map((unit) => unit.text)).toContain(`first ${token}`);
  });

  test('what was cut is read as far as it goes, and listed', async () => {
    const whole = buildLzop(text.repeat(3));
    for (const end of [30, 44, whole.length >> 1, whole.length - 3]) {
      const seen = await collect(expanding(whole.subarray(0, end), { piped }));
      expect(reasonsOf(seen), `${end}`).toEqual(['corrupt a']);
      expect(placesOf(token, seen).length > 0, `${end}`).toBe(end > 100);
    }
  });
});

test.skipIf(lacking('lzop') !== '')(`what lzop itself packs${lacking('lzop')}`, async () => {
  const content = Buffer.concat([mixture(3, 300_000), Buffer.from(token)]);
  for (const level of ['-1', '-3', '-6', '-9', '-F', '-C']) {
    const packed = spawnSync('lzop', [level, '-c'], { input: content, maxBuffer: 2 ** 26 }).stdout;
    const seen = await collect(expanding(packed));
    expect(seen.diagnostics, level).toEqual([]);
    expect(Buffer.from(seen.units[0]!.text, 'latin1').equals(content), level).toBe(true);
  }
});
