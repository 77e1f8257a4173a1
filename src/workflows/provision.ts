import { type IssuedToken, issuedTokens, type ReplacedToken } from '../audit/issued.js';
import type { JournalLine } from '../audit/line.js';
import type { Finding } from '../model/finding.js';
import { Misuse } from '../model/misuse.js';
import { isMapped, type OtherVerdict, type Verdict } from '../model/verdict.js';
import { type InPlace, idInPlace, inPlace, verdictOn, whoseMayItBe } from './in-place.js';
import { leftBehind, settleLeftovers } from './leftovers.js';
import { revokeOld } from './old-token.js';
import { issueAndDeliver, type ReplacementPorts } from './replacement.js';
import { RunRecord } from './run-record.js';
import { tokenListing } from './token-list.js';

/** What was done for one user, for people and for the programs that manage their machines. */
export interface Provision {
  /** `unchecked`: the service did not say whether what is in place works, so it was kept. */
  readonly state: 'kept' | 'issued' | 'rotated' | 'unchecked' | 'failed' | 'old_lives';
  readonly userIdentifier: string;
  readonly tokenId?: string;
  readonly reason?: string;
  /** Nothing was done because the service does not accept the credential, or the bot may not do it. */
  readonly wrongCredential?: true;
}

export interface ProvisionRequest extends ReplacementPorts {
  readonly user: string;
  /** Milliseconds after which a token is replaced; for ever when absent. */
  readonly maxAge?: number;
  /** What earlier runs have recorded. */
  readonly earlier: readonly JournalLine[];
  /** Where it can't be told which token was replaced: revoke all others of this user. */
  readonly allOfUser: boolean;
}

/**
 * Sees to it that a machine has a working token of `user`, and does nothing when it has. One that is due is replaced:
 * the new one is in place and works before the old one is revoked. What an earlier run left behind (it was killed, or
 * could not tell which token it had replaced) is seen to every time until it is dead.
 *
 * @throws {Misuse} when what is in place is somebody else's, or a new one could not be put there.
 */
export async function provision(request: ProvisionRequest): Promise<Provision> {
  const { user } = request;
  const issued = issuedTokens(request.earlier).filter(({ userIdentifier }) => userIdentifier === user);
  const place = await inPlace(request.places, request.service, issued);
  const about = { userIdentifier: user };
  const doubtful = place.findings.map((finding) => verdictOn(finding, place)).find(isUnknown);
  if (doubtful !== undefined) {
    const reason = `what is in place was kept: ${doubtful.reason ?? 'a probe said nothing of it'}`;
    return {
      state: 'unchecked',
      ...about,
      reason,
      ...(place.triage.stoppedBy === undefined ? {} : { wrongCredential: true }),
    };
  }
  for (const finding of place.findings) refuseOthers(verdictOn(finding, place), user);
  const alive = place.findings.filter((finding) => verdictOn(finding, place).state === 'active');
  const due = alive.length === 0 || alive.some((finding) => isDue(verdictOn(finding, place), request));
  if (due && alive.some((finding) => whoseMayItBe(verdictOn(finding, place)).size > 1)) {
    const reason = 'what is in place works and is due, but was kept: whose it is cannot be told';
    return { state: 'unchecked', ...about, reason };
  }
  const done = due ? await renew(alive, place, request) : keep(place, request);
  if (done.provision.state === 'failed') return done.provision;
  const left = leftBehind(issued, place, request.places);
  const leftovers = [...left.leftovers, ...done.nameless];
  const lives = await settleLeftovers({ ...left, leftovers }, done.inPlaceId, request);
  if (lives === undefined) return done.provision;
  return { ...done.provision, state: 'old_lives', reason: lives };
}

interface Done {
  readonly provision: Provision;
  /** The ID of the token that is in place now, where it is known. */
  readonly inPlaceId: string | undefined;
  /** What was replaced and can't be told from others of this user. */
  readonly nameless: readonly (ReplacedToken & Pick<IssuedToken, 'at'>)[];
}

function keep(place: InPlace, { user }: ProvisionRequest): Done {
  const id = idInPlace(place, user);
  return {
    provision: { state: 'kept', userIdentifier: user, ...(id === undefined ? {} : { tokenId: id }) },
    inPlaceId: id,
    nameless: [],
  };
}

async function renew(alive: readonly Finding[], place: InPlace, request: ProvisionRequest): Promise<Done> {
  const { user, service, journal, run } = request;
  const about = { userIdentifier: user };
  request.ready();
  const record = new RunRecord(run, journal);
  record.note({ event: 'RUN' });
  const replaced = alive.map((finding): ReplacedToken => {
    const verdict = verdictOn(finding, place);
    const { fingerprint } = finding;
    return isMapped(verdict) ? { fingerprint, tokenId: verdict.tokenId } : { fingerprint };
  });
  const issued = await issueAndDeliver(user, await rowsBefore(place, request), request, replaced);
  const ended = (provision: Provision, id?: string, nameless: Done['nameless'] = []): Done => {
    record.note({ event: 'END' });
    return { provision, inPlaceId: id, nameless };
  };
  if (issued.state !== 'delivered') {
    const wrong = issued.wrongCredential ? { wrongCredential: true as const } : {};
    return ended({ state: 'failed', ...about, reason: issued.reason, ...wrong });
  }
  const id = issued.tokenId === undefined ? {} : { tokenId: issued.tokenId };
  if (alive.length === 0) return ended({ state: 'issued', ...about, ...id }, issued.tokenId);
  const lives = await revokeOld(alive, place.triage, { run: `${run}.old`, service, journal });
  if (lives === undefined) return ended({ state: 'rotated', ...about, ...id }, issued.tokenId);
  const at = new Date().toISOString();
  const nameless = lives.nameless ? replaced.filter(({ tokenId }) => tokenId === undefined) : [];
  return ended(
    nameless.length > 0
      ? { state: 'rotated', ...about, ...id }
      : { state: 'old_lives', ...about, ...id, reason: lives.reason },
    issued.tokenId,
    nameless.map((old) => ({ ...old, at })),
  );
}

/** The list as it was before, to tell the new row from the others. Where it can't be read none can be told. */
async function rowsBefore({ triage, findings }: InPlace, { service }: ProvisionRequest) {
  const listing = findings.length > 0 ? triage.listing : await tokenListing(service);
  return listing.ok ? listing.records : undefined;
}

function isUnknown(verdict: Verdict): verdict is OtherVerdict {
  return verdict.state === 'unknown';
}

function refuseOthers(verdict: Verdict, user: string): void {
  if (verdict.state === 'foreign') {
    throw new Misuse('what is in place is a token of another organization; take it out first');
  }
  const whose = whoseMayItBe(verdict);
  if (whose.size > 0 && !whose.has(user)) {
    const named = whose.size === 1 ? [...whose][0] : 'somebody else';
    throw new Misuse(
      `what is in place is a working token of ${named}, not of ${user}; take it out first, or name the right user`,
    );
  }
}

/**
 * Whether a working token is older than allowed. Where it can't be told which row it is, the youngest that it may be
 * counts: a machine must not pile up tokens that nobody can tell apart.
 */
function isDue(verdict: Verdict, { maxAge }: ProvisionRequest): boolean {
  if (maxAge === undefined || verdict.state !== 'active') return false;
  const rows = isMapped(verdict) ? [verdict.record] : verdict.candidates;
  const born = rows.flatMap((row) => (row?.createdAt === undefined ? [] : [Date.parse(row.createdAt)]));
  if (born.length === 0 || born.some(Number.isNaN)) return false;
  return Date.now() - Math.max(...born) > maxAge;
}
