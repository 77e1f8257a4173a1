import { describe, expect, test } from 'vitest';
import { generator, mutatedBytes } from '../../fixtures/archives/mutate.js';
import { buildDbase, buildNumpy } from '../../fixtures/archives/records-builder.js';
import { MemoryAccess } from '../../src/sources/random-access.js';
import { fieldsIn, mayBeRecords } from '../../src/sources/records.js';
import { orgToken } from '../support/tokens.js';

const token = orgToken('row', 40);
const NEIGHBOURS = ['a'.repeat(token.length), token, 'b'.repeat(token.length)];

const FILES: Record<string, Buffer> = {
  'an array of bytes': buildNumpy(`'|S${token.length}'`, Buffer.from(NEIGHBOURS.join(''))),
  'rows of fields': buildNumpy(
    `[('user', '|S5'), ('token', '|S${token.length}'), ('ids', '<i2', (2,)), ('flag', '|b1')]`,
    Buffer.from(`alice${token}ABCD1bobby${token}abcd0`),
  ),
  'a table of dBase': buildDbase([5, token.length, 3], [['alice', token, 'x-1']]),
};

describe('a field ends where its width says', () => {
  test.each(Object.keys(FILES))('%s', (name) => {
    const bytes = FILES[name]!;
    const at = bytes.indexOf(token);
    expect(fieldsIn(new MemoryAccess(bytes))?.(at)).toEqual({ start: at, end: at + token.length });
    expect(fieldsIn(new MemoryAccess(bytes))?.(3)).toBeUndefined();
  });

  test('what only begins so has none', () => {
    expect(mayBeRecords(Buffer.from('2026-11-30 a log that begins with a digit'.padEnd(80)))).toBe(false);
    expect(
      fieldsIn(new MemoryAccess(Buffer.from(`\x03\x7e\x01\x01${'no table '.repeat(30)}`))),
    ).toBeUndefined();
  });
});

/** `npm run fuzz` runs a campaign. */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 0.5);

test('whatever is made of them, a field holds the place that it is asked for', () => {
  const end = Date.now() + SECONDS * 1000;
  for (let round = Number(process.env.FUZZ_FROM ?? 0); Date.now() < end; round++) {
    const random = generator(round);
    const bytes = mutatedBytes(Object.values(FILES)[random(3)]!, random);
    const at = random(bytes.length);
    const field = fieldsIn(new MemoryAccess(bytes))?.(at);
    if (field === undefined) continue;
    expect(field.start, `round ${round}`).toBeLessThanOrEqual(at);
    expect(field.end, `round ${round}`).toBeGreaterThan(at);
  }
});
