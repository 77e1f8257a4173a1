import { expect, test } from 'vitest';
import { createDetector } from '../../src/detection/detector.js';
import { fingerprint } from '../../src/findings/fingerprint.js';
import { SecretValue } from '../../src/model/secret.js';
import { RULES } from '../../src/rules/builtin.generated.js';
import { body, orgToken } from '../support/tokens.js';

const detector = createDetector(RULES);

const ENCODINGS: Record<string, (token: string) => string> = {
  plain: (token) => token,
  base64: (token) => Buffer.from(token).toString('base64'),
  'base64 of userinfo': (token) => Buffer.from(`user:${token}`).toString('base64'),
  'base64, unpadded': (token) => Buffer.from(`x:${token}`).toString('base64').replaceAll('=', ''),
  base64url: (token) => Buffer.from(`a=${token}`).toString('base64url'),
  'base64 of UTF-16': (token) => Buffer.from(`$t="${token}"`, 'utf16le').toString('base64'),
  'base64 of base64': (token) => Buffer.from(Buffer.from(token).toString('base64')).toString('base64'),
  hex: (token) => Buffer.from(token).toString('hex'),
  HEX: (token) => Buffer.from(token).toString('hex').toUpperCase(),
  'UTF-16': (token) => Buffer.from(token, 'utf16le').toString('latin1'),
  escapes: (token) => token.replaceAll('_', '\\u005f'),
};

const BEFORE = ['', 'KEY=', 'token: ', '"', 'abc ', '\n', '2026-11-23 INFO ', 'A=b\nB=', 'deadbeef\n'];

const BEHIND = [
  '\nNEXT_VARIABLE=1',
  '\nother: value',
  '\r\nOTHER=2',
  '\n  password: abc',
  '\n- item',
  '\n0f: 12',
  '\nface: b00c',
  '\n\nSection two',
  '\tcolumn',
  ' word word',
  '","next":"abc"',
  "'\nexport A=b",
  '\n# comment',
  '\n=====\n',
  '\n2026-11-23T10:00:00Z INFO next',
  '\\nNEXT=1',
];

/** A value fills its line as often as it is wrapped, and the next line may begin with what decodes as well. */
test.each(Object.keys(ENCODINGS))('%s: what stands around it takes nothing away and adds nothing', (name) => {
  for (const before of BEFORE) {
    for (const behind of BEHIND) {
      for (let length = 36; length < 42; length++) {
        const token = orgToken(`${name}${before}${behind}${length}`, length, length % 2 ? 'base62' : 'hex');
        const text = before + ENCODINGS[name]!(token) + behind;
        const place = JSON.stringify([before, behind, length]);
        expect(surely(text), place).toEqual([fingerprint(new SecretValue(token, 7))]);
      }
    }
  }
});

test('where nothing tells whether a line of base64 goes on in the next, both readings are told', () => {
  const token = orgToken('ambiguous', 38);
  // What this decodes to begins like the rest of a token.
  const text = `${Buffer.from(token).toString('base64')}\nabcd1234efgh5678ijkl\n`;
  const found = detector.scan(Buffer.from(text)).map(({ secret }) => fingerprint(secret));
  expect(found).toContain(fingerprint(new SecretValue(token, 7)));
  expect(found).toHaveLength(2);
});

test('of a line that is full, and random characters below it, both readings are sure, where the line may be all', () => {
  for (const [length, below] of [
    [40, body('another', 20)],
    [32, body('another', 40)],
  ] as const) {
    const token = orgToken(`full ${length}`, length);
    const full = `${'k'.repeat(79 - token.length)}=${token}`;
    const readings = [token, token + below].map((each) => fingerprint(new SecretValue(each, 7)));
    expect(surely(`${full}\n${below}\n`).sort()).toEqual(readings.sort());
  }
});

function surely(text: string): string[] {
  return detector
    .scan(Buffer.from(text, 'latin1'))
    .filter(({ confidence }) => confidence === 'high')
    .map(({ secret }) => fingerprint(secret));
}
