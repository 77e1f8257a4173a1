import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quote, withoutTokens } from '../../src/takumi/quote.js';
import { body, botKey, orgToken } from '../support/tokens.js';

describe('what a service says', () => {
  test('is one printable line', () => {
    expect(quote(' the\tmoon\r\n\u0000is\u001b[2J\u202e full\u0007 ', [])).toBe('the moon is [2J full');
    expect(quote('日本語のエラー', [])).toBe('日本語のエラー');
  });

  test('is cut', () => {
    expect(quote('x'.repeat(1000), [])).toBe(`${'x'.repeat(160)}…`);
  });

  test('is withheld when it holds eight characters of a secret, wherever they stand', () => {
    const secret = orgToken('quoted');
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.integer({ min: 7, max: secret.length - 8 }),
        fc.integer({ min: 8, max: 40 }),
        (before, after, at, length) => {
          fc.pre(at + length <= secret.length);
          expect(quote(before + secret.slice(at, at + length) + after, [secret])).toBe('');
        },
      ),
    );
  });

  test('loses tokens and keys that nobody asked about', () => {
    const said = quote(`no ${orgToken('other')}, nor ${botKey('other')}:BT01, for tg_org_members`, []);
    expect(said).toBe('no tg_org_…, nor shisho_apikey_…:BT01, for tg_org_…');
  });

  test('stays as it is without any', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/tg_org_|tg_anon_|shisho_apikey_/.test(text));
        expect(withoutTokens(text)).toBe(text);
      }),
    );
    expect(quote('invalid user_identifier', [body('unrelated')])).toBe('invalid user_identifier');
  });
});
