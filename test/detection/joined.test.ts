import { describe, expect, test } from 'vitest';
import { otherEndings } from '../../src/detection/confirm/ending.js';
import { createDetector } from '../../src/detection/detector.js';
import type { Match } from '../../src/model/match.js';
import { RULES } from '../../src/rules/builtin.generated.js';
import { anonToken, type BodyAlphabet, body, botKey, orgToken } from '../support/tokens.js';
import { ENCODERS } from './encoders.js';

const detector = createDetector(RULES);
const ALPHABETS: readonly BodyAlphabet[] = ['hex', 'base32', 'base62', 'base64url'];

describe('tokens without anything between them', () => {
  test.each(ENCODERS.map((encoder) => [encoder.name, encoder] as const))('in %s', (_, encoder) => {
    for (let offset = 0; offset < 8; offset++) {
      for (const count of [2, 3]) {
        const tokens = Array.from({ length: count }, (_, index) =>
          wholeToken(`row/${offset}/${count}/${index}`, 16 + ((offset * 9) % 40), ALPHABETS[offset % 4]!),
        );
        const bytes = encoder.encode(Buffer.from(`${'A'.repeat(offset)} key=${tokens.join('')} and more\n`));
        const high = detector.scan(bytes).filter(({ confidence }) => confidence === 'high');
        const inOrder = encoder.name === 'reversed' ? tokens.reverse() : tokens;
        expect(high.map(({ secret }) => secret.reveal())).toEqual(inOrder);
      }
    }
  });

  test('of different families, with spans that meet', () => {
    const tokens = [orgToken('first'), anonToken('second'), botKey('third'), orgToken('fourth')];
    const matches = detector.scan(Buffer.from(`x=${tokens.join('')}`));
    expect(matches.map(({ rule, confidence }) => [rule, confidence])).toEqual(
      ['tg_org', 'tg_anon', 'shisho_apikey', 'tg_org'].map((rule) => [rule, 'high']),
    );
    for (const [index, { span }] of matches.entries()) {
      expect(span.start).toBe(index === 0 ? 2 : matches[index - 1]!.span.end);
      expect(span.end - span.start).toBe(tokens[index]!.length);
    }
  });

  test('a prefix before a prefix is no token, and hides none', () => {
    const token = orgToken('again');
    expect(texts(detector.scan(Buffer.from(`tg_org_tg_org_${token}`)))).toEqual([`high ${token}`]);
  });

  test('a name that ends in a prefix does not vouch for what follows', () => {
    const digest = body('digest', 32, 'hex');
    for (const { confidence } of detector.scan(Buffer.from(`tg_org_members_settings_stg_org_${digest}`))) {
      expect(confidence).toBe('low');
    }
  });
});

describe('what a dash or low line joins to a token', () => {
  const endings = [
    '_',
    '-',
    '--',
    '-suffix',
    '_backup',
    '-old',
    '-1',
    '_2',
    '-2024',
    '-2024-01-31',
    '-QA',
    '-v2',
  ];
  test.each(
    ALPHABETS.flatMap((alphabet) => endings.map((ending) => [alphabet, ending] as [BodyAlphabet, string])),
  )('%s and %s: the token is among the readings, at most one of them is high', (alphabet, ending) => {
    for (let index = 0; index < 40; index++) {
      const token = wholeToken(`ending/${index}`, 24 + (index % 20), alphabet);
      const matches = detector.scan(Buffer.from(`url = https://t:${token}${ending}@host/\n`));
      expect(texts(matches).map((text) => text.replace(/^\w+ /, ''))).toContain(token);
      expect(matches.filter(({ confidence }) => confidence === 'high').length).toBe(1);
      for (const match of matches.slice(1)) expect(match.reasons).toEqual(['other_reading']);
    }
  });

  test.each([
    ['hex', '_'],
    ['hex', '-suffix'],
    ['base32', '__'],
    ['base62', '_production_backup'],
    ['base64url', '-staging-environment'],
  ] as const)('%s and %s: the token is the likelier reading', (alphabet, ending) => {
    const token = wholeToken('likelier', 32, alphabet);
    const [first, ...others] = texts(detector.scan(Buffer.from(` ${token}${ending}.txt`)));
    expect(first).toBe(`high ${token}`);
    expect(others).toContain(`low ${token}${ending}`);
  });

  test('in an encoded text too', () => {
    const token = wholeToken('encoded', 30, 'base62');
    for (const encoder of ENCODERS) {
      const found = texts(detector.scan(encoder.encode(Buffer.from(`file ${token}-old.txt`))));
      expect(found, encoder.name).toEqual([`high ${token}-old`, `low ${token}`]);
    }
  });

  test('a line that a backslash continues may be another', () => {
    const token = orgToken('continued', 24);
    const found = texts(detector.scan(Buffer.from(`\\=${token}\\\nregistry\\=https`)));
    expect(found).toEqual([`high ${token}registry`, `low ${token}`]);
  });

  test('a token in parts stays whole: a UUID has one reading', () => {
    const digits = body('uuid', 32, 'hex');
    const uuid = digits.replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    expect(texts(detector.scan(Buffer.from(`tg_org_${uuid} `)))).toEqual([`high tg_org_${uuid}`]);
  });

  test('a body that is too long for a token may be one with something joined to it', () => {
    const token = wholeToken('long', 40, 'base62');
    const found = texts(detector.scan(Buffer.from(`${token}-${body('rest', 300)} `)));
    expect(found).toHaveLength(2);
    expect(found).toContain(`low ${token}`);
  });

  test('a name has no readings beside it', () => {
    expect(texts(detector.scan(Buffer.from('tg_org_members_check_seat_limit-old ')))).toHaveLength(1);
  });
});

/** What another reading costs ordinary tokens: nothing without `-` and `_`, and seldom with them. */
test.each([
  ['hex', 32, 0],
  ['base32', 26, 0],
  ['base62', 40, 0],
  ['base64url', 32, 0.18],
  ['base64url', 43, 0.2],
  ['base64url', 64, 0.22],
] as const)(
  'random %s bodies of %i characters: other readings are few, and none is the likelier',
  (alphabet, length, most) => {
    const samples = 1500;
    let others = 0;
    for (let index = 0; index < samples; index++) {
      const endings = otherEndings(body(`own/${index}`, length, alphabet), 16);
      if (endings.length > 0) others += 1;
      for (const { bits } of endings) expect(bits).toBeLessThan(20);
    }
    expect(others / samples).toBeLessThanOrEqual(most);
  },
);

/** One that ends in no `-` or `_`, which could as well be joined to it. */
function wholeToken(seed: string, length: number, alphabet: BodyAlphabet): string {
  return orgToken(seed, length, alphabet).replace(/[-_]$/, '7');
}

function texts(matches: readonly Match[]): string[] {
  return matches.map(({ confidence, secret }) => `${confidence} ${secret.reveal()}`);
}

describe('strings in a row', () => {
  test('a list of tokens in quotes is a list: what they would be as one is another reading', () => {
    const tokens = [orgToken('a row'), orgToken('b row'), orgToken('c row')];
    const found = detector.scan(Buffer.from(tokens.map((token) => `"${token}"`).join('\n')));
    const high = found.filter(({ confidence }) => confidence === 'high');
    expect(high.map(({ secret }) => secret.reveal())).toEqual(tokens);
  });

  test.each(['"\n  "', '" "', '"\r\n\tb"', '"\n f"'])(
    'a token in two of them (%j) is read as a whole',
    (between) => {
      const token = orgToken('in two strings', 40);
      for (const at of [8, 12, 20]) {
        const found = detector.scan(Buffer.from(`x = ("${token.slice(0, at)}${between}${token.slice(at)}")`));
        expect(texts(found)).toContain(`high ${token}`);
      }
      const late = detector.scan(Buffer.from(`x = ("${token.slice(0, 35)}${between}${token.slice(35)}")`));
      expect(late.map(({ secret, via }) => [secret.reveal(), via])).toContainEqual([token, ['adjacency']]);
    },
  );
});

test.each(['\\\n    ', '\\\r\n\t'])(
  'a line that a backslash continues, the next indented (%j), is read both ways',
  (between) => {
    const token = orgToken('indented', 40);
    for (const at of [9, 14, 30, 44]) {
      const found = detector.scan(
        Buffer.from(`token: "${token.slice(0, at)}${between}${token.slice(at)}"\n`),
      );
      expect(found.map(({ secret, via }) => [secret.reveal(), via])).toContainEqual([token, ['adjacency']]);
    }
  },
);

describe('a prefix in parts', () => {
  const token = orgToken('a prefix in parts', 40);

  test.each(['\\\n', '\\\r\n', '" + "', '"+"', "' . '", "'.'"])('cut anywhere by %j', (between) => {
    for (let at = 1; at < 20; at++) {
      const quote = /["']/.exec(between)?.[0] ?? '';
      const text = `export X=${quote}${token.slice(0, at)}${between}${token.slice(at)}${quote}\n`;
      for (let shift = 0; shift < 4; shift++) {
        expect(texts(detector.scan(Buffer.from(' '.repeat(shift) + text))), `${at}`).toContain(
          `high ${token}`,
        );
      }
    }
  });

  test.each(['" +\n    "', "' .\r\n  '", '" & _\r\n  "', "' ||\n'", '" <>\n\t"', '" ..\n "', '"\n  + "'])(
    'cut between words, and anywhere behind, by %j',
    (between) => {
      const quote = /["']/.exec(between)![0];
      for (const at of [3, 7, 9, 30]) {
        const text = `x = ${quote}${token.slice(0, at)}${between}${token.slice(at)}${quote}`;
        expect(texts(detector.scan(Buffer.from(text))), `${at}`).toContain(`high ${token}`);
      }
    },
  );
});

describe('a prefix and what a program joins to it', () => {
  const token = orgToken('put together', 40);
  const rest = token.slice(7);
  test.each([
    ['a method', `x = "tg_org_".concat("${rest}")`],
    ['a function', `select concat('tg_org_', '${rest}')`],
    ['a list that is joined', `x = ["tg_org_", "${rest}"].join("")`],
    ['a variable that is appended to', `$t = 'tg_org_';\n$t .= '${rest}';`],
    [
      'a variable that is appended to twice',
      `t = "tg_org_"\nt += "${rest.slice(0, 20)}"\nt += "${rest.slice(20)}"`,
    ],
    ['a list that Terraform joins', `x = join("", ["tg_org_", "${rest}"])`],
    ['a list of three', `["tg_org_", "${rest.slice(0, 20)}", "${rest.slice(20)}"].join("")`],
    ['a list that Python joins', `"".join(("${token.slice(0, 12)}", "${token.slice(12)}"))`],
    [
      'a list in which a URL begins and ends',
      `[\n'https://t:tg_org_', '${rest}', '@pypi.flatt.tech',\n].join('')`,
    ],
    ['a macro', `concat!("${token.slice(0, 9)}", "${token.slice(9)}")`],
    ['a template of CloudFormation', `{"Fn::Join": ["", ["${token.slice(0, 9)}", "${token.slice(9)}"]]}`],
    ['a builder of strings', `sb.append("${token.slice(0, 9)}")\n  .append("${token.slice(9)}");`],
    [
      'operators of C++ and Haskell',
      `x << "${token.slice(0, 9)}" << "${token.slice(9, 20)}" ++ "${token.slice(20)}"`,
    ],
    ['a place that a format fills', `x = "tg_org_%s" % "${rest}"`],
    ['a place that a function fills', `fmt.Sprintf("tg_org_%s", "${rest}")`],
    ['a place that a method fills', `'tg_org_{}'.format('${rest}')`],
    ['a numbered place', `String.Format("tg_org_{0}", "${rest}")`],
    ['a template', `x = \`tg_org_\${"${rest}"}\``],
    ['quotes of a shell', `T="tg_org_"'${rest}'`],
    ['half in quotes', `T=tg_org_"${rest}"`],
    ['a line of PowerShell', `$t = "tg_org_" + \`\r\n  "${rest}"`],
    ['a line that was typed within it', `it is tg_or\ng_${rest}\n`],
  ])('%s: the token is whole', (_, text) => {
    const found = texts(detector.scan(Buffer.from(`a line\n${text}\n`)));
    expect(found.filter((each) => each.startsWith('high'))).toEqual([`high ${token}`]);
  });

  test.each([
    ['a list', `prefixes = ["tg_org_", "${rest}"]`],
    ['a list that is joined by dashes', `["tg_org_", "${rest}"].join("-")`],
    ['another variable', `t = "tg_org_";\nu += "${rest}"`],
    ['a list that a list is made of', `all.concat("${token.slice(0, 9)}", "${token.slice(9)}")`],
    [
      'calls that need not follow one another',
      `l.append("${token.slice(0, 9)}")\nl.append("${token.slice(9)}")`,
    ],
    ['a string behind a comma', `if (x.startsWith("tg_org_"), "${rest}")`],
  ])('%s joins nothing', (_, text) => {
    expect(detector.scan(Buffer.from(text))).toEqual([]);
  });

  test('a line that was typed right behind it may go on', () => {
    expect(texts(detector.scan(Buffer.from(`it is tg_org_\n${rest}\n`)))).toEqual([`low ${token}`]);
  });
});

describe('what a terminal is told to write over', () => {
  const token = orgToken('mended', 40);
  test.each([
    ['a backspace', 'x\b \b'],
    ['several', 'abc\b \b\b \b\b \b'],
    ['a line that is erased to its end', 'x\b\x1b[K'],
    ['a cursor that goes back', 'xy\x1b[2D'],
  ])('%s', (_, mended) => {
    for (const at of [7, 12, 30]) {
      const typed = `$ export T=${token.slice(0, at)}${mended}${token.slice(at)}\r\n`;
      expect(texts(detector.scan(Buffer.from(typed)))).toEqual([`high ${token}`]);
    }
  });

  test.each([
    [
      'written anew from there on',
      (put: string, rest: string) => `${rest}${'\b'.repeat(rest.length)}${put}${rest}`,
    ],
    ['put in', (put: string, rest: string) => `${rest}\x1b[${rest.length}D\x1b[${put.length}@${put}`],
    [
      'written in the place of another',
      (put: string, rest: string) => `X${rest}\b\x1b[${rest.length}D${put}`,
    ],
    [
      'left where others are taken out',
      (put: string, rest: string) => `${put}XY${rest}${'\b'.repeat(rest.length + 2)}\x1b[2P\x1b[2C`,
    ],
  ])('a character in the middle that is %s, with the cursor before the end at last', (_, mend) => {
    for (const at of [7, 12, 30]) {
      const mended = mend(token[at]!, token.slice(at + 1));
      const typed = `$ export T=${token.slice(0, at)}${mended}${'\b'.repeat(token.length - at - 1)}\r\n`;
      expect(texts(detector.scan(Buffer.from(typed)))).toContain(`high ${token}`);
    }
  });

  test.each([
    ['a prompt', `${'x'.repeat(20)} $ export T=`, 'high'],
    ['a prompt in colours', `\x1b[?2004h\x1b[32m${'x'.repeat(20)}\x1b[0m$ export T=`, 'high'],
    ['a row before', `$ ${'x'.repeat(78)} \r${'y'.repeat(20)} --token=`, 'high'],
    ['what is too narrow for a row', '', 'low'],
  ])('the margin of a terminal behind %s', (_, before, confidence) => {
    const found = texts(
      detector.scan(Buffer.from(`\n${before}${token.slice(0, 30)} \r${token.slice(30)}\r\n`)),
    );
    expect(found).toContain(`${confidence} ${token}`);
    expect(found.filter((each) => each.startsWith('high'))).toHaveLength(1);
  });

  test('what is written in another line is not joined', () => {
    const typed = `$ export T=${token}\x1b[A\x1b[Cport X=1\x1b[K\r\n`;
    expect(texts(detector.scan(Buffer.from(typed)))).toEqual([`high ${token}`]);
  });

  test('each character once more, as a shell that colours what is typed does it', () => {
    const typed = [...token].map((one, at) => (at === 0 ? one : `\b${token[at - 1]}${one}`)).join('');
    expect(texts(detector.scan(Buffer.from(`% ${typed}\r\n`)))).toEqual([`high ${token}`]);
  });
});

test('values of names that are numbered are not joined', () => {
  const token = orgToken('numbered', 41);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const text = `TOKEN_1=${base64(token)}\nTOKEN_2=${base64('and some other text that is as long as a token is')}\n`;
  const found = texts(detector.scan(Buffer.from(text)));
  expect(found.filter((each) => each.startsWith('high'))).toEqual([`high ${token}`]);
});

test('values that only stand below each other are not joined', () => {
  const [first, second] = [orgToken('first value', 41), orgToken('second value', 41)];
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  for (const name of ['a', 'b1', 'a_token']) {
    const text = `{\n  "${name}": "${base64(first)}",\n  "other": "${base64(`${second}`)}"\n}\n`;
    expect(texts(detector.scan(Buffer.from(text)))).toEqual([`high ${first}`, `high ${second}`]);
  }
});
