import { createHash } from 'node:crypto';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const TOKEN = /(?:tg_org_|tg_anon_|shisho_apikey_)[A-Za-z0-9_-]+/g;

/** `gs1_` and the first 160 bits of SHA-256 over `guardsweep/1`, NUL and the token, in base32: the same digest as in reports. */
export function fingerprint(token: string): string {
  const digest = createHash('sha256').update('guardsweep/1\0').update(token).digest();
  let text = '';
  // 160 bits are 32 digits of five bits: four times five bytes, eight digits each.
  for (let at = 0; at < 20; at += 5) {
    let bits = 0n;
    for (const byte of digest.subarray(at, at + 5)) bits = (bits << 8n) | BigInt(byte);
    for (let shift = 35n; shift >= 0n; shift -= 5n) text += BASE32[Number((bits >> shift) & 31n)];
  }
  return `gs1_${text}`;
}

/** Puts its fingerprint in the place of everything that looks like a token or a key. */
export function withFingerprints(text: string): string {
  return text.replace(TOKEN, fingerprint);
}
