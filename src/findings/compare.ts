import { createHash } from 'node:crypto';
import type { SecretValue } from '../model/secret.js';

/** Whether `sha256`, in hex of either case, is the digest of the plaintext. */
export function hasHash(secret: SecretValue, sha256: string): boolean {
  return createHash('sha256').update(secret.reveal(), 'utf8').digest('hex') === sha256.toLowerCase();
}

/** Whether the plaintext ends with `tail`. */
export function endsWith(secret: SecretValue, tail: string): boolean {
  return secret.reveal().endsWith(tail);
}
