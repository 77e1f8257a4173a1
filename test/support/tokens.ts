import { createHash } from 'node:crypto';

const ALPHABETS = {
  hex: '0123456789abcdef',
  base32: 'abcdefghijklmnopqrstuvwxyz234567',
  base62: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  base64url: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-',
} as const;

export type BodyAlphabet = keyof typeof ALPHABETS;

/** Pseudo-random text made from a seed, so that no fixture ever holds a token: the same seed gives the same body. */
export function body(seed: string, length = 40, alphabet: BodyAlphabet = 'base62'): string {
  const letters = ALPHABETS[alphabet];
  let text = '';
  for (let block = 0; text.length < length; block++) {
    for (const byte of createHash('sha256').update(`${seed}/${block}`).digest()) {
      if (byte < Math.floor(256 / letters.length) * letters.length) text += letters[byte % letters.length];
    }
  }
  return text.slice(0, length);
}

export function orgToken(seed: string, length?: number, alphabet?: BodyAlphabet): string {
  return `tg_org_${body(seed, length, alphabet)}`;
}

export function anonToken(seed: string): string {
  return `tg_anon_${body(seed)}`;
}

export function botKey(seed: string): string {
  return `shisho_apikey_${body(seed, 43)}`;
}

export function botId(seed: string): string {
  return `BT01${body(seed, 24).toUpperCase()}`;
}
