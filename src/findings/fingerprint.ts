import { createHash } from 'node:crypto';
import { Remembered } from '../model/remembered.js';
import type { SecretValue } from '../model/secret.js';

const DOMAIN = 'guardsweep/1\0';
const BYTES = 20;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

export const FINGERPRINT = /^gs1_[a-z2-7]{32}$/;

/** The public name of a secret: `gs1_` and the first 160 bits of SHA-256 over `guardsweep/1\0` and the token, in lower-case base32 (RFC 4648, no padding). */
export function fingerprint(secret: SecretValue): string {
  return names.of(secret.reveal());
}

const names = new Remembered((secret: string) => {
  const digest = createHash('sha256').update(DOMAIN).update(secret, 'utf8').digest();
  return `gs1_${base32(digest.subarray(0, BYTES))}`;
});

function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(held >>> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return text;
}
