import type { ActionRecord } from '../model/report.js';
import type { CallFailure, Exchange, TokenList, TokenRecord } from '../model/token.js';

/** Reads the organization's list whole. Rejects when a page could not be read: half a list is none. */
export interface TokenLister {
  list(): Promise<TokenList>;
}

/** The list as it was before the first probe, or why there is none. Without one nothing is mapped, and nothing revoked. */
export type Listing =
  | { readonly ok: true; readonly records: readonly TokenRecord[]; readonly readAt: string }
  | { readonly ok: false; readonly reason: string; readonly failure?: CallFailure };

export interface ReadListing {
  readonly listing: Listing;
  readonly actions: readonly ActionRecord[];
}

/** A list that is not still after so many readings is one that somebody is working on. */
const PASSES = 5;

/**
 * Reads the list until two passes in a row agree: tokens that are issued or revoked while its pages are read may be
 * missing from it or stand in it twice. The records are those of the first of the two, so that `lastUsedAt` is from
 * before anything was touched.
 */
export async function readListing(lister: TokenLister, now: () => Date): Promise<ReadListing> {
  const actions: ActionRecord[] = [];
  let previous:
    | { readonly records: readonly TokenRecord[]; readonly state: string; readonly at: string }
    | undefined;
  for (let pass = 0; pass < PASSES; pass++) {
    const at = now().toISOString();
    let list: TokenList;
    try {
      list = await lister.list();
    } catch (error) {
      const { kind, exchange } = (error ?? {}) as { kind?: CallFailure; exchange?: Exchange };
      actions.push(action(at, 'failed', exchange ?? { attempts: 1, ms: 0 }));
      const reason = error instanceof Error ? error.message : 'Listing the tokens failed.';
      return { listing: { ok: false, reason, ...(kind === undefined ? {} : { failure: kind }) }, actions };
    }
    for (const exchange of list.exchanges) actions.push(action(at, 'ok', exchange));
    const state = stateOf(list.records);
    if (previous?.state === state) {
      return { listing: { ok: true, records: previous.records, readAt: previous.at }, actions };
    }
    previous = { records: list.records, state, at };
  }
  const reason = `The token list changed between each of ${PASSES} readings. Run again when nobody is issuing or revoking tokens.`;
  return { listing: { ok: false, reason }, actions };
}

/** What two readings must agree on. When a token was last used changes all the time and decides nothing. */
function stateOf(records: readonly TokenRecord[]): string {
  return records
    .map(({ tokenId, userIdentifier, status, hint, hash }) =>
      JSON.stringify([tokenId, userIdentifier, status, hint, hash]),
    )
    .sort()
    .join();
}

function action(at: string, outcome: string, { httpStatus, attempts, ms }: Exchange): ActionRecord {
  return {
    at,
    kind: 'list',
    outcome,
    ...(httpStatus === undefined ? {} : { http_status: httpStatus }),
    attempts,
    ms,
  };
}
