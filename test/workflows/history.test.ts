import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createDetector } from '../../src/detection/detector.js';
import { fingerprint } from '../../src/findings/fingerprint.js';
import { Budget } from '../../src/model/budget.js';
import { RULES } from '../../src/rules/builtin.generated.js';
import { openTarget } from '../../src/sources/open.js';
import { Search } from '../../src/workflows/search.js';
import { commit, git, gitEnvironment, repository } from '../support/git.js';
import { body, orgToken } from '../support/tokens.js';

/**
 * What was copied in a delta is not searched again. Whatever git made deltas of, the places that are found must be those
 * that a search of every object, each by itself, finds.
 */
test.each(['one', 'two', 'three'])(
  'small rotations inside large files, repacked hard: seed %s',
  async (seed) => {
    const path = repository();
    const random = generator(seed);
    const lines = Array.from({ length: 400 }, (_, at) => `line ${at} ${body(`${seed}/${at}`, 60)}`);
    for (let revision = 0; revision < 60; revision++) {
      edit(lines, `${seed}/${revision}`, random);
      commit(path, { 'large.txt': `${lines.join('\n')}\n`, 'copy.txt': lines.slice(random(200)).join('\n') });
    }
    git(path, 'repack', '-adfq', '--window=50', '--depth=40');

    const found = await searched(path);
    const expected = searchedObjectByObject(path);
    expect(expected.size).toBeGreaterThan(100);
    expect([...found].filter((place) => !expected.has(place))).toEqual([]);
    expect([...expected].filter((place) => !found.has(place))).toEqual([]);
  },
);

/** Moves, cuts, splits, doubles and disguises tokens and what stands around them. */
function edit(lines: string[], seed: string, random: (below: number) => number): void {
  const token = orgToken(`${seed}`);
  const at = random(lines.length);
  const line = lines[at]!;
  const edits: (() => void)[] = [
    () => lines.splice(at, 1, `key=${token}`),
    () => lines.splice(at, 0, `secret: ${Buffer.from(`user:${token}`).toString('base64')}`),
    () => lines.splice(at, random(3)),
    () => lines.splice(at, 1, line.slice(0, random(line.length + 1)) + line.slice(random(line.length + 1))),
    () => lines.splice(at, 1, `${line}${token.slice(0, random(token.length))}`),
    () => lines.splice(random(lines.length), 0, ...lines.slice(at, at + random(4))),
    () => lines.splice(at, 1, `tg_${line}`, 'org_', 'tg_org_'),
    () => lines.splice(at, 1, `tg_org_${line.slice(-30)}`),
  ];
  edits[random(edits.length)]!();
}

async function searched(path: string): Promise<Set<string>> {
  const search = new Search(createDetector(RULES));
  const source = await openTarget(join(path, '.git'), { budget: new Budget(), history: true });
  await search.add(source, { kind: 'file', path });
  const { findings, coverage } = await search.result();
  expect(coverage.unscanned).toEqual([]);
  const places = findings.flatMap((finding) =>
    finding.sightings.flatMap(({ where, offset, line, column, via }) => {
      const object =
        where.kind === 'commit' ? where.blob : where.kind === 'object' ? where.object : undefined;
      return object === undefined ? [] : [[object, finding.fingerprint, offset, line, column, via].join(' ')];
    }),
  );
  return new Set(places);
}

function searchedObjectByObject(path: string): Set<string> {
  const detector = createDetector(RULES);
  const listing = git(path, 'cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype)');
  const places = new Set<string>();
  for (const line of listing.trim().split('\n')) {
    const [object, type] = line.split(' ') as [string, string];
    const bytes = execFileSync('git', ['cat-file', type, object], { cwd: path, env: gitEnvironment() });
    for (const { secret, span, line: row, column, via } of detector.scan(bytes)) {
      places.add([object, fingerprint(secret), span.start, row, column, via].join(' '));
    }
  }
  return places;
}

/** Repeatable numbers from 0 up to, not including, what is asked for. */
function generator(seed: string): (below: number) => number {
  const digits = body(`numbers ${seed}`, 8_000, 'hex');
  let at = 0;
  return (below) => {
    at = (at + 6) % (digits.length - 6);
    return Number.parseInt(digits.slice(at, at + 6), 16) % Math.max(below, 1);
  };
}
