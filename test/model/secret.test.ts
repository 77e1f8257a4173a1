import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { SecretValue } from '../../src/model/secret.js';
import { body, orgToken } from '../support/tokens.js';

const token = orgToken('secret');
const shown = `tg_org_…${token.slice(-4)}`;

test('is what it was made of, for who asks for it', () => {
  expect(new SecretValue(token, 7).reveal()).toBe(token);
});

test.each([
  ['as text', String],
  ['in a text', (secret: SecretValue) => `${secret}`],
  ['joined to one', (secret: SecretValue) => [secret].join()],
  ['by name', (secret: SecretValue) => secret.redacted],
  ['in JSON', (secret: SecretValue) => JSON.parse(JSON.stringify({ secret })).secret as string],
  ['inspected', (secret: SecretValue) => inspect(secret)],
  ['inspected with all that is hidden', (secret: SecretValue) => inspect(secret, { showHidden: true })],
])('%s it is its redaction', (_, print) => {
  expect(print(new SecretValue(token, 7))).toBe(shown);
});

test('nothing of it can be listed, spread or inspected in depth', () => {
  const secret = new SecretValue(token, 7);
  const pieces = [
    ...Object.entries({ ...secret }).flat(),
    ...Reflect.ownKeys(secret).map((key) => String(Reflect.get(secret, key))),
    inspect({ deep: [new Map([[secret, { secret }]])] }, { depth: 9, showHidden: true, getters: true }),
  ].join('\n');
  expect(pieces).toContain(shown);
  expect(pieces).not.toContain(token.slice(7, 15));
});

describe('four characters are shown', () => {
  const redacted = (text: string, prefix: number) => new SecretValue(text, prefix).redacted;

  test('of a body of sixteen or more', () => {
    const long = body('shown', 16);
    expect(redacted(`tg_org_${long}`, 7)).toBe(`tg_org_…${long.slice(-4)}`);
    expect(redacted(`tg_org_${long.slice(1)}`, 7)).toBe('tg_org_…');
  });

  test('after as much as names the family', () => {
    const long = body('family', 30);
    expect(redacted(long, 0)).toBe(`…${long.slice(-4)}`);
    expect(redacted(long, 3)).toBe(`${long.slice(0, 3)}…${long.slice(-4)}`);
    expect(redacted('', 0)).toBe('…');
  });
});
