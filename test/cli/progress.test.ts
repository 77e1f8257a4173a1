import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Progress } from '../../src/cli/progress.js';

const STATE = { stage: 'scanning', bytes: 3 * 1024 ** 2, units: 12, findings: 1 };
let written: string[];

beforeEach(() => {
  written = [];
  vi.useFakeTimers();
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('work that takes less than a second shows nothing', () => {
  const progress = new Progress(true);
  vi.advanceTimersByTime(900);
  progress.update(() => STATE);
  progress.stop();
  expect(written).toEqual([]);
});

test('then one line, at most five times a second, and it is gone at the end', () => {
  const progress = new Progress(true);
  vi.advanceTimersByTime(1_500);
  progress.update(() => STATE);
  progress.update(() => STATE);
  expect(written).toHaveLength(1);
  expect(written[0]).toContain('scanning  3.0 MiB  2.0 MiB/s  12 units  1 found');
  vi.advanceTimersByTime(200);
  progress.update(() => STATE);
  expect(written).toHaveLength(2);
  progress.stop();
  expect(written[2]).toBe('\r\u001b[2K');
});

test('where it is switched off the state is not even asked for', () => {
  const progress = new Progress(false);
  vi.advanceTimersByTime(5_000);
  progress.update(() => {
    throw new Error('asked');
  });
  progress.stop();
  expect(written).toEqual([]);
});
