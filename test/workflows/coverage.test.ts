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

test('what threads could not read is told in one order, whoever met it', () => {
  const met = ['b', 'c', 'a'].map((path) => diagnostic(where(path), 'corrupt', 'damaged'));
  const orders = [0, 1, 2].map((first) => {
    const [own, other] = [new Coverage(), new Coverage()];
    for (const each of met.slice(first)) own.missed(each);
    for (const each of met.slice(0, first)) other.missed(each);
    own.absorb(other.summary());
    return own.unscanned.map(({ where }) => where);
  });
  expect(orders[0]).toEqual(['a', 'b', 'c'].map(where));
  expect(orders[1]).toEqual(orders[0]);
  expect(orders[2]).toEqual(orders[0]);
});
