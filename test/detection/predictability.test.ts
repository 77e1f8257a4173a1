import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PREDICTABLE_BITS, predictability } from '../../src/detection/confirm/predictability.js';
import { type BodyAlphabet, body } from '../support/tokens.js';

const SHORTEST = 16;
const SAMPLES = 2500;

/**
 * Importance-free check of the bound: the model promises P(bits ≥ t) ≤ 2^-t. A simulation can see the promise broken at
 * small t, where it is frequent enough to count, and that nothing comes near the limit.
 */
test.each(
  (['hex', 'base32', 'base62', 'base64url'] as const).flatMap((alphabet) =>
    [16, 20, 24, 32, 43, 64].map((length) => [alphabet, length] as [BodyAlphabet, number]),
  ),
)('a random %s body of %i characters is not called predictable', (alphabet, length) => {
  const bits = Array.from(
    { length: SAMPLES },
    (_, index) => predictability(body(`${alphabet}/${length}/${index}`, length, alphabet), SHORTEST).bits,
  );
  expect(Math.max(...bits)).toBeLessThan(PREDICTABLE_BITS);
  for (const threshold of [4, 8]) {
    const share = bits.filter((value) => value >= threshold).length / SAMPLES;
    const bound = 2 ** -threshold;
    expect(share).toBeLessThanOrEqual(bound + 4 * Math.sqrt(bound / SAMPLES));
  }
});

test.each([16, 24, 40])(
  'what follows a random body of %i characters does not make it predictable',
  (length) => {
    for (let index = 0; index < 400; index++) {
      const text = `${body(`tail/${index}`, length)}_production_settings_backup_file_members_updated_at`;
      expect(predictability(text, SHORTEST).bits).toBeLessThan(PREDICTABLE_BITS);
    }
  },
);

test.each([
  ['members_updated_at', 'words'],
  ['members_check_seat_limit', 'words'],
  ['xpms_atom_settings_updated_at', 'words'],
  ['monolith_accounting', 'words'],
  ['seat-monolith-fkey-save', 'words'],
  ['orgMembersUpdatedAt_v2', 'words'],
  ['HAVE_LIBCRYPT_2024_01_31', 'words'],
  ['YOUR_TOKEN_GOES_HERE', 'pattern'],
  ['xxxxxxxxxxxxxxxx', 'pattern'],
  ['0000000000000000', 'pattern'],
  ['0123456789abcdef', 'pattern'],
  ['abcdefghijklmnop', 'pattern'],
  ['abc123abc123abc123', 'pattern'],
] as const)('%s is predictable: %s', (text, pattern) => {
  const result = predictability(text, SHORTEST);
  expect(result.bits).toBeGreaterThanOrEqual(PREDICTABLE_BITS);
  expect(result.pattern).toBe(pattern);
});

test('a placeholder of a manual, an example or a test is no random body', () => {
  const file = new URL('../../fixtures/quality/placeholders.json', import.meta.url);
  const placeholders = JSON.parse(readFileSync(file, 'utf8')) as readonly string[];
  expect(placeholders.length).toBeGreaterThan(100);
  const random = placeholders.filter((text) => predictability(text, SHORTEST).bits < PREDICTABLE_BITS);
  expect(random).toEqual([]);
});

test('what is asked is answered alike with fewer characters read', () => {
  for (let index = 0; index < 300; index++) {
    const text =
      index % 3 === 0
        ? `${body(`asked/${index}`, 12)}_members_updated_at`
        : body(`asked/${index}`, 8 + (index % 60));
    const whole = predictability(text, SHORTEST).bits >= PREDICTABLE_BITS;
    expect(predictability(text, SHORTEST, PREDICTABLE_BITS).bits >= PREDICTABLE_BITS).toBe(whole);
  }
});
