import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { hostileCases } from '../../../fixtures/archives/hostile.js';
import type { ScanItem } from '../../../src/model/source.js';
import { orgToken } from '../../support/tokens.js';
import { expanding } from '../collect.js';

const secret = orgToken('hostile');
const cases = hostileCases(secret);
const SECONDS = 60;
const OVERLAP = secret.length;
/** What a spool of this process is called: others may be at work beside it. */
const SPOOL = `guardsweep-spool-${process.pid}-`;

test('there are at least 200 cases', () => {
  expect(cases.length).toBeGreaterThanOrEqual(200);
});

describe.each([
  { way: 'in memory', piped: false },
  { way: 'through a pipe', piped: true },
])('hostile archives $way', ({ piped }) => {
  // By number: a runner that prints the bytes of a case into its title takes minutes.
  test.each(cases.map(({ name }, index) => ({ name: JSON.stringify(name).slice(1, 80), index })))(
    '$name',
    async ({ index }) => {
      const { bytes, holds } = cases[index]!;
      const source = expanding(bytes, { piped, chunk: 60_000 });
      const seen = { found: false, missed: 0, most: 0 };
      for await (const item of source.units()) await look(item, seen);
      source.close?.();
      if (holds) expect(seen.found).toBe(true);
      expect(existsSync('/tmp/guardsweep-escaped')).toBe(false);
      expect(readdirSync(tmpdir()).filter((name) => name.startsWith(SPOOL))).toEqual([]);
    },
    SECONDS * 1000,
  );
});

/** Searches an item as a consumer does: in pieces, holding on to nothing. */
async function look(item: ScanItem, seen: { found: boolean; missed: number }): Promise<void> {
  if (item.type === 'diagnostic') {
    seen.missed += 1;
    return;
  }
  if (item.content instanceof Uint8Array) {
    seen.found ||= Buffer.from(item.content).includes(secret);
    return;
  }
  const window = Buffer.alloc(OVERLAP + 200_000);
  for (;;) {
    const count = await item.content.read(window.subarray(OVERLAP));
    if (count === 0) break;
    seen.found ||= window.subarray(0, OVERLAP + count).includes(secret);
    window.copyWithin(0, count, OVERLAP + count);
  }
  item.content.close();
}
