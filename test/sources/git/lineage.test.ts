import { describe, expect, test } from 'vitest';
import { Budget } from '../../../src/model/budget.js';
import type { ScanUnit } from '../../../src/model/source.js';
import { DiskTree } from '../../../src/sources/disk-tree.js';
import { RepositorySource } from '../../../src/sources/git/repository-source.js';
import { type TestRepository, temporaryRepository } from '../../support/git-repository.js';
import { randomNumbers } from '../../support/random.js';
import { orgToken } from '../../support/tokens.js';

const TOKEN = /tg_org_[A-Za-z0-9]{40}/g;
const LENGTH = 47;

/** Large files in which tokens are rotated, moved, repeated and cut, packed as hard as git can. */
function rotations(seed: number): TestRepository {
  const repository = temporaryRepository();
  const random = randomNumbers(seed);
  const pick = (below: number) => Math.floor(random() * below);
  const lines = Array.from({ length: 1500 }, () => `${random().toString(36)}=${random()}`);
  for (let round = 0; round < 40; round++) {
    const at = pick(lines.length);
    const kind = pick(5);
    if (kind < 2) lines[at] = `token=${orgToken(`${seed}/${pick(round + 1)}`)}`;
    else if (kind === 2) lines.splice(at, 3, ...lines.slice(pick(1000), pick(1500)).slice(0, 10));
    else if (kind === 3) lines[at] = lines[at]!.replace('tg_org_', 'tg_or');
    else lines[at] = lines[at]!.slice(pick(20));
    repository.write('large.txt', lines.join('\n'));
    repository.write(`copy${pick(3)}.txt`, lines.slice(pick(300)).join('\n'));
    repository.commit(`round ${round} ${pick(3) === 0 ? orgToken(`${seed}/message ${round}`) : ''}`);
  }
  repository.git('repack', '-adfq', '--depth=200', '--window=60');
  return repository;
}

function tokensIn(bytes: Uint8Array, from = 0, to = bytes.length): number[] {
  const text = Buffer.from(bytes.subarray(from, to)).toString('latin1');
  return [...text.matchAll(TOKEN)].map((match) => from + match.index);
}

/** Places of tokens by the search of what is fresh, with those of the base carried along. */
function carried(unit: ScanUnit, bytes: Uint8Array, known: ReadonlyMap<string, readonly number[]>): number[] {
  const { lineage } = unit;
  if (lineage === undefined) return tokensIn(bytes);
  const found = new Set<number>();
  for (const { start, end } of lineage.fresh) {
    for (const at of tokensIn(bytes, Math.max(0, start - LENGTH), Math.min(bytes.length, end + LENGTH)))
      found.add(at);
  }
  const before = known.get(lineage.base)!;
  if (before.length > 0) {
    for (const { from, to, length } of lineage.copies()) {
      for (const at of before) if (at >= from && at + LENGTH <= from + length) found.add(at - from + to);
    }
  }
  return [...found].sort((a, b) => a - b);
}

describe('what is fresh, and what the base had, are all that there is', () => {
  for (const seed of [1, 2, 3]) {
    test(`tokens found so are those found in every object whole (seed ${seed})`, () => {
      const tree = new DiskTree(rotations(seed).path);
      const source = new RepositorySource({
        tree,
        gitDir: '.git',
        where: tree.whereOf('.git'),
        budget: new Budget(),
      });
      const known = new Map<string, readonly number[]>();
      let total = 0;
      let fresh = 0;
      let tokens = 0;
      for (const item of source.items()) {
        if (item.type === 'diagnostic' || !(item.content instanceof Uint8Array)) continue;
        if (item.provenance.kind !== 'object') continue;
        const whole = tokensIn(item.content);
        expect(carried(item, item.content, known)).toEqual(whole);
        known.set(item.provenance.object, whole);
        tokens += whole.length;
        total += item.content.length;
        for (const { start, end } of item.lineage?.fresh ?? [{ start: 0, end: item.content.length }]) {
          fresh += end - start;
        }
      }
      expect(tokens).toBeGreaterThan(100);
      expect(fresh).toBeLessThan(total / 5);
    });
  }
});
