import { Misuse } from '../model/misuse.js';
import type { SecretValue } from '../model/secret.js';
import { isMapped, type Verdict } from '../model/verdict.js';
import { VERIFY_FOR } from '../remediation/execute.js';
import type { Clock } from '../remediation/ports.js';
import { probeUntilDead } from '../remediation/settle.js';
import { inPlace, type Place, whoseMayItBe } from './in-place.js';
import type { LivesOn } from './old-token.js';
import { type RevokingService, SYSTEM_CLOCK } from './remediate.js';
import type { Replaceable } from './rotation-candidates.js';

/**
 * @returns by token ID, the plaintexts of what the new tokens will take the place of.
 * @throws {Misuse} where a new token would go over one that is, or may be, not the one it replaces; an Error where the
 *   service did not say which one it is, so that the same call may do better later.
 */
export async function overwritten(
  replaced: readonly Replaceable[],
  { places, service }: { readonly places: readonly Place[]; readonly service: RevokingService },
): Promise<ReadonlyMap<string, SecretValue>> {
  const known = new Map<string, SecretValue>();
  if (places.length === 0) return known;
  const { findings, triage } = await inPlace(places, service);
  for (const { fingerprint, secret, sightings } of findings) {
    const verdict = triage.verdicts.get(fingerprint);
    if (verdict?.state === 'active' && isMapped(verdict)) known.set(verdict.tokenId, secret);
    if (replaced.some((each) => each.fingerprint === fingerprint)) continue;
    const [{ where }] = sightings;
    const file = where.kind === 'file' ? where.path : 'the file';
    if (verdict?.state === 'unknown') {
      throw new Error(
        `the service did not say whose the token in ${file} is, so nothing was replaced: ${verdict.reason ?? 'it gave no reason'}`,
      );
    }
    const what = othersToken(verdict, replaced);
    if (what === undefined) continue;
    throw new Misuse(`${file} holds ${what}, not the one to be replaced; name another file`);
  }
  return known;
}

/** What stands in the way of a new token; nothing where it is a dead one, one to be replaced, or another of its user's. */
function othersToken(verdict: Verdict | undefined, replaced: readonly Replaceable[]): string | undefined {
  if (verdict?.state === 'foreign') return 'a token of another organization';
  if (verdict?.state !== 'active') return undefined;
  if (isMapped(verdict)) {
    return replaced.some(({ tokenId }) => tokenId === verdict.tokenId)
      ? undefined
      : `the token ${verdict.tokenId}`;
  }
  const users = new Set(replaced.map(({ userIdentifier }) => userIdentifier));
  const whose = whoseMayItBe(verdict);
  return whose.size > 0 && [...whose].every((user) => users.has(user))
    ? undefined
    : 'a working token that may be somebody else’s';
}

/** Whether what the new token took the place of still works, whatever the list says of the one that was revoked. */
export async function livesOn(
  secret: SecretValue | undefined,
  service: RevokingService,
  clock: Clock = SYSTEM_CLOCK,
): Promise<LivesOn | undefined> {
  if (secret === undefined) return undefined;
  const settled = await probeUntilDead(secret, VERIFY_FOR, clock, (each) => service.probe(each));
  if (settled.state === 'dead') return undefined;
  const reason = `the list calls the old token revoked, but it is not proven dead: ${settled.reason}`;
  return { reason, nameless: false, stop: false };
}
