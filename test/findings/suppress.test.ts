import { expect, test } from 'vitest';
import { parseIgnoreList, suppress } from '../../src/findings/suppress.js';
import { findingFor } from '../support/findings.js';
import { orgToken } from '../support/tokens.js';

test('marks the findings that it names with the line that names them, and no others', () => {
  const [a, b] = [findingFor(orgToken('a')), findingFor(orgToken('b'))];
  const list = parseIgnoreList(`# canaries\r\n\n  ${a.fingerprint} # ours\n`, '.guardsweepignore');
  const found = suppress([a, b], list);
  expect(found.map((finding) => finding.suppressedBy)).toEqual(['.guardsweepignore:3', undefined]);
});

test('malformed lines are errors with their numbers, and are not quoted', () => {
  const token = orgToken('pasted');
  const text = `gs1_short\n${findingFor(token).fingerprint}\n${token}\n`;
  expect(() => parseIgnoreList(text, 'ignore.txt')).toThrow('ignore.txt: line 1, 3: not a fingerprint');
  expect(() => parseIgnoreList(text, 'ignore.txt')).not.toThrow(token);
});
