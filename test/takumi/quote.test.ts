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

  test('is not cut before it is too long', () => {
    expect(quote('x'.repeat(160), [])).toBe('x'.repeat(160));
    expect(quote('x'.repeat(161), [])).toBe(`${'x'.repeat(160)}…`);
  });

  test('is withheld for a piece at either end, and for nothing that is no piece', () => {
    const secret = orgToken('ends');
    const inner = secret.slice('tg_org_'.length);
    for (const piece of [inner.slice(0, 8), inner.slice(-8)]) expect(quote(`no ${piece}`, [secret])).toBe('');
    for (const piece of [inner.slice(0, 7), inner.slice(-7), 'Stryker was here!'])
      expect(quote(`no ${piece}`, [secret])).toBe(`no ${piece}`);
    expect(quote('say efghtg_o', ['abcdefghtg_org_ijklmnop']), 'a prefix is one at the beginning').toBe('');
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
