import { expect, test } from 'vitest';
import type { CallFailure } from '../../src/model/token.js';
import { AdaptiveRate } from '../../src/workflows/adaptive-rate.js';

test('grows while all is well, halves when a call had to wait, and never stops', async () => {
  const rate = new AdaptiveRate();
  const calls = (count: number, attempts: number, failure?: CallFailure) =>
    Promise.all(
      Array.from({ length: count }, () =>
        rate.limit(async () =>
          rate.learn({ exchange: { attempts, ms: 0 }, ...(failure === undefined ? {} : { failure }) }),
        ),
      ),
    );
  const start = rate.concurrency;
  await calls(start, 1);
  expect(rate.concurrency).toBe(start + 1);
  await calls(1_000, 1);
  expect(rate.concurrency).toBe(16);
  await calls(1, 2);
  expect(rate.concurrency).toBe(8);
  await calls(1, 1, 'rate_limited');
  expect(rate.concurrency).toBe(4);
  await calls(50, 3);
  expect(rate.concurrency).toBe(1);
  await calls(2, 1);
  expect(rate.concurrency).toBe(2);
});

test('never more under way than it allows at that moment', async () => {
  const rate = new AdaptiveRate();
  let under = 0;
  await Promise.all(
    Array.from({ length: 200 }, (_, at) =>
      rate.limit(async () => {
        under += 1;
        expect(under).toBeLessThanOrEqual(16);
        await new Promise((done) => setImmediate(done));
        under -= 1;
        rate.learn({ exchange: { attempts: at % 7 === 0 ? 2 : 1, ms: 0 } });
      }),
    ),
  );
  expect(under).toBe(0);
});
