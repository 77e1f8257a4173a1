import type { JournalEntry } from '../model/journal.js';
import type { RevokeAnswer, TokenList, TokenRecord } from '../model/token.js';

/** What a revocation by ID asks of the service and of the journal. */
export interface RevokeByIdPorts {
  readonly service: {
    list(): Promise<TokenList>;
    revoke(tokenId: string): Promise<RevokeAnswer>;
  };
  readonly journal: { append(entry: JournalEntry): void };
  /** Shows whose tokens these are, and asks. */
  readonly confirm: (records: readonly TokenRecord[]) => Promise<boolean>;
}

export interface RevokedById {
  readonly tokenId: string;
  readonly userIdentifier?: string;
  readonly state: 'revoked' | 'already_revoked' | 'refused' | 'failed';
  readonly reason?: string;
}

/**
 * Revokes tokens whose IDs the user names. There is no plaintext to probe, so the proof is the list: read before, to see
 * whose they are, and after, to see that they are revoked.
 */
export async function revokeById(
  run: string,
  ids: readonly string[],
  ports: RevokeByIdPorts,
): Promise<RevokedById[]> {
  const before = (await ports.service.list()).records;
  const distinct = [...new Set(ids)];
  const alive = distinct.flatMap((id) =>
    before.filter((row) => row.tokenId === id && row.status !== 'revoked'),
  );
  const agreed = alive.length === 0 || (await ports.confirm(alive));
  const answers = new Map<string, RevokeAnswer>();
  ports.journal.append({ event: 'RUN', run });
  if (agreed) {
    for (const record of alive) ports.journal.append({ event: 'PLANNED', ...about(run, record) });
  }
  if (agreed) for (const record of alive) answers.set(record.tokenId, await revokeOne(run, record, ports));
  const after = answers.size === 0 ? before : (await ports.service.list()).records;
  const results = distinct.map((id) => resultOf(id, before, after, answers.get(id)));
  for (const { tokenId, userIdentifier, state } of results) {
    if (!answers.has(tokenId) && state !== 'already_revoked') continue;
    const event = state === 'failed' ? 'UNVERIFIED' : 'VERIFIED';
    const user = userIdentifier === undefined ? {} : { userIdentifier };
    ports.journal.append({ event, run, action: 'revoke', tokenId, ...user, detail: 'by the list' });
  }
  ports.journal.append({ event: 'END', run });
  return results;
}

async function revokeOne(
  run: string,
  record: TokenRecord,
  { service, journal }: RevokeByIdPorts,
): Promise<RevokeAnswer> {
  journal.append({ event: 'INTENT', ...about(run, record) });
  const answer = await service.revoke(record.tokenId);
  const event = answer.state === 'rejected' ? 'REJECTED' : answer.state === 'unknown' ? 'UNKNOWN' : 'ACK';
  journal.append({ event, ...about(run, record), ...('reason' in answer ? { detail: answer.reason } : {}) });
  return answer;
}

function about(run: string, { tokenId, userIdentifier }: TokenRecord) {
  return { run, action: 'revoke' as const, tokenId, userIdentifier };
}

function resultOf(
  tokenId: string,
  before: readonly TokenRecord[],
  after: readonly TokenRecord[],
  answer: RevokeAnswer | undefined,
): RevokedById {
  const row = before.find((record) => record.tokenId === tokenId);
  if (row === undefined) return { tokenId, state: 'refused', reason: 'the list has no token of this ID' };
  const about = { tokenId, userIdentifier: row.userIdentifier };
  if (row.status === 'revoked') return { ...about, state: 'already_revoked' };
  if (answer === undefined) return { ...about, state: 'refused', reason: 'you did not agree' };
  const now = after.find((record) => record.tokenId === tokenId);
  if (now === undefined || now.status === 'revoked') return { ...about, state: 'revoked' };
  const reason =
    'reason' in answer ? answer.reason : 'the service accepted it, but still lists the token as active';
  return { ...about, state: 'failed', reason };
}
