import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/model/finding.js';
import type { Provenance } from '../../src/model/provenance.js';
import { type DispositionRule, dispositionOf } from '../../src/remediation/disposition.js';
import { findingFor } from '../support/findings.js';
import { orgToken } from '../support/tokens.js';

const DAY = 86_400_000;
const NOW = Date.parse('2026-06-10T00:00:00Z');
const commit = (date: string, path = 'a/b.env'): Provenance => ({
  kind: 'commit',
  commit: 'c',
  path,
  blob: 'b',
  author: 'x',
  date,
  reachable: true,
});
const decide = (
  where: Provenance,
  rule: Partial<DispositionRule>,
  user?: string,
  more: Partial<Finding> = {},
) =>
  dispositionOf(
    { ...findingFor(orgToken('d'), where), ...more },
    user,
    [{ ...rule, do: 'notify' }],
    'revoke',
    NOW,
  );
const FITS = 'notify';
const NOT = 'revoke';

test('without rules the policy’s own default decides; the first rule that fits goes before the others', () => {
  const finding = findingFor(orgToken('d'));
  expect(dispositionOf(finding, undefined, [], 'plan', NOW)).toBe('plan');
  expect(
    dispositionOf(
      finding,
      'a',
      [{ user: 'b', do: 'plan' }, { do: 'rotate' }, { do: 'notify' }],
      'revoke',
      NOW,
    ),
  ).toBe('rotate');
});

describe('conditions', () => {
  const file: Provenance = { kind: 'file', path: 'docs/a.md' };
  const nested: Provenance = {
    kind: 'member',
    container: commit('2026-06-01T00:00:00Z', 'x.zip'),
    path: 'in/docs.md',
  };
  test.each([
    ['user', file, { user: 'ci-*' }, 'ci-1', FITS],
    ['another user', file, { user: 'ci-*' }, 'alice', NOT],
    ['a user who is not known', file, { user: '*' }, undefined, NOT],
    ['path', file, { path: 'docs/*' }, undefined, FITS],
    ['path of the container', nested, { path: '*.zip' }, undefined, FITS],
    ['path in the container', nested, { path: 'in/*' }, undefined, FITS],
    ['another path', nested, { path: 'docs/*' }, undefined, NOT],
    ['name of a stream', { kind: 'stream', name: '-' } as const, { path: '-' }, undefined, FITS],
    ['confidence', file, { confidence: 'high' as const }, undefined, FITS],
    ['other confidence', file, { confidence: 'low' as const }, undefined, NOT],
    ['old enough', commit('2026-06-01T00:00:00Z'), { older_than: 8 * DAY }, undefined, FITS],
    ['too young', commit('2026-06-01T00:00:00Z'), { older_than: 9 * DAY }, undefined, NOT],
    ['young enough', commit('2026-06-01T00:00:00Z'), { younger_than: 10 * DAY }, undefined, FITS],
    ['too old', commit('2026-06-01T00:00:00Z'), { younger_than: 9 * DAY }, undefined, NOT],
    ['old, inside an archive in a commit', nested, { older_than: 8 * DAY }, undefined, FITS],
    ['without a commit there is no age', file, { older_than: 0 }, undefined, NOT],
    ['nor a youth', file, { younger_than: 1_000 * DAY }, undefined, NOT],
    ['a date that is none', commit('soon'), { older_than: 0 }, undefined, NOT],
    ['all have to hold', file, { path: 'docs/*', user: 'x' }, 'y', NOT],
  ])('%s', (_, where, rule, user, expected) => {
    expect(decide(where, rule, user)).toBe(expected);
  });
});

test('the earliest of several commits tells the age; a date that is none tells nothing', () => {
  const [first, second, third] = ['2026-06-09T00:00:00Z', '2026-05-01T00:00:00Z', 'no date'].map((date) =>
    commit(date),
  );
  const decideAll = (places: Provenance[], rule: Partial<DispositionRule>) => {
    const finding = findingFor(orgToken('d'), places[0]);
    const sightings = places.map((where) => ({ ...finding.sightings[0], where }));
    return dispositionOf(
      { ...finding, sightings: sightings as unknown as Finding['sightings'] },
      undefined,
      [{ ...rule, do: 'notify' }],
      'revoke',
      NOW,
    );
  };
  expect(decideAll([first!, second!], { older_than: 30 * DAY })).toBe(FITS);
  expect(decideAll([second!, first!], { younger_than: 30 * DAY })).toBe(NOT);
  expect(decideAll([third!, second!], { older_than: 30 * DAY }), 'the other one is still known').toBe(FITS);
  expect(decideAll([third!], { older_than: 0 })).toBe(NOT);
});

test('what has neither path nor name fits no path; what its repository lies in does', () => {
  const object: Provenance = { kind: 'object', object: 'o', type: 'blob', reachable: false };
  expect(decide(object, { path: '*' })).toBe(NOT);
  const zip: Provenance = {
    kind: 'member',
    container: { kind: 'file', path: 'leak.zip' },
    path: 'repo/.git',
  };
  expect(decide({ ...object, repository: zip }, { path: 'leak.zip' })).toBe(FITS);
  expect(decide({ ...object, repository: zip }, { path: 'repo/*' })).toBe(FITS);
  const inner = {
    ...object,
    repository: { kind: 'member', container: commit('2026-05-01T00:00:00Z'), path: 'x' },
  };
  expect(decide(inner as Provenance, { older_than: 30 * DAY }), 'the commit around it').toBe(FITS);
});
