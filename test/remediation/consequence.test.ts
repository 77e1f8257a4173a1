import { expect, test } from 'vitest';
import type { ApprovedRevocation } from '../../src/model/plan.js';
import type { TokenRecord } from '../../src/model/token.js';
import { consequence } from '../../src/remediation/consequence.js';
import type { OwnTokens } from '../../src/remediation/policy.js';
import { findingFor } from '../support/findings.js';
import { orgToken } from '../support/tokens.js';

const finding = findingFor(orgToken('consequence'));
const revocation = (userIdentifier?: string) =>
  ({
    finding,
    tokenId: 'T1',
    ...(userIdentifier === undefined ? {} : { userIdentifier }),
    evidence: 'probe_id',
  }) as ApprovedRevocation;
const row = (more: Partial<TokenRecord> = {}): TokenRecord => ({
  tokenId: 'T1',
  userIdentifier: 'bob',
  status: 'active',
  ...more,
});
const none: OwnTokens = { fingerprints: new Map(), tokenIds: new Map() };

test.each([
  ['its user', revocation('alice'), undefined, undefined, 'alice stops.'],
  ['its user, and not the row’s', revocation('alice'), row(), none, 'alice stops.'],
  ['the row’s user', revocation(), row(), none, 'bob stops.'],
  ['nobody known', revocation(), undefined, none, 'a user who is not known stops.'],
  [
    'when it was used',
    revocation('alice'),
    row({ lastUsedAt: '2026-01-01T00:00:00Z' }),
    none,
    'alice stops (last used 2026-01-01T00:00:00Z).',
  ],
])('tells %s', (_, approved, record, own, text) => {
  expect(consequence(approved, record, own)).toBe(`Whatever installs packages as ${text}`);
});

test('tells where this very job takes it from, by the token first, then by its ID', () => {
  const text = (places: string) =>
    `This very job takes it from ${places}: its own downloads from the registry stop.`;
  const byId: OwnTokens = { ...none, tokenIds: new Map([['T1', ['~/.npmrc']]]) };
  const byBoth: OwnTokens = {
    ...byId,
    fingerprints: new Map([[finding.fingerprint, ['NPM_TOKEN', '~/.netrc']]]),
  };
  expect(consequence(revocation('alice'), row(), byId)).toBe(text('~/.npmrc'));
  expect(consequence(revocation('alice'), row(), byBoth)).toBe(text('NPM_TOKEN and ~/.netrc'));
});
