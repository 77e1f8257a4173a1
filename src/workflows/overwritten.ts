import { Misuse } from '../model/misuse.js';
import { isMapped, type Verdict } from '../model/verdict.js';
import { inPlace, type Place, whoseMayItBe } from './in-place.js';
import type { RevokingService } from './remediate.js';
import type { Replaceable } from './rotation-candidates.js';

/** @throws {Misuse} where a new token would go over one that is, or may be, not the one it replaces. */
export async function refuseToOverwrite(
  replaced: readonly Replaceable[],
  { places, service }: { readonly places: readonly Place[]; readonly service: RevokingService },
): Promise<void> {
  if (places.length === 0) return;
  const { findings, triage } = await inPlace(places, service);
  for (const { fingerprint, sightings } of findings) {
    if (replaced.some((each) => each.fingerprint === fingerprint)) continue;
    const what = othersToken(triage.verdicts.get(fingerprint), replaced);
    if (what === undefined) continue;
    const [{ where }] = sightings;
    throw new Misuse(
      `${where.kind === 'file' ? where.path : 'the file'} holds ${what}, not the one to be replaced; name another file`,
    );
  }
}

/** What stands in the way of a new token; nothing where it is a dead one, one to be replaced, or another of its user's. */
function othersToken(verdict: Verdict | undefined, replaced: readonly Replaceable[]): string | undefined {
  if (verdict?.state === 'foreign') return 'a token of another organization';
  if (verdict?.state === 'unknown') return 'a token that the service says nothing of';
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
