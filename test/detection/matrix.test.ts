import { describe, expect, test } from 'vitest';
import { NESTING_LIMITS, nestingLimit } from '../../src/detection/decode/nesting.js';
import { createDetector } from '../../src/detection/detector.js';
import type { Match } from '../../src/model/match.js';
import { RULES } from '../../src/rules/builtin.generated.js';
import { orgToken } from '../support/tokens.js';
import { ENCODERS } from './encoders.js';

const detector = createDetector(RULES);

describe('every encoding, at every alignment', () => {
  test.each(ENCODERS.map((encoder) => [encoder.name, encoder] as const))('%s', (_, encoder) => {
    for (let offset = 0; offset < 32; offset++) {
      for (const length of [16, 43]) {
        const token = orgToken(`${encoder.name}/${offset}`, length);
        const bytes = encoder.encode(Buffer.from(`${'A'.repeat(offset)} key=${token} and more\n`));
        const match = matchOf(token, bytes);
        expect(match, `offset ${offset}`).toMatchObject({ confidence: 'high', reasons: ['random_body'] });
        expect(encoder.via).toContain(match!.via[0]);
      }
    }
  });
});

/** How many places of each line of a dump are tried, and of each group of base64. */
const OFFSETS = 17;
/** A line of what encoders break, and one more. */
const LINE = 77;

describe('encodings inside each other', () => {
  const pairs = ENCODERS.flatMap((outer) =>
    ENCODERS.filter((inner) => nestingLimit(outer.writing, inner.writing) === undefined).map(
      (inner) => [`${outer.name} of ${inner.name}`, outer, inner] as const,
    ),
  );

  test('hardly any pair is left out', () => {
    const common = ENCODERS.filter(({ writing }) => writing !== 'rare');
    expect(pairs.length).toBeGreaterThan(0.75 * common.length ** 2);
    for (const { reason } of NESTING_LIMITS) expect(reason.length).toBeGreaterThan(20);
  });

  test.each(pairs)('%s', (name, outer, inner) => {
    for (let offset = 0; offset < OFFSETS; offset++) {
      const token = orgToken(`${name}/${offset}`, 16 + ((offset * 7) % 40));
      const bytes = outer.encode(inner.encode(Buffer.from(`${'A'.repeat(offset)} key=${token} and more\n`)));
      expect(matchOf(token, bytes), `offset ${offset}`).toMatchObject({ confidence: 'high' });
    }
  });

  describe('where lines are broken, at every place of a line', () => {
    const breaks = ({ name }: { readonly name: string }) => /columns|xxd|hexdump|quoted/.test(name);
    const once = pairs.filter(([, outer, inner]) => breaks(outer) !== breaks(inner));
    const twice = pairs.filter(([, outer, inner]) => breaks(outer) && breaks(inner));

    function missed([name, outer, inner]: (typeof pairs)[number], offset: number): boolean {
      const token = orgToken(`${name}/${offset}`, 16 + (offset % 40));
      const bytes = outer.encode(inner.encode(Buffer.from(`${'A'.repeat(offset)} key=${token} and more\n`)));
      return matchOf(token, bytes)?.confidence !== 'high';
    }

    test('one layer breaks them: found', () => {
      // A third of the places for each pair, another third for the next.
      for (const [index, pair] of once.entries()) {
        for (let offset = index % 3; offset < LINE; offset += 3) {
          expect(missed(pair, offset), `${pair[0]} at ${offset}`).toBe(false);
        }
      }
    });

    test('both do: all but one in a hundred are found', () => {
      let misses = 0;
      for (const pair of twice) {
        for (let offset = 0; offset < LINE; offset++) misses += Number(missed(pair, offset));
      }
      expect(twice.length).toBeGreaterThan(20);
      expect(misses / (twice.length * LINE)).toBeLessThan(0.01);
    });
  });

  test('base64 three deep, as a script in a secret in a manifest has it', () => {
    const token = orgToken('three');
    const script = Buffer.from(`$env:TOKEN = "${token}"\n`, 'utf16le').toString('base64');
    const bytes = Buffer.from(Buffer.from(`data: ${script}\n`).toString('base64'));
    expect(matchOf(token, bytes)?.via).toEqual(['base64', 'base64', 'utf16le']);
  });
});

test('base64 four deep, at every alignment of each layer', () => {
  for (let place = 0; place < 81; place++) {
    const token = orgToken(`four/${place}`, 30);
    let bytes = Buffer.from(`${token} `);
    for (const shift of [
      place % 3,
      Math.floor(place / 3) % 3,
      Math.floor(place / 9) % 3,
      Math.floor(place / 27),
    ])
      bytes = Buffer.from(Buffer.from(`${'=:;'.slice(0, shift)}${bytes} `).toString('base64'));
    expect(matchOf(token, bytes)?.via, `${place}`).toEqual(Array(4).fill('base64'));
  }
});

test('base64 that is wrapped anywhere, inside the prefix too', () => {
  for (const end of ['\n', '\r\n', '=\n', '=\r\n']) {
    for (let column = 20; column < 60; column++) {
      const token = orgToken(`wrap/${column}`, 30);
      const encoded = Buffer.from(`export TOKEN=${token} # and more`).toString('base64');
      const bytes = Buffer.from(`cert: ${encoded.slice(0, column)}${end}${encoded.slice(column)}\n`);
      expect(matchOf(token, bytes), `${JSON.stringify(end)} at ${column}`).toMatchObject({
        confidence: 'high',
      });
    }
  }
});

describe('chains as they occur', () => {
  const token = orgToken('chains', 36);
  const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
  const env = `GUARD_TOKEN=${token}\n`;
  const encoder = (name: string) => ENCODERS.find((one) => one.name === name)!;
  test.each<[string, string | Buffer]>([
    [
      'base64 in a JSON string in a JSON string',
      JSON.stringify({ log: JSON.stringify({ data: base64(env) }) }),
    ],
    [
      'a PowerShell command line',
      `powershell -EncodedCommand ${base64(Buffer.from(`$t="${token}"`, 'utf16le'))}`,
    ],
    [
      'a Kubernetes secret, in base64, in a JSON log',
      JSON.stringify({ msg: base64(`data:\n  token: ${base64(token)}\n`) }),
    ],
    ['base64 in a URL', `GET /?state=${encodeURIComponent(base64(env))}&x=1`],
    ['base64 in a URL, twice', `GET /?u=${encodeURIComponent(encodeURIComponent(base64(env)))}`],
    ['a dump of UTF-16', encoder('hexdump -C').encode(Buffer.from(env, 'utf16le'))],
    [
      'a mail in quoted-printable of base64',
      encoder('quoted-printable').encode(Buffer.from(base64(`first ${env} last`))),
    ],
    ['percent, twice', encodeURIComponent(encodeURIComponent(`https://t:${token}@pypi.flatt.tech/`))],
    [
      'an entity in \\u escapes',
      JSON.stringify({ html: env.replaceAll('_', '&#95;') }).replaceAll('&', '\\u0026'),
    ],
    [
      'a token in the payload of a JWT',
      `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(JSON.stringify({ sub: 'x', t: base64(token) })).toString('base64url')}.c2ln`,
    ],
    ['_auth of .npmrc', `//npm.flatt.tech/:_auth=${base64(`token:${token}`)}`],
    ['a URL with userinfo', `https://token:${token.replaceAll('_', '%5F')}@pypi.flatt.tech/simple/`],
    [
      'base64 wrapped as in PEM, in a JSON string',
      JSON.stringify({ pem: base64(`${'x'.repeat(31)}${env}`).replace(/.{64}/g, '$&\n') }),
    ],
    ['colours in the middle', `TOKEN=\u001b[32m${token.slice(0, 20)}\u001b[0m${token.slice(20)}`],
  ])('%s', (_, bytes) => {
    for (const before of ['', 'x', 'xy', 'xyz']) {
      expect(matchOf(token, Buffer.concat([Buffer.from(`${before} `), Buffer.from(bytes)]))).toMatchObject({
        confidence: 'high',
      });
    }
  });
});

test('a decoded match points at its encoded form, which decodes to the token', () => {
  const token = orgToken('span');
  const hex = Buffer.from(token).toString('hex');
  const bytes = Buffer.from(`first line\nkey: ${hex} # hex\n`);
  expect(matchOf(token, bytes)).toMatchObject({
    span: { start: 16, end: 16 + hex.length },
    line: 2,
    column: 6,
    via: ['hex'],
  });
});

function matchOf(token: string, bytes: Buffer): Match | undefined {
  return detector.scan(bytes).find((match) => match.secret.reveal() === token);
}
