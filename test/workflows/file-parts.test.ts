import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createDetector, OVERLAP } from '../../src/detection/detector.js';
import { Budget } from '../../src/model/budget.js';
import type { Share } from '../../src/model/share.js';
import { RULES } from '../../src/rules/builtin.generated.js';
import { openTarget } from '../../src/sources/open.js';
import { Search } from '../../src/workflows/search.js';
import { body, orgToken } from '../support/tokens.js';

/**
 * However many threads share a file, they find what one finds: each match, its line, its column, once. By which of several
 * decodings a match is reached may differ at an edge.
 */
test.each([2, 3, 5])('%i threads that divide a file find what one does', async (of) => {
  for (const [seed, lineLength] of [
    ['a', 30],
    ['b', 400],
    ['c', 9_000],
    ['d', 1_000_000],
  ] as const) {
    const path = join(mkdtempSync(join(tmpdir(), 'guardsweep-test-')), 'long.log');
    writeFileSync(path, text(seed, lineLength));
    const whole = await places(path, [undefined]);
    expect(whole.length).toBeGreaterThan(500);
    const lengths = new Map([[path, 300_000]]);
    const shares = Array.from({ length: of }, (_, index) => ({
      index,
      of,
      divided: { lengths, overlap: OVERLAP },
    }));
    expect(await places(path, shares)).toEqual(whole);
    // The file became shorter, or longer, after its length was taken.
    for (const length of [900_000, 60_000]) {
      lengths.set(path, length);
      expect(await places(path, shares)).toEqual(whole);
    }
  }
});

/** Tokens in several encodings, so many that every edge of a part meets some. */
function text(seed: string, lineLength: number): string {
  const encodings: ((token: string) => string)[] = [
    (token) => token,
    (token) => Buffer.from(`user:${token}`).toString('base64'),
    (token) => Buffer.from(token, 'utf16le').toString('latin1'),
    (token) => Buffer.from(token).toString('hex'),
  ];
  let all = '';
  let line = 0;
  for (let count = 0; all.length < 300_000; count++) {
    const piece = ` ${body(`${seed}/${count}`, 1 + ((count * 37) % 500))} "${encodings[count % 4]!(orgToken(`${seed}/${count}`))}";`;
    line += piece.length;
    all += piece;
    if (line > lineLength) {
      all += '\n';
      line = 0;
    }
  }
  return all;
}

async function places(path: string, shares: readonly (Share | undefined)[]): Promise<unknown[]> {
  const search = new Search(createDetector(RULES));
  for (const share of shares) {
    const options = { budget: new Budget({}), history: false, ...(share === undefined ? {} : { share }) };
    await search.add(await openTarget(path, options), { kind: 'file', path });
  }
  const { findings, coverage } = await search.result();
  const { bytes, units, unscanned } = coverage.summary();
  return [
    { bytes, units, unscanned },
    ...findings.flatMap(({ fingerprint, sightings, sightingsTotal }) =>
      sightings.map(({ line, column, offset }) =>
        JSON.stringify([fingerprint, line, column, offset, sightingsTotal]),
      ),
    ),
  ];
}
