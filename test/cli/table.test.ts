import { expect, test } from 'vitest';
import { plain, table } from '../../src/cli/table.js';

test('columns are as wide as their widest cell, of however many rows', () => {
  expect(table(['ID', 'USER'], [['T1', 'alice'], ['T1000']])).toBe('ID     USER\nT1     alice\nT1000\n');
  const rows = Array.from({ length: 200_000 }, (_, at) => [`${at}`, 'x']);
  expect(table(['ID', 'USER'], rows).slice(0, 22)).toBe('ID      USER\n0       x');
});

test('what a service has said can neither begin a line nor move the cursor', () => {
  expect(plain('a\u001b[2J\u001b]0;x\u0007b\nc\u202ed\u2028e\u0000')).toBe('abcde');
});
