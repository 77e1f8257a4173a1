import type { Approved, ApprovedRow } from '../model/plan.js';
import { isCredentialFailure, type RevokeAnswer, type TokenList, type TokenRecord } from '../model/token.js';
import { answered } from '../remediation/answered.js';
import type { Clock, Journal } from '../remediation/ports.js';
import { SYSTEM_CLOCK } from './remediate.js';
import { RunRecord } from './run-record.js';
import { tokenListing } from './token-list.js';

/** What a revocation by ID asks of the service and of the journal. */
export interface RevokeByIdPorts {
  readonly service: {
    list(): Promise<TokenList>;
    revoke(approved: Approved): Promise<RevokeAnswer>;
  };
  readonly journal: Journal;
  /** The system's when absent. */
  readonly clock?: Pick<Clock, 'monotonic' | 'sleep'>;
}

/** What became of one token that was to be revoked without its plaintext. */
export interface RevokedById {
  readonly tokenId: string;
  readonly userIdentifier?: string;
  /** `accepted_unverified`: the service said yes, and the list does not say so. */
  readonly state: 'revoked' | 'already_revoked' | 'accepted_unverified' | 'refused' | 'failed';
  readonly reason?: string;
}

/** Whether the list says so, now or before anything was done. */
export function isDead({ state }: RevokedById): boolean {
  return state === 'revoked' || state === 'already_revoked';
}

/** How long the list may take to show what the service has accepted, and what it may have done. */
const LISTED_WITHIN = 10_000;
const WATCH_FOR = 1_000;
const FIRST_WAIT = 250;
/** How often a request of unknown effect is sent at most. */
const SENDS = 3;

/**
 * Revokes these rows, one after the other, each recorded before it is sent, and proves it by the list. What became of a
 * request that got no answer the list tells too; where it says that the token is alive, it is sent again. A credential
 * that is not accepted and a journal that can't be written end it: what was not attempted is reported as such.
 */
export async function executeById(
  run: string,
  rows: readonly ApprovedRow[],
  ports: RevokeByIdPorts,
): Promise<RevokedById[]> {
  if (rows.length === 0) return [];
  const { service, journal } = ports;
  const record = new RunRecord(run, journal);
  record.note({ event: 'RUN' });
  for (const row of rows) record.note({ event: 'PLANNED', ...aboutRow(row) });
  const answers = new Map<string, RevokeAnswer>();
  let denied: string | undefined;
  const send = async (row: ApprovedRow) => {
    if (denied !== undefined || !record.note({ event: 'INTENT', ...aboutRow(row) })) return;
    const answer = await service.revoke(row);
    answers.set(row.tokenId, answer);
    record.note({ ...answered(answer), ...aboutRow(row) });
    if (isCredentialFailure(answer)) denied = answer.reason;
  };
  for (const row of rows) await send(row);
  for (let sends = 1; sends < SENDS; sends++) {
    const unknown = rows.filter(({ tokenId }) => answers.get(tokenId)?.state === 'unknown');
    const alive = unknown.length === 0 ? undefined : await aliveAfter(WATCH_FOR, unknown, ports);
    // A list that can't be read is no reason to send again.
    if (alive === undefined || typeof alive === 'string' || alive.length === 0) break;
    for (const row of alive) await send(row);
  }
  const sent = rows.filter(({ tokenId }) => mayBeDead(answers.get(tokenId)));
  const alive = await whyAlive(sent, ports);
  for (const row of sent) {
    const why = alive.get(row.tokenId);
    const event = why === undefined ? 'VERIFIED' : 'UNVERIFIED';
    record.note({ event, ...aboutRow(row), detail: why ?? 'by the list' });
  }
  record.note({ event: 'END' });
  const stopped = denied ?? record.failure;
  return rows.map((row) => resultOf(row, answers.get(row.tokenId), alive.get(row.tokenId), stopped));
}

function resultOf(
  { tokenId, userIdentifier }: TokenRecord,
  answer: RevokeAnswer | undefined,
  alive: string | undefined,
  stoppedBy: string | undefined,
): RevokedById {
  const failed = (reason: string): RevokedById => ({ tokenId, userIdentifier, state: 'failed', reason });
  if (answer === undefined) return failed(`not attempted: ${stoppedBy}`);
  if (answer.state === 'rejected') return failed(answer.reason);
  if (alive === undefined) return { tokenId, userIdentifier, state: 'revoked' };
  if (answer.state === 'accepted') {
    return { tokenId, userIdentifier, state: 'accepted_unverified', reason: alive };
  }
  return failed(answer.state === 'unknown' ? `${answer.reason} And ${alive}` : alive);
}

/** How the journal names a revocation that has no plaintext. */
export function aboutRow({ tokenId, userIdentifier }: TokenRecord) {
  return { action: 'revoke' as const, tokenId, userIdentifier };
}

function mayBeDead(answer: RevokeAnswer | undefined): boolean {
  return answer !== undefined && answer.state !== 'rejected';
}

/** By token ID, why it is not proven dead; nothing for those that are. */
async function whyAlive(rows: readonly ApprovedRow[], ports: RevokeByIdPorts): Promise<Map<string, string>> {
  const alive = rows.length === 0 ? [] : await aliveAfter(LISTED_WITHIN, rows, ports);
  const reason = (row: ApprovedRow) =>
    typeof alive === 'string'
      ? `the list could not be read afterwards: ${alive}`
      : alive.includes(row)
        ? 'the service still lists the token as active'
        : undefined;
  return new Map(
    rows.flatMap((row) => {
      const why = reason(row);
      return why === undefined ? [] : [[row.tokenId, why]];
    }),
  );
}

/** Which of these the list still shows, after at most so many milliseconds; or why it can't be read. */
async function aliveAfter(
  milliseconds: number,
  rows: readonly ApprovedRow[],
  { service, clock = SYSTEM_CLOCK }: RevokeByIdPorts,
): Promise<readonly ApprovedRow[] | string> {
  const deadline = clock.monotonic() + milliseconds;
  for (let wait = FIRST_WAIT; ; wait *= 2) {
    const listing = await tokenListing(service);
    if (!listing.ok) return listing.reason;
    const alive = rows.filter(({ tokenId }) =>
      listing.records.some((each) => each.tokenId === tokenId && each.status !== 'revoked'),
    );
    if (alive.length === 0 || clock.monotonic() + wait > deadline) return alive;
    await clock.sleep(wait);
  }
}
