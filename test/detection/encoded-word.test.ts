import { describe, expect, test } from 'vitest';
import { createDetector } from '../../src/detection/detector.js';
import { RULES } from '../../src/rules/builtin.generated.js';
import { orgToken } from '../support/tokens.js';

const detector = createDetector(RULES);
const TOKEN = orgToken('two encoded words');

const ENCODED = {
  Q: (text: string) => text.replace(/[_=]/g, (one) => `=${one.charCodeAt(0).toString(16).toUpperCase()}`),
  B: (text: string) => Buffer.from(text).toString('base64'),
} as const;

function found(text: string): string[] {
  return detector
    .scan(Buffer.from(text))
    .map(({ confidence, secret, via }) => `${confidence} ${via.join()} ${secret.reveal()}`);
}

describe.each([
  ['Q', 'quoted-printable'],
  ['B', 'base64'],
] as const)('a header in two encoded words (%s), outside a mail', (encoding, via) => {
  const word = (text: string) => `=?utf-8?${encoding}?${ENCODED[encoding](text)}?=`;

  test.each(['\r\n ', '\n ', '\n\t', ' '])('parted by %j, cut anywhere behind the prefix', (space) => {
    for (let at = 'tg_org_'.length; at < TOKEN.length; at++) {
      const text = `X-Key: ${word(`key=${TOKEN.slice(0, at)}`)}${space}${word(TOKEN.slice(at))}\r\nTo: a\r\n`;
      expect(found(text), `${at}`).toEqual([`high ${via} ${TOKEN}`]);
    }
  });

  test('a word that ends its line alone ends the token', () => {
    const text = `X-Key: ${word(`key=${TOKEN}`)}\r\nSubject: ${word('all of it')}\r\n`;
    expect(found(text)).toEqual([`high ${via} ${TOKEN}`]);
  });
});

test('a low line in an encoded word is a blank, and ends a token', () => {
  const text = `Subject: =?utf-8?q?=C3=A9_${ENCODED.Q(TOKEN)}_is_it?=\r\nTo: a\r\n`;
  expect(found(text)).toEqual([`high quoted-printable ${TOKEN}`]);
});
