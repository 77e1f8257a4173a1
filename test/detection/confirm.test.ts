import { describe, expect, test } from 'vitest';
import { createDetector } from '../../src/detection/detector.js';
import { RULES } from '../../src/rules/builtin.generated.js';
import { body, botId, botKey, orgToken } from '../support/tokens.js';

const detector = createDetector(RULES);
const token = orgToken('confirm');

describe('where a token begins', () => {
  test.each([
    ['a quote', '"', []],
    ['an equals sign', '=', []],
    ['a separator of names', 'npm-', []],
    ['an escaped line break', '\\n', []],
    ['an escaped quote', '\\u0022', []],
    ['a percent-encoded space', '%20', []],
    ['a colour code', '\x1b[01;31m\x1b[K', []],
    ['the end of Japanese words in ISO-2022-JP', '\x1b$B%H!<\x1b(B', []],
  ])('%s before it is a boundary', (_, before) => {
    expect(detector.scan(Buffer.from(`${before}${token}\n`))).toMatchObject([
      { confidence: 'high', reasons: ['random_body'], via: [], span: { start: before.length } },
    ]);
  });

  test('a control character of CLIXML ends it', () => {
    expect(detector.scan(Buffer.from(`<S S="Error">npm ${token}_x000D__x000A_</S>`))).toMatchObject([
      { confidence: 'high', span: { end: '<S S="Error">npm '.length + token.length } },
    ]);
  });

  test.each(['\\u001b[39m', '\\033[1;31m', '\\\\x1b[0m', '^[[01;31m^[[K', '[0m', '%1b%5b32m'])(
    'a colour as %s is a boundary, and no letter, to the digits of a hash too',
    (colour) => {
      const hex = orgToken(`colour ${colour}`, 32, 'hex');
      expect(detector.scan(Buffer.from(`"log":"${colour}${hex}\\u001b[0m"\n`))).toMatchObject([
        { confidence: 'high' },
      ]);
    },
  );

  test('a letter or digit before it makes a low lead of it, where its body could end a name', () => {
    for (const before of ['s', '7']) {
      for (const name of [orgToken('digest', 32, 'hex'), orgToken('short', 16)]) {
        expect(detector.scan(Buffer.from(`${before}${name}\n`))).toMatchObject([
          { confidence: 'low', reasons: ['glued', 'random_body'] },
        ]);
      }
      expect(detector.scan(Buffer.from(`${before}${token}\n`))).toMatchObject([{ confidence: 'high' }]);
    }
  });

  test('a byte before it that says how long it is is no letter', () => {
    for (const length of [43, 50, 60, 93]) {
      const hex = orgToken(`length/${length}`, length, 'hex');
      const bytes = Buffer.from(`\n${String.fromCharCode(hex.length)}${hex}\x12`);
      expect(detector.scan(bytes)).toMatchObject([{ confidence: 'high', span: { start: 2 } }]);
    }
  });
});

describe('where a token ends', () => {
  test.each([
    '.',
    ',',
    ';',
    '"',
    "'",
    '`',
    ')',
    ']',
    '}',
    '>',
    ':',
    '@',
    '/',
    '?',
    '&x=1',
    '%20x',
    '\\n',
    '|',
    ' ',
    '',
  ])('before %j', (after) => {
    expect(secretsOf(`x=${token}${after}`)).toEqual([token]);
  });

  test.each([
    ['emphasis', `_${token}_`],
    ['strong emphasis', `__${token}__`],
    ['the end of an HTML comment', `<!--${token}-->`],
    ['a rule', `${token}-----`],
  ])('%s does not belong to it', (_, text) => {
    expect(secretsOf(text)).toEqual([token]);
  });

  test('a single dash or low line may be its last character: both readings are told', () => {
    for (const last of ['-', '_']) {
      expect(readings(` ${token}${last} `)).toEqual([`high ${token}${last}`, `low ${token}`]);
    }
  });

  test('a colour code within it is taken out', () => {
    const painted = token.replace('tg_org_', 'tg_org_\x1b[m\x1b[K');
    expect(detector.scan(Buffer.from(painted))).toMatchObject([{ confidence: 'high', via: ['ansi'] }]);
    expect(secretsOf(painted)).toEqual([token]);
  });
});

describe('leads', () => {
  const short = `tg_org_A7${body('short', 6)}x9`;

  test.each([
    ['cut_by_line_end', `log: ${short}\nnext`],
    ['cut_by_end', `log: ${short}`],
    ['cut_by_line_end', `{"log":"token=${short}\\n","stream":"stdout"}`],
    ['elided', `log: ${short}... and so on`],
    ...[' …', '***', '•••', '[truncated]', ' (truncated)', '<redacted>', '[...]', '\\u2026"', '&hellip;'].map(
      (mark): [string, string] => ['elided', `log: ${short}${mark}`],
    ),
  ])('%s', (reason, text) => {
    expect(detector.scan(Buffer.from(text))).toMatchObject([{ confidence: 'low', reasons: [reason] }]);
  });

  test.each(['tg_org_en.htm', 'tg_org_id\n', 'tg_org_name\n', `${short} and so on`, 'tg_org_'])(
    '%j is none',
    (text) => {
      expect(detector.scan(Buffer.from(text))).toEqual([]);
    },
  );
});

test('a name in code is reported low, with its reason', () => {
  expect(detector.scan(Buffer.from('tg_org_members_updated_at '))).toMatchObject([
    { confidence: 'low', reasons: ['identifier'] },
  ]);
  expect(detector.scan(Buffer.from(`tg_org_${'x'.repeat(20)} `))).toMatchObject([
    { confidence: 'low', reasons: ['placeholder'] },
  ]);
});

test("a bot's key is one match, with or without the bot's ID, and the ID is no part of the secret", () => {
  const key = botKey('key');
  for (const [text, reasons] of [
    [key, ['random_body']],
    [`${key}:${botId('id')}`, ['random_body', 'with_companion']],
  ] as const) {
    const matches = detector.scan(Buffer.from(text));
    expect(matches).toMatchObject([{ rule: 'shisho_apikey', reasons, span: { start: 0, end: key.length } }]);
    expect(matches[0]!.secret.reveal()).toBe(key);
  }
});

test('a match holds nothing that prints its secret', () => {
  const [match] = detector.scan(Buffer.from(token));
  expect(JSON.stringify(match)).not.toContain(token.slice(7));
});

test('lines and columns count from 1, offsets from 0, over pieces', () => {
  const session = detector.session();
  const filler = `${'x'.repeat(99)}\n`;
  const matches = [];
  for (let line = 0; line < 20_000; line++) {
    const text = Buffer.from(line % 5000 === 4321 ? `ab ${token}\n` : filler);
    session.window().set(text);
    matches.push(...session.commit(text.length));
  }
  matches.push(...session.end());
  expect(matches.map(({ line, column }) => [line, column])).toEqual(
    [4322, 9322, 14_322, 19_322].map((line) => [line, 4]),
  );
});

function readings(text: string): string[] {
  return detector.scan(Buffer.from(text)).map(({ confidence, secret }) => `${confidence} ${secret.reveal()}`);
}

function secretsOf(text: string): string[] {
  return detector.scan(Buffer.from(text)).map(({ secret }) => secret.reveal());
}
