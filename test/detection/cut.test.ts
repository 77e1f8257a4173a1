import { describe, expect, test } from 'vitest';
import { createDetector } from '../../src/detection/detector.js';
import { RULES } from '../../src/rules/builtin.generated.js';
import { anonToken, body, botKey, orgToken } from '../support/tokens.js';
import {
  LOG_CUTTERS,
  LOOSE_CUTTERS,
  MARKUP_CUTTERS,
  PAGED_CUTTERS,
  SECTION_CUTTERS,
  TIME,
  TYPED_CUTTERS,
} from './cutters.js';

const detector = createDetector(RULES);
const TOKENS = [orgToken('cut in two'), anonToken('cut in two'), botKey('cut in two')];

function read(text: string): string[] {
  const bytes = Buffer.from(text);
  return detector.scan(bytes).map(({ confidence, secret, via, span }) => {
    expect(span.start).toBeGreaterThanOrEqual(0);
    expect(span.end).toBeLessThanOrEqual(bytes.length);
    return `${confidence} ${via.join()} ${secret.reveal()}`;
  });
}

/** Cut before the last three characters of a prefix, these are not looked for: each would be met too often elsewhere. */
const FEW = new Set([
  'a message of syslog',
  'an element that a page defines',
  'a body of HTTP in chunks',
  'a line that is typed in bash',
  'a line that is typed in zsh',
]);

/** Cut inside a prefix, these are not looked for: tables are as wide as one. */
const WIDE = new Set(['a cell of a table', 'a cell of a box']);

/** Every place in a prefix, and some in the body. */
function placesIn(token: string, name: string): number[] {
  const prefix = /^(?:tg_org_|tg_anon_|shisho_apikey_)/.exec(token)![0].length;
  const places = Array.from({ length: prefix }, (_, index) => index + 1);
  const found = places.filter(
    (at) => at === prefix || (!WIDE.has(name) && (!FEW.has(name) || at <= prefix - 4)),
  );
  return [...found, prefix + 1, prefix + 9, token.length - 1];
}

describe.each([LOG_CUTTERS, MARKUP_CUTTERS, TYPED_CUTTERS].flatMap((cutters) => Object.entries(cutters)))(
  '%s',
  (name, { via, cut }) => {
    test('wherever it is cut, it is read as a whole', () => {
      for (const token of TOKENS) {
        for (const at of placesIn(token, name)) {
          const text = cut(token.slice(0, at), token.slice(at));
          for (let shift = 0; shift < 4; shift++) {
            expect(read(`${' '.repeat(shift).replace(/ $/, '\n')}${text}`), `${at}`).toContain(
              `high ${via} ${token}`,
            );
          }
        }
      }
    });

    test('in pieces as in the whole', () => {
      const [token] = TOKENS as [string];
      const text = Buffer.from(
        `${'- an ordinary line\n'.repeat(70_000)}${cut(token.slice(0, 9), token.slice(9))}\n`.repeat(2),
      );
      const session = detector.session();
      const found: string[] = [];
      for (let at = 0; at < text.length; ) {
        const part = text.subarray(at, at + 60_000);
        const window = session.window();
        const length = Math.min(part.length, window.length);
        window.set(part.subarray(0, length));
        for (const match of session.commit(length))
          found.push(`${match.span.start} ${match.secret.reveal()}`);
        at += length;
      }
      for (const match of session.end()) found.push(`${match.span.start} ${match.secret.reveal()}`);
      expect(found).toEqual(
        detector.scan(text).map(({ span, secret }) => `${span.start} ${secret.reveal()}`),
      );
      expect(found.filter((each) => each.endsWith(` ${token}`))).toHaveLength(2);
    });
  },
);

test.each([PAGED_CUTTERS, SECTION_CUTTERS].flatMap((cutters) => Object.entries(cutters)))(
  '%s, cut behind the prefix',
  (_, { via, cut }) => {
    for (const token of TOKENS) {
      const prefix = token.lastIndexOf('_', 14) + 1;
      for (let at = prefix; at < token.length; at++)
        expect(read(cut(token.slice(0, at), token.slice(at))), `${at}`).toContain(`high ${via} ${token}`);
    }
  },
);

describe.each(Object.entries(LOOSE_CUTTERS))('%s', (name, { via, cut }) => {
  test('a token that is whole without stays one where words follow: with them it is another reading', () => {
    const [token] = TOKENS as [string];
    for (const [at, rest] of [
      [30, 'and'],
      [35, 'Continued'],
      [40, token.slice(40)],
    ] as const) {
      const found = read(cut(token.slice(0, at), rest));
      expect(found, `${at}`).toContain(`high  ${token.slice(0, at)}`);
      expect(found, `${at}`).toContain(`low ${via} ${token.slice(0, at)}${rest}`);
    }
  });

  test('what is a token without goes on where random characters follow', () => {
    const [token] = TOKENS as [string];
    for (const at of [25, 30]) {
      const found = read(cut(token.slice(0, at), token.slice(at)));
      expect(found, `${at}`).toContain(`low  ${token.slice(0, at)}`);
      expect(found, `${at}`).toContain(`high ${via} ${token}`);
    }
  });

  test('what is no token without is read as a whole', () => {
    for (const token of TOKENS) {
      for (const at of placesIn(token, name).slice(0, -2)) {
        const found = read(cut(token.slice(0, at), token.slice(at)));
        expect(
          found.map((each) => each.replace(/^(\w+) \S+/, '$1')),
          `${at}`,
        ).toContain(`high ${token}`);
      }
    }
  });
});

describe('what is no cut', () => {
  const [token] = TOKENS as [string];
  test.each([
    ['a whole line of Kubernetes', `${TIME} stdout F ${token}\n${TIME} stdout F next\n`],
    [
      'a whole record of Docker',
      `{"log":"${token}\\n","stream":"stdout","time":"${TIME}"}\n{"log":"next\\n","stream":"stdout","time":"${TIME}"}\n`,
    ],
    [
      'a record of Fluent Bit',
      `{"stream":"stdout","logtag":"F","log":"${token}"}\n{"stream":"stdout","logtag":"F","log":"next"}\n`,
    ],
    ['a short message of syslog', `Nov 24 03:14:15 host app: ${token}\nNov 24 03:14:16 host app: next\n`],
    [
      'another program',
      `Nov 24 03:14:15 host app: ${'x'.repeat(1023 - token.length)} ${token}\nNov 24 03:14:16 host other: next\n`,
    ],
    ['a paragraph of Word', `<w:p><w:r><w:t>${token}</w:t></w:r></w:p><w:p><w:r><w:t>next</w:t></w:r></w:p>`],
    ['a break of Word', `<w:r><w:t>${token}</w:t><w:br/><w:t>next</w:t></w:r>`],
    ['cells of Excel', `<si><t>${token}</t></si><si><t>next</t></si>`],
    ['elements of XML', `<a><![CDATA[${token}]]></a><b>next</b>`],
    ['a cell of a table', `<td>${token}</td><td>next</td>`],
    ['a list of environment variables', `A=${token}\nNEXT=1\n`],
    ['a paragraph of RTF', `{\\rtlch ${token}}{\\rtlch \\par next}`],
    ['a variable in braces', `\${${token}}{next}`],
    ['the end of a paragraph of RTF', `{\\rtlch ${token}\\par next}`],
    ['a path of Windows', `C:\\${token}\\logs`],
    ['a blank of OpenDocument', `<text:p>${token}<text:s/>next</text:p>`],
    ['a cell of a table, and one below', `| a  | ${token} |\n| b  | ${'x'.repeat(token.length)} |\n`],
    ['a cell that is not full', `| a  | ${token}    |\n|    | next ${' '.repeat(token.length - 2)} |\n`],
    ['a list with columns', `alice-laptop-0001 ${token}\nbruno-laptop-0042 ${'-'.repeat(token.length)}\n`],
    [
      'a log whose lines are of one length',
      `${`${'entry '.repeat(9)} ${'x'.repeat(token.length)}\n`.repeat(2)}${'entry '.repeat(9)} ${token}\n${'entry '.repeat(9)} ${'x'.repeat(token.length)}\n`,
    ],
  ])('%s: the token alone, and nothing else', (_, text) => {
    expect(read(text).map((each) => each.replace(/^(\w+) \S*/, '$1'))).toEqual([`high ${token}`]);
  });

  test('a token beside one that is cut, whatever comes first', () => {
    const [cutOne, other] = [orgToken('is cut'), orgToken('is beside')];
    const { cut } = LOOSE_CUTTERS['a terminal of 80 columns']!;
    for (let shift = 0; shift < 4; shift++) {
      const lines = [cut(cutOne.slice(0, 3), cutOne.slice(3)), `key=${other}\n`, `${other}\n`];
      for (const text of [lines.join(''), lines.reverse().join('')]) {
        const found = read('\n'.repeat(shift) + text);
        expect(found.filter((each) => each.endsWith(other))).toEqual([`high  ${other}`, `high  ${other}`]);
        expect(found.filter((each) => each.endsWith(cutOne))).toHaveLength(1);
      }
    }
  });

  test('names that look like the second part of one', () => {
    const id = body('an organization', 24);
    for (const text of [
      `{"org_id":"org_${id}"}`,
      `<td>org_${id}</td>`,
      `\norg_${id}: 1`,
      `"log":"org_${id}"`,
    ]) {
      expect(read(text)).toEqual([]);
    }
  });
});
