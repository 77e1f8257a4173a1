import { fingerprint } from '../findings/fingerprint.js';
import type { JournalEntry } from '../model/journal.js';
import type { SecretValue } from '../model/secret.js';
import type { IssueAnswer, TokenRecord } from '../model/token.js';
import { probeUntilDead } from '../remediation/settle.js';
import { type RevokingService, SYSTEM_CLOCK } from './remediate.js';

export interface IssuingService extends RevokingService {
  issue(userIdentifier: string): Promise<IssueAnswer>;
}

/** Puts a new token where its user needs it. When that fails, nothing of it is left anywhere. */
export type Deliver = (token: SecretValue) => Promise<void> | void;

export interface ReplacementPorts {
  readonly run: string;
  readonly service: IssuingService;
  readonly journal: { append(entry: JournalEntry): void };
  readonly deliver: Deliver;
}

/** What came of issuing a token. `withdrawn`: nobody has it, and it is proven dead. `stray`: it may be alive, and nobody has it. */
export type Replacement =
  | { readonly state: 'delivered'; readonly fingerprint: string; readonly tokenId?: string }
  | { readonly state: 'not_issued' | 'withdrawn' | 'stray'; readonly reason: string };

const ALIVE_WITHIN = 10_000;

/** Issues a token, makes sure that it works, and delivers it. One that can't be delivered is revoked again. */
export async function issueAndDeliver(
  user: string,
  before: readonly TokenRecord[],
  ports: ReplacementPorts,
): Promise<Replacement> {
  const { run, service, journal } = ports;
  const about = { run, action: 'issue' as const, userIdentifier: user };
  journal.append({ event: 'INTENT', ...about });
  const answer = await service.issue(user);
  if (answer.state !== 'issued') {
    const event = answer.state === 'rejected' ? 'REJECTED' : 'UNKNOWN';
    journal.append({ event, ...about, detail: answer.reason });
    return answer.state === 'rejected'
      ? { state: 'not_issued', reason: answer.reason }
      : {
          state: 'stray',
          reason: `${answer.reason} Whether a token was issued is not known; look with: guardsweep tokens list --user`,
        };
  }
  const name = fingerprint(answer.token);
  journal.append({ event: 'ACK', ...about, fingerprint: name, ...idOf(answer.tokenId) });
  const failure = (await unusable(answer.token, service)) ?? (await undelivered(answer.token, ports));
  if (failure === undefined) {
    journal.append({ event: 'VERIFIED', ...about, fingerprint: name, ...idOf(answer.tokenId) });
    return { state: 'delivered', fingerprint: name, ...idOf(answer.tokenId) };
  }
  const tokenId = answer.tokenId ?? (await onlyNewRow(user, before, service));
  return withdraw(answer.token, tokenId, failure, about, ports);
}

/** A service may take a moment to know what it has just issued. */
async function unusable(token: SecretValue, service: IssuingService): Promise<string | undefined> {
  const deadline = SYSTEM_CLOCK.monotonic() + ALIVE_WITHIN;
  for (let wait = 100; ; wait *= 2) {
    const answer = await service.probe(token);
    if (answer.state === 'active') return undefined;
    if (SYSTEM_CLOCK.monotonic() + wait > deadline) {
      return `the service issued it, but a probe says: ${answer.state === 'unknown' ? answer.reason : answer.state}`;
    }
    await SYSTEM_CLOCK.sleep(wait);
  }
}

async function undelivered(token: SecretValue, { deliver }: ReplacementPorts): Promise<string | undefined> {
  try {
    await deliver(token);
    return undefined;
  } catch (error) {
    return `it could not be delivered: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Where the service does not say which ID it gave: the one row of this user that was not there before. */
async function onlyNewRow(
  user: string,
  before: readonly TokenRecord[],
  service: IssuingService,
): Promise<string | undefined> {
  const known = new Set(before.map(({ tokenId }) => tokenId));
  const { records } = await service.list();
  const fresh = records.filter(
    ({ tokenId, userIdentifier }) => userIdentifier === user && !known.has(tokenId),
  );
  return fresh.length === 1 ? fresh[0]!.tokenId : undefined;
}

async function withdraw(
  token: SecretValue,
  tokenId: string | undefined,
  failure: string,
  about: { readonly run: string; readonly userIdentifier: string },
  { service, journal }: ReplacementPorts,
): Promise<Replacement> {
  if (tokenId === undefined) {
    return {
      state: 'stray',
      reason: `${failure}. Which token of the list it is can not be told, so it lives on`,
    };
  }
  const revocation = { ...about, action: 'revoke' as const, tokenId };
  journal.append({ event: 'INTENT', ...revocation });
  const answer = await service.revoke(tokenId);
  const event = answer.state === 'rejected' ? 'REJECTED' : answer.state === 'unknown' ? 'UNKNOWN' : 'ACK';
  journal.append({ event, ...revocation });
  const settled = await probeUntilDead(token, ALIVE_WITHIN, SYSTEM_CLOCK, (secret) => service.probe(secret));
  if (settled.state !== 'dead') {
    return {
      state: 'stray',
      reason: `${failure}; and it could not be revoked again: ${settled.reason ?? tokenId}`,
    };
  }
  journal.append({ event: 'VERIFIED', ...revocation });
  journal.append({ event: 'REJECTED', ...about, action: 'issue', detail: failure });
  return { state: 'withdrawn', reason: failure };
}

function idOf(tokenId: string | undefined): { tokenId?: string } {
  return tokenId === undefined ? {} : { tokenId };
}
