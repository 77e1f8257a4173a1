import { expect, test } from 'vitest';
import type { TokenRecord } from '../../src/model/token.js';
import { type GatesById, planById, withdrawalOf } from '../../src/remediation/by-id.js';
import { overCap } from '../../src/remediation/caps.js';

const row = (tokenId: string, userIdentifier: string): TokenRecord => ({
  tokenId,
  userIdentifier,
  status: 'active',
});
const LIST = [row('T1', 'alice'), row('T2', 'alice-laptop'), row('T3', 'bob'), row('T4', 'carol')];
const own = (ids: Record<string, string[]> = {}, undetermined?: string): GatesById['own'] => ({
  fingerprints: new Map(),
  tokenIds: new Map(Object.entries(ids)),
  ...(undetermined === undefined ? {} : { undetermined }),
});
const plan = (rows: readonly TokenRecord[], gates: Partial<GatesById> = {}, records = LIST) => {
  const made = planById(rows, records, {
    maxRevocations: 10,
    protectedUsers: [],
    own: own(),
    includeOwn: false,
    ...gates,
  });
  return {
    ids: made.approved.map(({ tokenId }) => tokenId),
    refused: made.refused.map(({ record, reason }) => [record.tokenId, reason]),
  };
};

test('what is named is approved, in its order', () => {
  expect(plan(LIST)).toEqual({ ids: ['T1', 'T2', 'T3', 'T4'], refused: [] });
  expect(plan([LIST[2]!])).toEqual({ ids: ['T3'], refused: [] });
  expect(plan([])).toEqual({ ids: [], refused: [] });
});

test('protected users are left, by the first glob that fits; the others are not', () => {
  expect(plan(LIST, { protectedUsers: ['x*', 'alice', '*'].slice(0, 2) })).toEqual({
    ids: ['T2', 'T3', 'T4'],
    refused: [['T1', 'tokens of alice are protected (alice)']],
  });
  expect(plan(LIST.slice(0, 2), { protectedUsers: ['alice*'], includeOwn: true }).ids).toEqual([]);
  expect(plan(LIST.slice(0, 2), { protectedUsers: ['ALI*'] }).ids).toEqual([]);
});

test('an ID that the list names twice is nobody’s for certain', () => {
  const twice = [...LIST, row('T3', 'dave')];
  expect(plan(LIST, {}, twice)).toEqual({
    ids: ['T1', 'T2', 'T4'],
    refused: [['T3', 'the list names the token ID T3 more than once']],
  });
  expect(plan(LIST, { includeOwn: true }, twice).ids).toEqual(['T1', 'T2', 'T4']);
});

test('what this job uses is left, or handled last when asked', () => {
  const uses = own({ T1: ['~/.npmrc', 'the variable NPM_TOKEN'] });
  expect(plan(LIST, { own: uses })).toEqual({
    ids: ['T2', 'T3', 'T4'],
    refused: [
      [
        'T1',
        'this very job uses it (~/.npmrc, the variable NPM_TOKEN); to revoke it nevertheless give --include-own',
      ],
    ],
  });
  expect(plan(LIST, { own: uses, includeOwn: true })).toEqual({ ids: ['T2', 'T3', 'T4', 'T1'], refused: [] });
});

test('where it is not known what this job uses, it may be any', () => {
  const lost = own({}, 'a 503');
  expect(plan([LIST[0]!], { own: lost })).toEqual({
    ids: [],
    refused: [['T1', 'it may be the one that this very job uses: a 503']],
  });
  expect(plan([LIST[0]!], { own: lost, includeOwn: true }).ids).toEqual(['T1']);
});

test('over a cap nothing is approved; what was refused before keeps its reason', () => {
  const gates = { protectedUsers: ['carol'], maxRevocations: 2 };
  const over = '3 tokens would be revoked, more than the 2 allowed (--max-revocations): none was';
  expect(plan(LIST, gates)).toEqual({
    ids: [],
    refused: [
      ['T4', 'tokens of carol are protected (carol)'],
      ['T1', over],
      ['T2', over],
      ['T3', over],
    ],
  });
  expect(plan(LIST, { ...gates, maxRevocations: 3 }).ids, 'the refused do not count').toEqual([
    'T1',
    'T2',
    'T3',
  ]);
});

test('a share counts the active tokens of the organization, and says so in per cent', () => {
  const records = [...LIST, { ...row('T5', 'dead'), status: 'revoked' as const }];
  const share = (count: number, maxShare: number, shareFrom?: number) =>
    overCap(count, records, {
      maxRevocations: 10,
      maxShare,
      ...(shareFrom === undefined ? {} : { shareFrom }),
    });
  expect(share(2, 0.5)).toBeUndefined();
  expect(share(3, 0.5)).toBe(
    "3 of the organization's 4 active tokens would be revoked, more than the 50 % allowed (--max-share): none was",
  );
  expect(share(2, 0.12345)).toContain('more than the 12.35 % allowed');
  expect(overCap(1, records, { maxRevocations: 0 })).toMatch(
    /^1 token would be revoked, more than the 0 allowed/,
  );
  expect(share(1, 0.01), 'one is always within it').toBeUndefined();
  expect(share(2, 0.01)).toBeDefined();
  expect(share(4, 0.01, 4)).toBeUndefined();
  expect(share(5, 0.01, 4)).toBeDefined();
  expect(share(1, 0), 'but not where there is none').toBeDefined();
  expect(share(1, 0, 4)).toBeDefined();
  expect(share(0, 0)).toBeUndefined();
  const hundred = Array.from({ length: 100 }, (_, at) => row(`T${at}`, 'u'));
  expect(overCap(29, hundred, { maxRevocations: 100, maxShare: 0.29 })).toBeUndefined();
  expect(overCap(30, hundred, { maxRevocations: 100, maxShare: 0.29 })).toBeDefined();
  expect(
    overCap(2, undefined, { maxRevocations: 10, maxShare: 1 }),
    'without a list there is no share',
  ).toContain("organization's 0 active");
  expect(overCap(11, undefined, { maxRevocations: 10 })).toContain('11 tokens');
  expect(overCap(10, undefined, { maxRevocations: 10 })).toBeUndefined();
});

test('only a token whose ID is new is taken back: what was listed before is somebody else’s', () => {
  expect(withdrawalOf('T9', LIST)).toEqual({ tokenId: 'T9' });
  expect(withdrawalOf('T9', [])).toEqual({ tokenId: 'T9' });
  expect(withdrawalOf('T2', LIST)).toBeUndefined();
});
