import { describe, expect, test } from 'vitest';
import { looseEnds } from '../../src/detection/confirm/loose-ends.js';
import { createDetector } from '../../src/detection/detector.js';
import { RULES } from '../../src/rules/builtin.generated.js';
import { type BodyAlphabet, body, orgToken } from '../support/tokens.js';

const KINDS: readonly (readonly [BodyAlphabet, number])[] = [
  ['hex', 20],
  ['hex', 32],
  ['base32', 36],
  ['base62', 40],
  ['base64url', 43],
  ['base62', 48],
];
const WORDS = ['alice', 'user', 'Zalice', 'production', 'unexpected EOF'.slice(0, 10), '8username'];

describe('where nothing tells where a body ends, its characters do', () => {
  test.each(KINDS)('%s of %i characters: words behind it are told from it', (alphabet, length) => {
    let right = 0;
    for (let seed = 0; seed < 15; seed++) {
      const token = body(`loose ${seed}`, length, alphabet).replace(/[-_]$/, '7');
      right += WORDS.filter((word) => looseEnds(token + word, 16)[0]?.length === length).length;
    }
    expect(right / (15 * WORDS.length)).toBeGreaterThan(0.85);
  });

  test('a body by itself has another end in a thirtieth of all cases at most', () => {
    const bodies = KINDS.flatMap(([alphabet, length]) =>
      Array.from({ length: 50 }, (_, seed) => body(`alone ${seed}`, length, alphabet)),
    );
    const some = bodies.filter((one) => looseEnds(one, 16).length > 0);
    expect(some.length / bodies.length).toBeLessThan(1 / 30);
  });
});

const detector = createDetector(RULES);
const found = (text: string) =>
  detector.scan(Buffer.from(text, 'latin1')).map(({ confidence, secret, reasons }) => ({
    confidence,
    text: secret.reveal(),
    reasons,
  }));

test('among bytes that are no text a token is told from what stands beside it', () => {
  for (const [alphabet, length] of KINDS) {
    const token = orgToken('beside it', length, alphabet).replace(/[-_]$/, '7');
    const all = found(`\0\x01rows\x02carol${token}production\0\x05`);
    expect(all[0]).toMatchObject({ confidence: 'high', reasons: ['random_body', 'loose_end'] });
    expect(all.map(({ text }) => text)).toContain(token);
    expect(all.slice(1).map(({ confidence }) => confidence)).not.toContain('high');
    expect(all.map(({ text }) => text)).toContain(`${token}production`);
  }
});

test('where what follows looks like nothing, the lengths that bodies have as a rule are told', () => {
  const token = orgToken('usual', 40);
  expect(found(`\0\x01\x02${token}x4\x05`).map(({ text }) => text)).toContain(token);
});

test('so they are where a word makes another such length of one', () => {
  for (const [length, word] of [
    [40, 'cfg'],
    [43, 'value'],
    [36, 'user'],
  ] as const) {
    const token = orgToken(`made ${word}`, length);
    expect(found(`\0\x01\x02${token}${word}/7\x05`).map(({ text }) => text)).toContain(token);
  }
});

test('a run that is longer than any token is one with others behind it', () => {
  const token = orgToken('table', 40);
  const all = found(`\0\x01${token}${'unexpected'.repeat(40)}\0`);
  expect(all[0]).toEqual({ confidence: 'high', text: token, reasons: ['random_body', 'loose_end'] });
});

test('between zeros or quotes, and in a text, a token is what its characters are', () => {
  for (const [alphabet, length] of KINDS) {
    const token = orgToken('whole', length, alphabet).replace(/[-_]$/, '7');
    for (const text of [`\0${token}\0\x01`, `\x01{"token":"${token}"}\x02`, `token=${token}alice\n`]) {
      expect(found(text).map((one) => one.reasons)).not.toContainEqual(expect.arrayContaining(['loose_end']));
    }
  }
});

test('a last character whose highest bit marks the end is one of the token (Kryo)', () => {
  const text = (value: string) =>
    value.slice(0, -1) + String.fromCharCode(0x80 + value.charCodeAt(value.length - 1));
  for (let seed = 0; seed < 40; seed++) {
    const token = orgToken(`marked ${seed}`, 40);
    for (const behind of ['\x03\x01', text('https://npm.flatt.tech/'), 'alice\0']) {
      const all = found(
        `\x01\0${text('com.acme.Settings')}\x01${text('registryToken')}\x01${text(token)}${behind}\0`,
      );
      expect(all.filter(({ confidence }) => confidence === 'high').map((one) => one.text)).toEqual([token]);
    }
  }
  const token = orgToken('before a letter of its own', 40);
  const other = found(`\x01\0alice\0\x02${token}\xe1\x01\0bob\0`);
  expect(other[0]).toMatchObject({ text: token, confidence: 'high' });
  expect(other.map((one) => one.text)).toContain(`${token}a`);
  for (const letter of ['\xc3\xa9', '\xe3\x81\x82']) {
    expect(found(`\x01\0${token}${letter}\0`)[0]).toMatchObject({ text: token, confidence: 'high' });
  }
});
