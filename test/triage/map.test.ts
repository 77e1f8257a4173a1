import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as compare from '../../src/findings/compare.js';
import { SecretValue } from '../../src/model/secret.js';
import type { TokenRecord } from '../../src/model/token.js';
import { type Claim, mapToken } from '../../src/triage/map.js';
import { orgToken } from '../support/tokens.js';

const AT = '2026-01-01T00:00:00.000Z';
const RUNS = Number(process.env.GUARDSWEEP_PLANS ?? 5_000);
const OURS = orgToken('ours');
const secret = new SecretValue(OURS, 7);
const row = (tokenId: string, userIdentifier: string, more: Partial<TokenRecord> = {}): TokenRecord => ({
  tokenId,
  userIdentifier,
  status: 'active',
  ...more,
});
const sha = (token: string) => createHash('sha256').update(token).digest('hex');
const map = (claim: Claim, ...records: TokenRecord[]) => mapToken(secret, claim, records, compare, AT);

describe('evidence, strongest first', () => {
  test('the ID in the answer of the probe', () => {
    expect(map({ tokenId: 'T1' }, row('T1', 'alice'), row('T2', 'alice'))).toMatchObject({
      tokenId: 'T1',
      userIdentifier: 'alice',
      evidence: 'probe_id',
    });
  });

  test('a hash in exactly one row', () => {
    expect(map({}, row('T1', 'alice'), row('T2', 'bob', { hash: sha(OURS).toUpperCase() }))).toMatchObject({
      tokenId: 'T2',
      evidence: 'list_hash',
    });
  });

  test('a hint in exactly one active row', () => {
    const hint = OURS.slice(-4);
    const found = map(
      {},
      row('T1', 'a', { hint: '0000' }),
      row('T2', 'b', { hint }),
      row('T3', 'b', { hint, status: 'revoked' }),
    );
    expect(found).toMatchObject({ tokenId: 'T2', evidence: 'list_hint' });
  });

  test('the only active token of exactly that user', () => {
    const found = map(
      { userIdentifier: 'alice' },
      row('T1', 'alice'),
      row('T2', 'alice-laptop'),
      row('T3', 'Alice'),
      row('T4', 'alice', { status: 'revoked' }),
    );
    expect(found).toMatchObject({ tokenId: 'T1', evidence: 'sole_active_of_user' });
  });

  test('the only active token of the organization', () => {
    expect(map({}, row('T1', 'alice'), row('T2', 'bob', { status: 'revoked' }))).toMatchObject({
      tokenId: 'T1',
      evidence: 'sole_active_of_org',
    });
  });

  test('two rows with the same hint are told apart by their user', () => {
    const hint = OURS.slice(-4);
    expect(map({ userIdentifier: 'b' }, row('T1', 'a', { hint }), row('T2', 'b', { hint }))).toMatchObject({
      tokenId: 'T2',
      evidence: 'list_hint',
    });
  });
});

describe('ambiguous, with the reason and the candidates', () => {
  const hint = OURS.slice(-4);
  const cases: [string, Claim, TokenRecord[], RegExp, string[]][] = [
    [
      'the ID of the probe is not in the list',
      { tokenId: 'T9' },
      [row('T1', 'a')],
      /not in the list/,
      ['T1'],
    ],
    [
      'the ID of the probe is revoked',
      { tokenId: 'T1' },
      [row('T1', 'a', { status: 'revoked' })],
      /is revoked/,
      ['T1'],
    ],
    [
      'the ID of the probe is another user’s',
      { tokenId: 'T1', userIdentifier: 'b' },
      [row('T1', 'a')],
      /another user/,
      ['T1'],
    ],
    [
      'the ID of the probe shows another hint',
      { tokenId: 'T1' },
      [row('T1', 'a', { hint: '0000' })],
      /last characters/,
      ['T1'],
    ],
    [
      'an ID stands in the list twice',
      { tokenId: 'T1' },
      [row('T1', 'a'), row('T1', 'b', { status: 'revoked' })],
      /2 times/,
      ['T1', 'T1'],
    ],
    [
      'a recycled ID under a hint',
      {},
      [row('T1', 'a', { hint }), row('T1', 'b', { status: 'revoked' })],
      /2 times/,
      ['T1', 'T1'],
    ],
    [
      'a recycled ID that is revoked and active',
      { tokenId: 'T1' },
      [row('T1', 'a', { status: 'revoked' }), row('T1', 'b')],
      /2 times/,
      ['T1', 'T1'],
    ],
    [
      'a recycled ID of another user',
      { tokenId: 'T1', userIdentifier: 'b' },
      [row('T1', 'a'), row('T1', 'b')],
      /2 times/,
      ['T1', 'T1'],
    ],
    [
      'another row of the user is ruled out by its hint alone',
      { userIdentifier: 'a' },
      [row('T1', 'a', { hint: '0000' }), row('T2', 'a')],
      /no hint/,
      ['T2'],
    ],
    [
      'the hint stands with another user, and this one has none',
      { userIdentifier: 'b' },
      [row('T1', 'a', { hint }), row('T2', 'c', { hint: '0000' })],
      /exactly this user/,
      ['T1'],
    ],
    ['only other hints', {}, [row('T1', 'a', { hint: '0000' })], /^no active token of the list matches$/, []],
    [
      'two hashes',
      {},
      [row('T1', 'a', { hash: sha(OURS) }), row('T2', 'a', { hash: sha(OURS) })],
      /several rows/,
      ['T1', 'T2'],
    ],
    [
      'the hash of a revoked row',
      {},
      [row('T1', 'a', { hash: sha(OURS), status: 'revoked' })],
      /hash/,
      ['T1'],
    ],
    [
      'the hash of another user',
      { userIdentifier: 'b' },
      [row('T1', 'a', { hash: sha(OURS) })],
      /hash/,
      ['T1'],
    ],
    [
      'two hints',
      {},
      [row('T1', 'a', { hint }), row('T2', 'b', { hint })],
      /2 active tokens of the organization/,
      ['T1', 'T2'],
    ],
    [
      'a hint, and a row that shows none',
      {},
      [row('T1', 'a', { hint }), row('T2', 'b')],
      /2 active/,
      ['T1', 'T2'],
    ],
    [
      'the hint stands with another user',
      { userIdentifier: 'a' },
      [row('T1', 'a'), row('T2', 'b', { hint })],
      /for another user/,
      ['T1', 'T2'],
    ],
    [
      'the user’s only token has another hint',
      { userIdentifier: 'a' },
      [row('T1', 'a', { hint: '0000' })],
      /no active token/,
      ['T1'],
    ],
    [
      'the hint fits, the hash does not',
      {},
      [row('T1', 'a', { hint, hash: sha('other') })],
      /another hash/,
      ['T1'],
    ],
    [
      'two tokens of the user',
      { userIdentifier: 'a' },
      [row('T1', 'a'), row('T2', 'a')],
      /2 active tokens of this user/,
      ['T1', 'T2'],
    ],
    [
      'a second token of unknown status',
      { userIdentifier: 'a' },
      [row('T1', 'a'), row('T2', 'a', { status: 'unknown' })],
      /2 active/,
      ['T1', 'T2'],
    ],
    [
      'one token, of unknown status',
      { userIdentifier: 'a' },
      [row('T1', 'a', { status: 'unknown' })],
      /does not say whether/,
      ['T1'],
    ],
    [
      'only tokens of users whose names begin alike',
      { userIdentifier: 'a' },
      [row('T1', 'a-laptop')],
      /exactly this user/,
      [],
    ],
    [
      'two tokens of the organization',
      {},
      [row('T1', 'a'), row('T2', 'b')],
      /2 active tokens of the organization/,
      ['T1', 'T2'],
    ],
    [
      'one row without a hint among others with',
      {},
      [row('T1', 'a', { hint: '0000' }), row('T2', 'b')],
      /no hint/,
      ['T2'],
    ],
    [
      'a hint that is too short',
      {},
      [row('T1', 'a', { hint: OURS.slice(-3) }), row('T2', 'b', { hint: '' })],
      /2 active/,
      ['T1', 'T2'],
    ],
    [
      'a hint that fits but is too short to tell',
      {},
      [row('T1', 'a', { hint: OURS.slice(-3) }), row('T2', 'b', { hint: '000' })],
      /2 active/,
      ['T1', 'T2'],
    ],
    ['an empty list', {}, [], /no active token/, []],
  ];
  test.each(cases)('%s', (_, claim, records, reason, candidates) => {
    const verdict = map(claim, ...records);
    expect(verdict.tokenId).toBeUndefined();
    expect(verdict).toMatchObject({ state: 'active', reason: expect.stringMatching(reason) });
    expect('candidates' in verdict && verdict.candidates.map(({ tokenId }) => tokenId)).toEqual(candidates);
  });
});

test('an ambiguous verdict names its user only where the probe told it', () => {
  const about = { state: 'active', candidates: [], checkedAt: AT };
  expect(map({})).toStrictEqual({ ...about, reason: 'no active token of the list matches' });
  expect(map({ userIdentifier: 'a' })).toStrictEqual({
    ...about,
    userIdentifier: 'a',
    reason: 'no active token of the list matches that the service lists for exactly this user',
  });
});

/** A world with one true row for our token, and neighbours made to be confused with it. */
const world = fc
  .record({
    trueUser: fc.constantFrom('alice', 'alice-laptop', 'al'),
    shows: fc.record({ hint: fc.boolean(), hash: fc.boolean(), id: fc.boolean(), user: fc.boolean() }),
    listed: fc.boolean(),
    neighbours: fc.array(
      fc.record({
        tokenId: fc.constantFrom('TRUE', 'N1', 'N2', 'N3'),
        userIdentifier: fc.constantFrom('alice', 'alice-laptop', 'al', 'Alice', 'bob'),
        status: fc.constantFrom('active', 'revoked', 'unknown'),
        hint: fc.constantFrom(undefined, '', OURS.slice(-4), 'zzzz'),
        hash: fc.constantFrom(undefined, sha('a neighbour')),
      }),
      { maxLength: 4 },
    ),
    at: fc.nat(4),
  })
  .map(({ trueUser, shows, listed, neighbours, at }) => {
    const neighbour = neighbours.map(({ hint, hash, status, ...rest }) => ({
      ...rest,
      status: status as TokenRecord['status'],
      ...(hint === undefined ? {} : { hint }),
      ...(hash === undefined ? {} : { hash }),
    }));
    const truth = row('TRUE', trueUser, {
      ...(shows.hint ? { hint: OURS.slice(-4) } : {}),
      ...(shows.hash ? { hash: sha(OURS) } : {}),
    });
    const claim: Claim = {
      ...(shows.id ? { tokenId: 'TRUE' } : {}),
      ...(shows.user ? { userIdentifier: trueUser } : {}),
    };
    const records: TokenRecord[] = [...neighbour];
    if (listed) records.splice(at, 0, truth);
    return { records, truth, claim, listed };
  });

test('never picks a neighbour: colliding hints, prefixes of identifiers, recycled IDs, rows without a status', () => {
  let mapped = 0;
  fc.assert(
    fc.property(world, ({ records, truth, claim, listed }) => {
      const verdict = map(claim, ...records);
      if (verdict.tokenId === undefined) return;
      mapped++;
      // A list that misses the token can only mislead through a row that looks like it in every respect.
      if (listed) expect(verdict.record).toBe(truth);
      else expect(verdict.record).toMatchObject({ status: 'active' });
      if (claim.userIdentifier !== undefined) expect(verdict.userIdentifier).toBe(claim.userIdentifier);
      expect(records.filter(({ tokenId }) => tokenId === verdict.tokenId)).toHaveLength(1);
    }),
    { numRuns: RUNS },
  );
  expect(mapped).toBeGreaterThan(RUNS / 10);
});
