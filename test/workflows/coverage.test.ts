import { expect, test } from 'vitest';
import { diagnostic } from '../../src/model/diagnostic.js';
import { Coverage } from '../../src/workflows/coverage.js';

const where = (path: string) => ({ kind: 'file', path }) as const;

test('what is said twice in a row is listed once; of other things, or for other reasons, each time', () => {
  const coverage = new Coverage();
  for (const path of ['a', 'a', 'b', 'a']) coverage.missed(diagnostic(where(path), 'corrupt', 'broken'));
  coverage.missed(diagnostic(where('a'), 'budget', 'broken'));
  coverage.missed(diagnostic(where('a'), 'budget', 'cut off'));
  expect(coverage.unscanned.map(({ where, reason }) => `${JSON.stringify(where)} ${reason}`)).toHaveLength(5);
});
