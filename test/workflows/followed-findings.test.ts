import { expect, test } from 'vitest';
import type { Finding } from '../../src/model/finding.js';
import type { FollowedBytes } from '../../src/sources/follow/followed.js';
import { FollowedFindings } from '../../src/workflows/followed-findings.js';
import { matchOf } from '../support/findings.js';
import { orgToken } from '../support/tokens.js';

function log(path: string): FollowedBytes {
  const nothing = { from: 0, position: 0, isOver: false, read: () => 0, remaining: () => 0 };
  return { where: { kind: 'file', path }, ...nothing };
}

function gathered(most?: number): { found: FollowedFindings; told: [Finding, boolean][] } {
  const told: [Finding, boolean][] = [];
  return { found: new FollowedFindings([], (...args) => told.push(args), most), told };
}

test('a token is told once for each log that it is in', () => {
  const { found, told } = gathered();
  const match = matchOf(orgToken('a'));
  found.stands(log('a.log'), match);
  found.found(log('a.log'), [match, match]);
  found.found(log('b.log'), [match]);
  expect(told.map(([{ sightings }, isNew]) => [sightings[0].where, isNew])).toEqual([
    [{ kind: 'file', path: 'a.log' }, true],
    [{ kind: 'file', path: 'b.log' }, false],
  ]);
});

test('what only seemed to stand there is told, and not kept', () => {
  const { found, told } = gathered();
  found.stands(log('a.log'), matchOf(orgToken('a').slice(0, 30)));
  expect(told).toHaveLength(1);
  expect(found.findings()).toEqual([]);
});

test('of more different tokens than can be kept the first are, and the logs of the others are listed', () => {
  const { found, told } = gathered(3);
  for (const seed of ['a', 'b', 'c', 'd', 'e', 'a'])
    found.found(log(`${seed}.log`), [matchOf(orgToken(seed))]);
  expect(told).toHaveLength(3);
  expect(found.findings()).toHaveLength(3);
  expect(found.unkept().map(({ where, reason }) => [where, reason])).toEqual([
    [{ kind: 'file', path: 'd.log' }, 'budget'],
    [{ kind: 'file', path: 'e.log' }, 'budget'],
  ]);
});
