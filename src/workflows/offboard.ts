import type { TokenRecord } from '../model/token.js';
import { matchesGlob } from '../remediation/glob.js';
import { readListing } from '../triage/listing.js';
import { judge } from './judge.js';
import type { OwnSecrets } from './own.js';
import type { RevokingService } from './remediate.js';
import { type RevokeByIdPorts, type RevokedById, revokeById } from './revoke-by-id.js';

export interface OffboardRequest extends Pick<RevokeByIdPorts, 'journal'> {
  readonly run: string;
  /** Exact identifiers. */
  readonly users: readonly string[];
  readonly service: RevokingService;
  readonly own: OwnSecrets;
  readonly includeOwn: boolean;
  readonly protectedUsers: readonly string[];
  /** Over this many tokens nothing at all is revoked. */
  readonly maxRevocations: number;
  /** Shows what would be revoked; false leaves it at that. */
  readonly confirm: (sweep: Sweep) => Promise<boolean>;
}

/** What an offboarding would do. */
export interface Sweep {
  readonly alive: readonly TokenRecord[];
  readonly refused: readonly RevokedById[];
  /** Users without any token, and identifiers that only begin alike: a slip of the pen shows here. */
  readonly unknown: readonly { readonly user: string; readonly similar: readonly string[] }[];
}

export interface Offboarding extends Sweep {
  readonly done: boolean;
  readonly results: readonly RevokedById[];
}

/**
 * Revokes every active token of exactly these users, and proves it by the list, read whole and twice before, and again
 * after. Users whose identifiers only begin alike are not touched.
 *
 * @throws when the list can't be read: half a list would leave a door open unseen.
 */
export async function offboard(request: OffboardRequest): Promise<Offboarding> {
  const { service, users } = request;
  const { listing } = await readListing(service, () => new Date());
  if (!listing.ok) throw new Error(listing.reason);
  const sweep = await plan(listing.records, request);
  if (sweep.alive.length === 0 || !(await request.confirm(sweep))) {
    return { ...sweep, done: sweep.alive.length === 0, results: [] };
  }
  const ids = sweep.alive.map(({ tokenId }) => tokenId);
  const results = await revokeById(request.run, ids, {
    service,
    journal: request.journal,
    confirm: async () => true,
  });
  const late = (await service.list()).records.filter(
    ({ tokenId, userIdentifier, status }) =>
      users.includes(userIdentifier) &&
      status !== 'revoked' &&
      !ids.includes(tokenId) &&
      !sweep.refused.some((each) => each.tokenId === tokenId),
  );
  const issuedMeanwhile = late.map(
    ({ tokenId, userIdentifier }): RevokedById => ({
      tokenId,
      userIdentifier,
      state: 'failed',
      reason: 'it was issued while the others were revoked; run again',
    }),
  );
  return { ...sweep, done: true, results: [...results, ...issuedMeanwhile] };
}

async function plan(records: readonly TokenRecord[], request: OffboardRequest): Promise<Sweep> {
  const { users, protectedUsers, maxRevocations } = request;
  const rows = records.filter(
    ({ userIdentifier, status }) => users.includes(userIdentifier) && status !== 'revoked',
  );
  const own = await ownTokens(rows, request);
  const reasonOf = ({ tokenId, userIdentifier }: TokenRecord): string | undefined => {
    const glob = protectedUsers.find((each) => matchesGlob(each, userIdentifier));
    if (glob !== undefined) return `tokens of ${userIdentifier} are protected (${glob})`;
    if (records.filter((other) => other.tokenId === tokenId).length > 1) {
      return `the list names the token ID ${tokenId} more than once`;
    }
    if (request.includeOwn) return undefined;
    const places = own.tokenIds.get(tokenId);
    if (places !== undefined) {
      return `this very job uses it (${places.join(', ')}); to revoke it nevertheless give --include-own`;
    }
    return own.undetermined === undefined
      ? undefined
      : `it may be the one that this very job uses: ${own.undetermined}`;
  };
  const refused = rows.flatMap((row) => {
    const reason = reasonOf(row);
    return reason === undefined ? [] : [refusal(row, reason)];
  });
  const mine = ({ tokenId }: TokenRecord) => Number(own.tokenIds.has(tokenId));
  const alive = rows.filter((row) => reasonOf(row) === undefined).sort((a, b) => mine(a) - mine(b));
  const unknown = users.flatMap((user) =>
    records.some((row) => row.userIdentifier === user) ? [] : [similarTo(user, records)],
  );
  if (alive.length <= maxRevocations) return { alive, refused, unknown };
  const tooMany = `${alive.length} tokens would be revoked, more than the ${maxRevocations} allowed (--max-revocations): none was`;
  return { alive: [], refused: [...refused, ...alive.map((row) => refusal(row, tooMany))], unknown };
}

/** Which rows the running job itself works with. Its tokens are asked about only when one of these users' may be one. */
async function ownTokens(rows: readonly TokenRecord[], { own, service }: OffboardRequest) {
  const triage = rows.length === 0 ? undefined : await judge(own.findings, service, { low: () => false });
  return own.tokens(triage?.verdicts ?? new Map());
}

function similarTo(user: string, records: readonly TokenRecord[]) {
  const alike = records.filter(({ userIdentifier }) =>
    userIdentifier.toLowerCase().startsWith(user.toLowerCase()),
  );
  return { user, similar: [...new Set(alike.map(({ userIdentifier }) => userIdentifier))].slice(0, 5) };
}

function refusal({ tokenId, userIdentifier }: TokenRecord, reason: string): RevokedById {
  return { tokenId, userIdentifier, state: 'refused', reason };
}
