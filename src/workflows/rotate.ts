import { Misuse } from '../model/misuse.js';
import type { SecretValue } from '../model/secret.js';
import type { TokenRecord } from '../model/token.js';
import { livesOn, overwritten } from './overwritten.js';
import { issueAndDeliver, type ReplacementPorts } from './replacement.js';
import { type Replaceable, type RotationRequest, rotationCandidates } from './rotation-candidates.js';
import { RunRecord } from './run-record.js';
import { tokenListing } from './token-list.js';

export interface RotateRequest extends RotationRequest, ReplacementPorts {
  /** Whether every new token goes to the same place, so that a second one would take that of the first. */
  readonly single: boolean;
  /** Shows what would be replaced, and asks; false means that nothing is. */
  readonly confirm: (
    replaceable: readonly Replaceable[],
    records: readonly TokenRecord[],
  ) => Promise<boolean>;
}

/** What became of one token that was to be replaced. */
export interface Rotated {
  readonly tokenId?: string;
  readonly userIdentifier?: string;
  readonly fingerprint?: string;
  /**
   * `old_lives`: the new one is in place. `not_rotated`: the old one is as it was, and nothing new is left.
   * `already_revoked`: there is no new one, and nothing left to do.
   */
  readonly state: 'rotated' | 'old_lives' | 'not_rotated' | 'refused' | 'already_revoked';
  readonly newTokenId?: string;
  readonly reason?: string;
}

/**
 * Replaces tokens, one after the other. Before anything is issued: what holds a revocation back has held this back (the
 * old token dies), no new token goes over one that somebody works with, and a person has agreed. Then, for each: the new
 * one is issued, works and is delivered before the old one is revoked and proven dead.
 *
 * @throws {Misuse} before anything is done, where a new token would go over one that somebody works with.
 */
export async function rotate(request: RotateRequest): Promise<Rotated[]> {
  const { run, journal, targets } = request;
  const { replaceable, refused, dead, records } = await rotationCandidates(request);
  const others = [
    ...refused.map((each): Rotated => ({ ...each, state: 'refused' })),
    ...dead.map((each): Rotated => ({ ...each, state: 'already_revoked' })),
  ];
  if (replaceable.length === 0) return others;
  if (request.single && replaceable.length > 1) {
    throw new Misuse(
      `${replaceable.length} tokens would be replaced, and all new ones go to one place; name one by its fingerprint, or give --to-command, which runs once for each`,
    );
  }
  request.ready();
  const plaintexts = await overwritten(replaceable, request);
  if (!(await request.confirm(replaceable, records))) {
    const declined = replaceable.map((old) => became(old, 'refused', 'you did not agree'));
    return [...declined, ...others];
  }
  const record = new RunRecord(run, journal);
  record.note({ event: 'RUN', targets });
  const results: Rotated[] = [];
  let stopped: string | undefined;
  for (const old of replaceable) {
    if (stopped !== undefined) {
      results.push(became(old, 'not_rotated', `not attempted: ${stopped}`));
      continue;
    }
    // Named by its fingerprint, it is probed by who revokes it.
    const secret = old.fingerprint === undefined ? plaintexts.get(old.tokenId) : undefined;
    const { result, stop } = await replace(old, secret, `${run}.${results.length + 1}`, request);
    results.push(result);
    if (stop) stopped = result.reason ?? 'the one before failed';
  }
  record.note({ event: 'END' });
  return [...results, ...others];
}

/**
 * @param secret the plaintext of the old one, where only the file tells it.
 * @param run of the revocation, within that of the rotation.
 */
async function replace(
  old: Replaceable,
  secret: SecretValue | undefined,
  run: string,
  request: RotateRequest,
): Promise<{ readonly result: Rotated; readonly stop: boolean }> {
  const listing = await tokenListing(request.service);
  if (!listing.ok) return { result: became(old, 'not_rotated', listing.reason), stop: true };
  const issued = await issueAndDeliver(old.userIdentifier, listing.records, request, [old]);
  if (issued.state !== 'delivered') {
    return { result: became(old, 'not_rotated', issued.reason), stop: issued.stop === true };
  }
  const fresh = issued.tokenId === undefined ? {} : { newTokenId: issued.tokenId };
  const lives = (await old.revoke(run)) ?? (await livesOn(secret, request.service, request.clock));
  return lives === undefined
    ? { result: { ...became(old, 'rotated'), ...fresh }, stop: false }
    : { result: { ...became(old, 'old_lives', lives.reason), ...fresh }, stop: lives.stop };
}

function became(
  { tokenId, userIdentifier, fingerprint }: Replaceable,
  state: Rotated['state'],
  reason?: string,
): Rotated {
  return {
    tokenId,
    userIdentifier,
    ...(fingerprint === undefined ? {} : { fingerprint }),
    state,
    ...(reason === undefined ? {} : { reason }),
  };
}
