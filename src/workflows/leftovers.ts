import type { IssuedToken, ReplacedToken } from '../audit/issued.js';
import type { TokenRecord } from '../model/token.js';
import { type GatesById, planById } from '../remediation/by-id.js';
import type { Journal } from '../remediation/ports.js';
import { executeById } from './execute-by-id.js';
import { type InPlace, type Place, rowsInPlace } from './in-place.js';
import { USES_NO_TOKEN } from './own.js';
import type { RevokingService } from './remediate.js';
import { RunRecord } from './run-record.js';
import { tokenListing } from './token-list.js';

/** A token that may be alive and that nobody needs: one that was replaced, or one that was issued and never delivered. */
export interface Leftover extends ReplacedToken {
  /** When it was replaced, or issued. */
  readonly at: string;
  /** The run that began to issue it and did not come to tell what became of it. */
  readonly open?: string;
}

/** More than so many others of one user are no leftovers of one machine. */
const MOST = 10;

/**
 * What holds back the revocation of leftovers: that the list is clear about each. No cap counts them and no user's are
 * protected, for they were to die when their successor was put in place.
 */
const GATES: GatesById = {
  maxRevocations: Number.POSITIVE_INFINITY,
  protectedUsers: [],
  own: USES_NO_TOKEN,
  includeOwn: true,
};

/** What earlier runs left, as far as a look at the files tells. */
export interface Left {
  readonly leftovers: readonly Leftover[];
  /** These are in place, though their runs did not come to write that down. */
  readonly arrived: readonly IssuedToken[];
  /** Whether these reached anybody can't be seen from here: they went elsewhere, or to files that were not looked at. */
  readonly outOfSight: readonly IssuedToken[];
}

/**
 * What earlier runs left behind, by their record. What is in place is none of it; nor is what may stand in a file that
 * is not looked at this time.
 *
 * @param places the files that were looked at.
 */
export function leftBehind(
  issued: readonly IssuedToken[],
  place: InPlace,
  places: readonly Pick<Place, 'name'>[],
): Left {
  const held = new Set(place.findings.map(({ fingerprint }) => fingerprint));
  const rows = new Set(rowsInPlace(place).map(({ tokenId }) => tokenId));
  const isHeld = ({ fingerprint, tokenId }: ReplacedToken) =>
    fingerprint === undefined ? tokenId !== undefined && rows.has(tokenId) : held.has(fingerprint);
  const leftovers: Leftover[] = [];
  const arrived: IssuedToken[] = [];
  const outOfSight: IssuedToken[] = [];
  for (const each of issued) {
    const { at, run, fingerprint, tokenId, state, files, outlived } = each;
    if (state === 'withdrawn') continue;
    if (state === 'delivered' || (fingerprint !== undefined && held.has(fingerprint))) {
      if (state === 'open') arrived.push(each);
      leftovers.push(...outlived.filter((old) => !isHeld(old)).map((old) => ({ ...old, at })));
    } else if (files.length > 0 && files.every((file) => places.some(({ name }) => name === file))) {
      leftovers.push({ at, open: run, ...(fingerprint && { fingerprint }), ...(tokenId && { tokenId }) });
    } else outOfSight.push(each);
  }
  return { leftovers, arrived, outOfSight };
}

export interface SettleRequest {
  readonly run: string;
  readonly user: string;
  readonly service: RevokingService;
  readonly journal: Journal;
  /** Where it can't be told which tokens were left: revoke every other of this user. */
  readonly allOfUser: boolean;
  /** Shows what would be revoked, and asks; nobody is asked when absent. */
  readonly confirm?: (rows: readonly TokenRecord[]) => Promise<boolean>;
}

/**
 * Revokes what is left behind, as far as it is known which tokens these are; the others are named, for a person to look
 * at. They are gone once this user has no token but the one in place.
 *
 * @returns what may live on, and what to do about it; nothing when all of it is dead.
 */
export async function settleLeftovers(
  { leftovers: left, arrived }: Pick<Left, 'leftovers' | 'arrived'>,
  inPlaceId: string | undefined,
  request: SettleRequest,
): Promise<string | undefined> {
  const { user, service, journal, confirm } = request;
  for (const each of arrived) noteArrival(each, user, journal);
  if (left.length === 0) return undefined;
  const listing = await tokenListing(service);
  if (!listing.ok) return `whether older tokens are dead is not known: ${listing.reason}`;
  const { records } = listing;
  const { named, suspects } = rowsLeft(left, inPlaceId, user, records);
  const nameless = left.filter(({ tokenId }) => tokenId === undefined);
  const all = request.allOfUser && inPlaceId !== undefined && suspects.length <= MOST && nameless.length > 0;
  const { approved, refused } = planById(all ? [...named, ...suspects] : named, records, GATES);
  if (approved.length > 0 && confirm !== undefined && !(await confirm(approved))) return 'you did not agree';
  const results = await executeById(`${request.run}.left`, approved, { service, journal });
  const alive = [
    ...results.filter(({ state }) => state !== 'revoked'),
    ...refused.map(({ record: { tokenId }, reason }) => ({ tokenId, reason })),
  ];
  const dead = (row: string | undefined) =>
    row === undefined
      ? suspects.length === 0 || (all && alive.length === 0)
      : !alive.some(({ tokenId }) => tokenId === row);
  for (const each of left) if (dead(each.tokenId)) close(each, user, request);
  const [failure] = alive;
  if (failure !== undefined) return `an older token (${failure.tokenId}) lives on: ${failure.reason}`;
  if (nameless.length === 0 || dead(undefined)) return undefined;
  return wayOut(nameless, suspects, user);
}

/** Which rows of this user the leftovers are: those that their IDs name, and those that the others may be. */
function rowsLeft(
  left: readonly Leftover[],
  inPlaceId: string | undefined,
  user: string,
  records: readonly TokenRecord[],
): { readonly named: readonly TokenRecord[]; readonly suspects: readonly TokenRecord[] } {
  const besides = records.filter(
    ({ tokenId, userIdentifier, status }) =>
      userIdentifier === user && status !== 'revoked' && tokenId !== inPlaceId,
  );
  const named = besides.filter(({ tokenId }) => left.some((each) => each.tokenId === tokenId));
  const others = besides.filter((row) => !named.includes(row));
  // Where it is not known which one is in place, a single one can only be that.
  return { named, suspects: inPlaceId === undefined && others.length === 1 ? [] : others };
}

/** Puts on record that a new token is where it was to go, which its own run did not come to write down. */
function noteArrival(
  { run, fingerprint, tokenId }: IssuedToken,
  userIdentifier: string,
  journal: Journal,
): void {
  const known = { ...(fingerprint && { fingerprint }), ...(tokenId && { tokenId }), userIdentifier };
  new RunRecord(run, journal).note({ event: 'VERIFIED', action: 'issue', ...known, detail: 'by the files' });
}

/** Puts on record that there is nothing more to do about it. */
function close(
  { open, fingerprint, tokenId }: Leftover,
  userIdentifier: string,
  { run, journal }: { readonly run: string; readonly journal: Journal },
): void {
  const known = { ...(fingerprint && { fingerprint }), ...(tokenId && { tokenId }), userIdentifier };
  const detail = 'by the list';
  if (open === undefined) {
    new RunRecord(`${run}.left`, journal).note({ event: 'VERIFIED', action: 'revoke', ...known, detail });
  } else {
    new RunRecord(open, journal).note({ event: 'REJECTED', action: 'issue', ...known, detail });
  }
}

function wayOut(nameless: readonly Leftover[], suspects: readonly TokenRecord[], user: string): string {
  const ids = suspects
    .slice(0, MOST)
    .map(({ tokenId, createdAt }) => `${tokenId} (${createdAt ?? 'no date'})`);
  const more = suspects.length > MOST ? ` and ${suspects.length - MOST} more` : '';
  return `on ${nameless[0]!.at} a token of ${user} was left behind that cannot be told from others of this user, so it may live: one of ${ids.join(', ')}${more}. Look at them, then: guardsweep tokens revoke ID; or give --revoke-all-of-user, where only this machine is ${user}`;
}
