import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { FINGERPRINT, fingerprint } from '../../src/findings/fingerprint.js';
import { SecretValue } from '../../src/model/secret.js';
import { orgToken } from '../support/tokens.js';

test('is gs1_ and the first 160 bits of the domain-separated SHA-256 in lower-case base32', () => {
  const token = orgToken('fingerprint');
  const digest = createHash('sha256').update(`guardsweep/1\0${token}`).digest('hex').slice(0, 40);
  const bits = [...digest].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
  const base32 = bits.replace(
    /.{5}/g,
    (five) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(five, 2)]!,
  );
  expect(fingerprint(new SecretValue(token, 7))).toBe(`gs1_${base32}`);
});

test('never changes: ignore lists hold it', () => {
  expect(fingerprint(new SecretValue('tg_org_', 7))).toBe('gs1_ibuleltkmfsc6bvrehzkct66oxoe6vn2');
});

test('does not depend on how much of the token is redacted, and has the shape that ignore lists check', () => {
  const token = orgToken('shape');
  expect(fingerprint(new SecretValue(token, 0))).toBe(fingerprint(new SecretValue(token, 7)));
  expect(fingerprint(new SecretValue(token, 0))).toMatch(FINGERPRINT);
});
