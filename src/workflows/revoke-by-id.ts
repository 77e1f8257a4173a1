import type { TokenRecord } from '../model/token.js';
import { type GatesById, planById } from '../remediation/by-id.js';
import { aboutRow, executeById, type RevokeByIdPorts, type RevokedById } from './execute-by-id.js';
import { RunRecord } from './run-record.js';
import { wholeTokenList } from './token-list.js';

/** What holds a revocation by ID back, and who is asked. */
export interface RevokeByIdRequest extends RevokeByIdPorts {
  readonly gates: GatesById;
  /** Shows whose tokens these are, and asks. */
  readonly confirm: (records: readonly TokenRecord[]) => Promise<boolean>;
}

/**
 * Revokes tokens whose IDs the user names. There is no plaintext to probe, so the proof is the list: read before, to see
 * whose they are, and after, to see that they are revoked.
 *
 * @throws when the list can't be read before anything was done.
 */
export async function revokeById(
  run: string,
  ids: readonly string[],
  request: RevokeByIdRequest,
): Promise<RevokedById[]> {
  const records = await wholeTokenList(request.service);
  const distinct = [...new Set(ids)];
  const named = distinct.flatMap((id) => records.filter(({ tokenId }) => tokenId === id));
  const alive = named.filter(({ status }) => status !== 'revoked');
  const { approved, refused } = planById(alive, records, request.gates);
  // What an earlier run had begun is closed by that: it is dead.
  const record = new RunRecord(run, request.journal);
  for (const row of named) {
    if (row.status === 'revoked') record.note({ event: 'VERIFIED', ...aboutRow(row), detail: 'by the list' });
  }
  const agreed = approved.length === 0 || (await request.confirm(approved));
  const done = agreed ? await executeById(run, approved, request) : [];
  return distinct.map((tokenId) => {
    const result = done.find((each) => each.tokenId === tokenId);
    if (result !== undefined) return result;
    const row = named.find((each) => each.tokenId === tokenId);
    if (row === undefined) return { tokenId, state: 'refused', reason: 'the list has no token of this ID' };
    const about = { tokenId, userIdentifier: row.userIdentifier };
    const refusal = refused.find(({ record }) => record.tokenId === tokenId);
    if (refusal !== undefined) return { ...about, state: 'refused', reason: refusal.reason };
    if (alive.includes(row)) return { ...about, state: 'refused', reason: 'you did not agree' };
    return { ...about, state: 'already_revoked' };
  });
}
