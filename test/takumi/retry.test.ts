import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseHttpDate } from '../../src/takumi/http-date.js';
import { backoff, DEFAULT_RETRY, RetryBudget, retryAfter } from '../../src/takumi/retry.js';
import { SYSTEM_TIMING } from '../../src/takumi/timing.js';

const NOW = Date.UTC(2026, 10, 23, 12);

describe('dates of HTTP', () => {
  test.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
    '%s',
    (text) => {
      expect(parseHttpDate(text, NOW)).toBe(784_111_777_000);
    },
  );

  test('what a server writes is read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
        expect(parseHttpDate(new Date(seconds * 1000).toUTCString(), NOW)).toBe(seconds * 1000);
      }),
    );
  });

  test.each(['', 'soon', '2026-11-23T12:00:00Z', 'Sun, 06 Foo 1994 08:49:37 GMT', '-5'])(
    '%j is none',
    (text) => {
      expect(parseHttpDate(text, NOW)).toBeUndefined();
    },
  );
});

describe('Retry-After', () => {
  const at = (milliseconds: number): string => new Date(milliseconds).toUTCString();

  test('seconds', () => {
    expect(retryAfter(' 120 ', undefined, NOW)).toBe(120_000);
  });

  test('a date counts from the server’s own clock', () => {
    const yearOff = NOW - 365 * 86_400_000;
    expect(retryAfter(at(yearOff + 30_000), at(yearOff), NOW)).toBe(30_000);
  });

  test('without a Date of the server, from ours', () => {
    expect(retryAfter(at(NOW + 30_000), undefined, NOW)).toBe(30_000);
    expect(retryAfter(at(NOW + 30_000), 'nonsense', NOW)).toBe(30_000);
  });

  test('a date that has passed asks for no wait', () => {
    expect(retryAfter(at(NOW - 5_000), at(NOW), NOW)).toBe(0);
  });

  test.each(['99999999999', '9'.repeat(400)])('%s seconds are longer than any patience', (value) => {
    expect(retryAfter(value, at(NOW), NOW)).toBe(1e13);
  });

  test.each([undefined, '', '-3', '1.5', 'soon'])('%j says nothing', (value) => {
    expect(retryAfter(value, at(NOW), NOW)).toBeUndefined();
  });
});

test('the system’s clocks go forward and its sleep lasts', async () => {
  const { monotonic, wall, sleep, random } = SYSTEM_TIMING;
  const [start, year] = [monotonic(), new Date(wall()).getUTCFullYear()];
  await sleep(20);
  expect(monotonic() - start).toBeGreaterThanOrEqual(19);
  expect(year).toBe(new Date().getUTCFullYear());
  const drawn = random();
  expect(drawn >= 0 && drawn < 1).toBe(true);
});

test('a backoff lies between nothing and the doubled base, under the cap', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (failures, random) => {
        const wait = backoff(DEFAULT_RETRY, failures, random);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(
          Math.min(DEFAULT_RETRY.cap, DEFAULT_RETRY.base * 2 ** (failures - 1)),
        );
      },
    ),
  );
});

test('a budget gives its store and what first attempts earn, no more', () => {
  const budget = new RetryBudget(3, 0.5);
  expect([budget.repeat(), budget.repeat(), budget.repeat(), budget.repeat()]).toEqual([
    true,
    true,
    true,
    false,
  ]);
  budget.firstAttempt();
  expect(budget.repeat()).toBe(false);
  budget.firstAttempt();
  expect([budget.repeat(), budget.repeat()]).toEqual([true, false]);
});
