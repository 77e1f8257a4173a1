import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redactor } from '../../src/findings/redact.js';
import { findingFor } from '../support/findings.js';
import { body, orgToken } from '../support/tokens.js';

const PREFIXES = ['tg_org_', 'tg_anon_', 'shisho_apikey_'];

test('takes known secrets out of text, plain and encoded at any alignment', () => {
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.uint8Array({ maxLength: 9 }),
      fc.uint8Array({ maxLength: 9 }),
      fc.constantFrom('utf8', 'base64', 'base64url', 'hex'),
      (seed, before, after, encoding) => {
        const token = orgToken(`redact ${seed}`, 40, 'base64url');
        const text = Buffer.concat([before, Buffer.from(token), after]).toString(encoding as BufferEncoding);
        const redacted = redactor([findingFor(token), findingFor(orgToken('other'))], [])(text);
        const bytes = Buffer.from(redacted, encoding as BufferEncoding);
        expect(redacted).not.toBe(text);
        expect(bytes.includes(token)).toBe(false);
        expect(redacted).toContain('tg_org_…');
      },
    ),
  );
});

test('takes out what looks like a token although nothing was found, and leaves names of columns and files alone', () => {
  const redact = redactor([], PREFIXES);
  expect(redact(`dir/${orgToken('in a path')}.txt`)).toBe('dir/tg_org_….txt');
  expect(redact(`shisho_apikey_${body('k', 43)}:BT01`)).toBe('shisho_apikey_…:BT01');
  expect(redact('db/tg_org_members_updated_at.sql')).toBe('db/tg_org_members_updated_at.sql');
});

test('a secret that begins with another one is taken out whole', () => {
  const short = orgToken('long', 20);
  const long = `${short}-${body('tail', 20)}`;
  const text = redactor([findingFor(short), findingFor(long)], [])(`x ${long} y ${short} z`);
  expect(text).toBe(`x tg_org_…${long.slice(-4)} y tg_org_…${short.slice(-4)} z`);
});
