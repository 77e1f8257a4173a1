import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FindingSet } from '../../src/findings/merge.js';
import type { Provenance } from '../../src/model/provenance.js';
import { matchOf } from '../support/findings.js';
import { orgToken } from '../support/tokens.js';

const file = (path: string): Provenance => ({ kind: 'file', path });
const member = (container: Provenance, path: string): Provenance => ({ kind: 'member', container, path });

test('one finding per distinct secret, one sighting a place', () => {
  const set = new FindingSet();
  set.add(file('b'), [matchOf(orgToken('one')), matchOf(orgToken('two'))]);
  set.add(file('a'), [matchOf(orgToken('one'))]);
  const findings = set.findings();
  expect(findings).toHaveLength(2);
  const one = findings.find((finding) => finding.sightings.length === 2)!;
  expect(one.sightings.map(({ where }) => where)).toEqual([file('a'), file('b')]);
  expect(one.sightingsTotal).toBeUndefined();
});

test('the same place twice is one sighting', () => {
  const set = new FindingSet();
  set.add(file('a'), [matchOf(orgToken('one')), matchOf(orgToken('one'))]);
  expect(set.findings()[0]!.sightings).toHaveLength(1);
});

test('confidence is the highest, and the surer rule names the finding', () => {
  const set = new FindingSet();
  set.add(file('a'), [matchOf(orgToken('one'), { confidence: 'low', rule: 'a-vague-rule' })]);
  set.add(file('b'), [matchOf(orgToken('one'), { confidence: 'high', rule: 'sure-rule' })]);
  set.add(file('c'), [matchOf(orgToken('one'), { confidence: 'low', rule: 'a-vague-rule' })]);
  expect(set.findings()[0]).toMatchObject({ confidence: 'high', rule: 'sure-rule' });
});

test('a raw sighting in a container is dropped when a member of it shows the same secret', () => {
  const set = new FindingSet();
  const zip = file('leak.zip');
  const tar = member(zip, 'inner.tar');
  set.add(zip, [matchOf(orgToken('one')), matchOf(orgToken('raw only'))]);
  set.add(tar, [matchOf(orgToken('one'))]);
  set.add(member(tar, '.npmrc'), [matchOf(orgToken('one'))]);
  const places = set.findings().flatMap((finding) => finding.sightings.map(({ where }) => where));
  expect(places).toHaveLength(2);
  expect(places).toEqual(expect.arrayContaining([zip, member(tar, '.npmrc')]));
});

test('a raw sighting stays when only another container has such a member', () => {
  const set = new FindingSet();
  set.add(file('a.zip'), [matchOf(orgToken('one'))]);
  set.add(member(file('b.zip'), '.npmrc'), [matchOf(orgToken('one'))]);
  expect(set.findings()[0]!.sightings).toHaveLength(2);
});

test('names that hold separators do not make two places one', () => {
  const set = new FindingSet();
  set.add({ kind: 'staged', path: 'a\0b', blob: 'c' }, [matchOf(orgToken('one'))]);
  set.add({ kind: 'staged', path: 'a', blob: 'b\0c' }, [matchOf(orgToken('one'))]);
  set.add(member(file('a'), 'b\x018\0c'), [matchOf(orgToken('one'))]);
  set.add(member(member(file('a'), 'b'), 'c'), [matchOf(orgToken('one'))]);
  expect(set.findings()[0]!.sightings).toHaveLength(4);
});

test('of many sightings the first are kept and all are counted, whatever the order of arrival', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray(
        Array.from({ length: 60 }, (_, index) => index),
        { minLength: 30 },
      ),
      (order) => {
        const set = new FindingSet({ sightingsKept: 7 });
        for (const index of order) {
          set.add(file(`file-${String(index).padStart(3, '0')}`), [matchOf(orgToken('one'))]);
        }
        const [finding] = set.findings();
        expect(finding!.sightingsTotal).toBe(order.length);
        expect(finding!.sightings.map(({ where }) => (where as { path: string }).path)).toEqual(
          [...order]
            .sort((a, b) => a - b)
            .slice(0, 7)
            .map((index) => `file-${String(index).padStart(3, '0')}`),
        );
      },
    ),
    { numRuns: 50 },
  );
});

test('history is listed by date, what is reachable first', () => {
  const commit = (commit: string, date: string, reachable = true): Provenance => ({
    kind: 'commit',
    commit,
    path: 'p',
    blob: 'b',
    author: 'a',
    date,
    reachable,
  });
  const set = new FindingSet();
  set.add(commit('3', '2020-01-01T00:00:00Z', false), [matchOf(orgToken('one'))]);
  set.add(commit('2', '2021-01-01T00:30:00+01:00'), [matchOf(orgToken('one'))]);
  set.add(commit('1', '2021-01-01T00:00:00Z'), [matchOf(orgToken('one'))]);
  expect(set.findings()[0]!.sightings.map(({ where }) => (where as { commit: string }).commit)).toEqual([
    '2',
    '1',
    '3',
  ]);
});
