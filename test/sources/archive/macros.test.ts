import { expect, test } from 'vitest';
import { buildCompound } from '../../../fixtures/archives/compound-builder.js';
import { buildModule } from '../../../fixtures/archives/macro-builder.js';
import { generator } from '../../../fixtures/archives/mutate.js';
import { buildZip } from '../../../fixtures/archives/zip-builder.js';
import { unpacked } from '../../../src/sources/archive/macros.js';
import { MemoryAccess } from '../../../src/sources/random-access.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf } from '../collect.js';

const token = orgToken('macros');
const source = (before: number) =>
  `${"' a comment\r\n".repeat(before)}Sub Open()\r\n  Const Key = "${token}"\r\nEnd Sub\r\n`;

test('the source of macros is unpacked, wherever the token stands in it', async () => {
  for (const before of [0, 1, 5, 310, 312, 314, 900]) {
    const module = buildModule(source(before));
    expect(module.includes(token)).toBe(false);
    const document = buildZip([
      { name: 'word/vbaProject.bin', data: buildCompound('Module1', module), method: 8 },
    ]);
    const seen = await collect(expanding(document));
    expect(placesOf(token, seen), `${before}`).toEqual(['a!word/vbaProject.bin!Module1!macro at byte 300']);
    expect(seen.diagnostics).toEqual([]);
  }
});

test('in a document of the old format', async () => {
  const seen = await collect(expanding(buildCompound('Module1', buildModule(source(3)))));
  expect(placesOf(token, seen)).toContain('a!Module1!macro at byte 300');
});

test('what is damaged gives what came before, and never more than 4 KiB a chunk', () => {
  const random = generator(7);
  const module = buildModule(source(400), 0);
  for (let round = 0; round < 2000; round++) {
    const damaged = Buffer.from(module);
    for (let change = 0; change <= round % 4; change++) damaged[random(damaged.length)] = random(256);
    const { source: text, end } = unpacked(new MemoryAccess(damaged), 0);
    expect(end).toBeLessThanOrEqual(damaged.length);
    expect(text.length).toBeLessThanOrEqual((damaged.length / 3) * 4096);
  }
});
