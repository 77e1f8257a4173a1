import { hkdfSync } from 'node:crypto';
import type { Credential } from './credential.js';

/** A key for the seal of plan files that only holders of this credential can derive (HKDF, RFC 5869). It tells nothing of the credential. */
export function planKey({ key, botId, orgId }: Credential): Uint8Array {
  const salt = `${orgId}\0${botId}`;
  return new Uint8Array(hkdfSync('sha256', key.reveal(), salt, 'guardsweep-plan/1', 32));
}
