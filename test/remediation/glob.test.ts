import { expect, test } from 'vitest';
import { protectsUser } from '../../src/remediation/glob.js';

test.each([
  ['Ci-*', 'cI-release'],
  ['jos\u00e9', 'JOSE\u0301'],
  // The sign for kelvin, which has the small letter of K.
  ['kim', '\u212Aim'],
  ['stra\u00dfe', 'STRA\u1e9eE'],
])('%j protects %j: letters of either case, composed or not', (glob, user) => {
  expect(protectsUser(glob, user)).toBe(true);
  expect(protectsUser(user, glob.replace('*', 'release'))).toBe(true);
});

test.each([
  ['ci-*', 'dci-release'],
  ['kim', 'tim'],
  ['jose', 'jos\u00e9'],
])('%j does not protect %j', (glob, user) => {
  expect(protectsUser(glob, user)).toBe(false);
});
