import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { crewSize } from '../../src/workflows/crew-size.js';

const GIB = 1024 ** 3;
const CORES = Math.min(availableParallelism(), 8);

test('one thread a core, as long as there is memory for what each has to hold of a repository', () => {
  expect(crewSize('auto', 0, GIB)).toBe(CORES);
  expect(crewSize('auto', 0.02 * GIB, 4 * GIB)).toBe(CORES);
  expect(crewSize('auto', 0.25 * GIB, 4 * GIB)).toBe(1);
  expect(crewSize('auto', 10 * GIB, GIB)).toBe(1);
});

test('as many as were asked for, whatever there is', () => {
  expect(crewSize(5, 10 * GIB, GIB)).toBe(5);
});
