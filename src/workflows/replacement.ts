import { nameOfReplaced, type ReplacedToken } from '../audit/issued.js';
import { fingerprint } from '../findings/fingerprint.js';
import type { ApprovedWithdrawal } from '../model/plan.js';
import type { SecretValue } from '../model/secret.js';
import { type IssueAnswer, isCredentialFailure, type TokenRecord } from '../model/token.js';
import { answered } from '../remediation/answered.js';
import { withdrawalOf } from '../remediation/by-id.js';
import type { Clock, Journal } from '../remediation/ports.js';
import { probeUntilDead } from '../remediation/settle.js';
import { nameWord } from '../reporting/trail/shell.js';
import { givenAgain, newRows, SETTLED_WITHIN, unlisted } from './new-token.js';
import { type RevokingService, SYSTEM_CLOCK } from './remediate.js';
import { RunRecord } from './run-record.js';

export interface IssuingService extends RevokingService {
  issue(userIdentifier: string): Promise<IssueAnswer>;
}

/** Puts a new token where its user needs it. When that fails, nothing of it is left anywhere. */
export type Deliver = (token: SecretValue, userIdentifier: string) => Promise<void> | void;

export interface ReplacementPorts {
  readonly run: string;
  readonly service: IssuingService;
  readonly journal: Journal;
  /** Throws where `deliver` would have to fail, before anything is issued. */
  readonly ready: () => void;
  readonly deliver: Deliver;
  /** The files that `deliver` writes to. */
  readonly places: readonly { readonly name: string; readonly text: string }[];
  /** The system's when absent. */
  readonly clock?: Clock;
}

/**
 * What came of issuing a token. `withdrawn`: nobody has it, and it is proven dead. `stray`: it may be alive, and nobody
 * has it. `stop`: no further call will do better.
 */
export type Replacement =
  | { readonly state: 'delivered'; readonly fingerprint: string; readonly tokenId?: string }
  | {
      readonly state: 'not_issued' | 'withdrawn' | 'stray';
      readonly reason: string;
      readonly stop?: true;
      /** Nothing was done: the service does not accept the credential, or the bot may not do it. */
      readonly wrongCredential?: true;
    };

/**
 * Issues a token, makes sure that it works, and delivers it. One that can't be delivered is revoked again.
 *
 * @param before the list as it was; undefined where it could not be read: then no row of it can be told to be new.
 * @param replaces what it is to take the place of, for whoever finishes this after a crash.
 */
export async function issueAndDeliver(
  user: string,
  before: readonly TokenRecord[] | undefined,
  ports: ReplacementPorts,
  replaces: readonly ReplacedToken[] = [],
): Promise<Replacement> {
  const { run, service, journal } = ports;
  const record = new RunRecord(run, journal);
  const about = { action: 'issue' as const, userIdentifier: user };
  const intent = {
    ...(replaces.length === 0 ? {} : { replaces: replaces.map(nameOfReplaced) }),
    ...(ports.places.length === 0 ? {} : { targets: ports.places.map(({ name }) => name) }),
  };
  if (!record.note({ event: 'INTENT', ...about, ...intent })) {
    return { state: 'not_issued', reason: record.failure!, stop: true };
  }
  const answer = await service.issue(user);
  if (answer.state !== 'issued') {
    const event = answer.state === 'rejected' ? 'REJECTED' : 'UNKNOWN';
    record.note({ event, ...about, detail: answer.reason });
    const stop = isCredentialFailure(answer) ? { stop: true as const, wrongCredential: true as const } : {};
    return answer.state === 'rejected'
      ? { state: 'not_issued', reason: answer.reason, ...stop }
      : {
          state: 'stray',
          reason: `${answer.reason} ${lostIssue(user)}`,
          ...stop,
        };
  }
  const name = fingerprint(answer.token);
  const old = replaces.length === 0 ? undefined : givenAgain(answer, before, replaces);
  if (old !== undefined) {
    record.note({ event: old.isCertain ? 'REJECTED' : 'UNKNOWN', ...about, detail: old.reason });
    const reason = `${old.reason}, so nothing was replaced`;
    return old.isCertain
      ? { state: 'not_issued', reason, stop: true }
      : { state: 'stray', reason: `${reason}. ${lostIssue(user)}`, stop: true };
  }
  const named = answer.tokenId === undefined ? undefined : withdrawalOf(answer.tokenId, before ?? []);
  const known = { fingerprint: name, ...(named === undefined ? {} : { tokenId: named.tokenId }) };
  record.note({ event: 'ACK', ...about, ...known });
  const unfit =
    record.failure ??
    (await unusable(answer.token, ports, replaces.length > 0)) ??
    (named === undefined && replaces.length > 0 ? await unlisted(user, before, ports) : undefined);
  const failure = unfit ?? (await undelivered(answer.token, user, ports));
  if (failure === undefined) {
    record.note({ event: 'VERIFIED', ...about, ...known });
    return { state: 'delivered', ...known };
  }
  // Of several that are new nobody can say which one it is.
  const fresh = named === undefined ? await newRows(user, before, service) : [named];
  const approved = fresh.length === 1 ? fresh[0] : undefined;
  return withdraw({ ...answer, approved, worked: unfit === undefined }, failure, record, ports);
}

/** A token that nobody holds. */
interface Undelivered {
  readonly token: SecretValue;
  readonly approved: ApprovedWithdrawal | undefined;
  readonly userIdentifier: string;
  /** Whether a probe said that it is active. */
  readonly worked: boolean;
}

/** @returns why nobody has it. */
async function undelivered(
  token: SecretValue,
  user: string,
  { deliver }: ReplacementPorts,
): Promise<string | undefined> {
  try {
    await deliver(token, user);
    return undefined;
  } catch (error) {
    return `it could not be delivered: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/**
 * A service may take a moment to know what it has just issued. A bot that may issue and not probe has to be believed,
 * unless another token is to die for this one.
 */
async function unusable(
  token: SecretValue,
  { service, clock = SYSTEM_CLOCK }: ReplacementPorts,
  replacing: boolean,
): Promise<string | undefined> {
  const deadline = clock.monotonic() + SETTLED_WITHIN;
  for (let wait = 100; ; wait *= 2) {
    const answer = await service.probe(token);
    if (answer.state === 'active') return undefined;
    if (!replacing && answer.state === 'unknown' && answer.failure === 'forbidden') return undefined;
    if (clock.monotonic() + wait > deadline) {
      return `the service issued it, but a probe says: ${answer.state === 'unknown' ? answer.reason : answer.state}`;
    }
    await clock.sleep(wait);
  }
}

/**
 * Revokes what nobody holds. That a probe calls it dead proves something only where one had called it alive, or the
 * service accepted the revocation: a service that does not know yet what it has issued says so of a living token, too.
 */
async function withdraw(
  { token, approved, userIdentifier: user, worked }: Undelivered,
  failure: string,
  record: RunRecord,
  { service, clock = SYSTEM_CLOCK }: ReplacementPorts,
): Promise<Replacement> {
  const cause = failure.replace(/\.$/, '');
  if (approved === undefined) {
    const reason = `${cause}. A token was issued that nobody holds; which one of ${user} it is cannot be told, so it lives on`;
    return { state: 'stray', reason, ...(record.failure === undefined ? {} : { stop: true as const }) };
  }
  const { tokenId } = approved;
  const revocation = { action: 'revoke' as const, userIdentifier: user, tokenId };
  if (!record.note({ event: 'INTENT', ...revocation })) {
    const reason = `${cause}. A token was issued that nobody holds; once there is a journal, revoke it with: guardsweep tokens revoke ${nameWord(tokenId)}`;
    return { state: 'stray', reason, stop: true };
  }
  const answer = await service.revoke(approved);
  record.note({ ...answered(answer), ...revocation });
  const settled = await probeUntilDead(token, SETTLED_WITHIN, clock, (secret) => service.probe(secret));
  if (settled.state !== 'dead' || !(worked || answer.state === 'accepted')) {
    const why = 'reason' in answer ? answer.reason : 'reason' in settled ? settled.reason : 'it is not known';
    return {
      state: 'stray',
      reason: `${cause}; and it could not be revoked again (${why}): revoke it with guardsweep tokens revoke ${nameWord(tokenId)}`,
    };
  }
  record.note({ event: 'VERIFIED', ...revocation });
  record.note({ event: 'REJECTED', action: 'issue', userIdentifier: user, detail: failure });
  return { state: 'withdrawn', reason: failure };
}

/** What is said of a request that may have made a token. */
export function lostIssue(user: string): string {
  return `Whether a token was issued is not known; look with: guardsweep tokens list --user ${nameWord(user)}`;
}
