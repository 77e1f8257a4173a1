import type { ApprovedRow } from '../model/plan.js';
import type { TokenRecord } from '../model/token.js';
import { planById } from '../remediation/by-id.js';
import { executeById, type RevokeByIdPorts, type RevokedById } from './execute-by-id.js';
import { judge } from './judge.js';
import type { OwnSecrets } from './own.js';
import type { RevokingService } from './remediate.js';
import { tokenListing, wholeTokenList } from './token-list.js';

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
  /** Nor over this share (0 to 1) of the organization's active tokens. Whose they are was said, so there is none by default. */
  readonly maxShare?: number;
  /** Shows what would be revoked; false leaves it at that. */
  readonly confirm: (sweep: Sweep) => Promise<boolean>;
}

/** What an offboarding would do. */
export interface Sweep {
  readonly approved: readonly ApprovedRow[];
  readonly refused: readonly RevokedById[];
  /** Users without any token: a slip of the pen shows here. */
  readonly unknown: readonly Unknown[];
}

export interface Unknown {
  readonly user: string;
  /** Identifiers that begin alike. */
  readonly similar: readonly string[];
  /** Whether one that has active tokens looks the same: it differs in case, in what is invisible, or in how characters are composed. */
  readonly lookalike: boolean;
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
  const sweep = await plan(await wholeTokenList(service), request);
  if (sweep.approved.length === 0 || !(await request.confirm(sweep))) {
    return { ...sweep, done: sweep.approved.length === 0, results: [] };
  }
  const ids = sweep.approved.map(({ tokenId }) => tokenId);
  const results = await executeById(request.run, sweep.approved, request);
  const left = [...ids, ...sweep.refused.map(({ tokenId }) => tokenId)];
  const late = await issuedSince(users, left, service);
  return { ...sweep, done: true, results: [...results, ...late] };
}

/** Tokens of these users that were not there before. Where the list can't be read it is not known that there are none. */
async function issuedSince(
  users: readonly string[],
  known: readonly string[],
  service: RevokingService,
): Promise<RevokedById[]> {
  const listing = await tokenListing(service);
  if (!listing.ok) {
    const reason = `whether one was issued meanwhile is not known; run again. ${listing.reason}`;
    return users.map((userIdentifier) => ({ tokenId: '?', userIdentifier, state: 'failed', reason }));
  }
  return listing.records
    .filter(
      ({ tokenId, userIdentifier, status }) =>
        users.includes(userIdentifier) && status !== 'revoked' && !known.includes(tokenId),
    )
    .map(({ tokenId, userIdentifier }) => ({
      tokenId,
      userIdentifier,
      state: 'failed',
      reason: 'it was issued while the others were revoked; run again',
    }));
}

async function plan(records: readonly TokenRecord[], request: OffboardRequest): Promise<Sweep> {
  const { users } = request;
  const rows = records.filter(
    ({ userIdentifier, status }) => users.includes(userIdentifier) && status !== 'revoked',
  );
  const own = await ownTokens(rows, request);
  const { approved, refused } = planById(rows, records, { ...request, own });
  const unknown = users.flatMap((user) =>
    records.some((row) => row.userIdentifier === user) ? [] : [similarTo(user, records)],
  );
  return { approved, refused: refused.map(({ record, reason }) => refusal(record, reason)), unknown };
}

/** Which rows the running job itself works with. Its tokens are asked about only when one of these users' may be one. */
async function ownTokens(rows: readonly TokenRecord[], { own, service }: OffboardRequest) {
  const triage = rows.length === 0 ? undefined : await judge(own.findings, service, { low: () => true });
  return own.tokens(triage?.verdicts ?? new Map());
}

function similarTo(user: string, records: readonly TokenRecord[]): Unknown {
  const alike = records.filter(({ userIdentifier }) => folded(userIdentifier).startsWith(folded(user)));
  return {
    user,
    similar: [...new Set(alike.map(({ userIdentifier }) => userIdentifier))].slice(0, 5),
    lookalike: alike.some(
      ({ userIdentifier, status }) => folded(userIdentifier) === folded(user) && status !== 'revoked',
    ),
  };
}

/** As the eye reads it. */
function folded(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .trim()
    .toLowerCase();
}

function refusal({ tokenId, userIdentifier }: TokenRecord, reason: string): RevokedById {
  return { tokenId, userIdentifier, state: 'refused', reason };
}
