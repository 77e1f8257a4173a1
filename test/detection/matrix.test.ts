import { describe, expect, test } from 'vitest';
import { createDetector } from '../../src/detection/detector.js';
import type { Match } from '../../src/model/match.js';
import { RULES } from '../../src/rules/builtin.generated.js';
import { orgToken } from '../support/tokens.js';
import { ENCODERS, type Encoder } from './encoders.js';

const detector = createDetector(RULES);

describe('every encoding, at every alignment', () => {
  test.each(ENCODERS.map((encoder) => [encoder.name, encoder] as const))('%s', (_, encoder) => {
    for (let offset = 0; offset < 12; offset++) {
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

/** What is undone inside another layer wherever it lies: encoders of whole texts, as tools have them. */
const INNER = ENCODERS.filter(({ name }) => !/some|spaced|colons|xxd|hexdump|quoted/.test(name));
const OUTER = ENCODERS.filter(({ name }) => !/some|spaced|colons|xxd|hexdump|quoted|columns/.test(name));

describe('encodings inside each other', () => {
  test.each(
    OUTER.flatMap((outer) =>
      INNER.filter((inner) => !isSkipped(outer, inner)).map(
        (inner) => [`${outer.name} of ${inner.name}`, outer, inner] as const,
      ),
    ),
  )('%s', (name, outer, inner) => {
    for (let offset = 0; offset < 3; offset++) {
      const token = orgToken(`${name}/${offset}`);
      const bytes = outer.encode(inner.encode(Buffer.from(`${'A'.repeat(offset)} key=${token} and more\n`)));
      expect(matchOf(token, bytes), `offset ${offset}`).toMatchObject({ confidence: 'high' });
    }
  });

  test('base64 three deep, as a script in a secret in a manifest has it', () => {
    const token = orgToken('three');
    const script = Buffer.from(`$env:TOKEN = "${token}"\n`, 'utf16le').toString('base64');
    const bytes = Buffer.from(Buffer.from(`data: ${script}\n`).toString('base64'));
    expect(matchOf(token, bytes)?.via).toEqual(['base64', 'base64', 'utf16le']);
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

function isSkipped(outer: Encoder, inner: Encoder): boolean {
  // Two wide encodings in each other are nobody's file.
  return outer.name.startsWith('utf') && inner.name.startsWith('utf');
}

function matchOf(token: string, bytes: Buffer): Match | undefined {
  return detector.scan(bytes).find((match) => match.secret.reveal() === token);
}
