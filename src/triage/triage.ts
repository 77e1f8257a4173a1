import type { Finding } from '../model/finding.js';
import type { ActionRecord } from '../model/report.js';
import type { SecretValue } from '../model/secret.js';
import { type CallFailure, isCredentialFailure, type ProbeAnswer } from '../model/token.js';
import { isMapped, type MappedVerdict, type Verdict } from '../model/verdict.js';
import { type Listing, readListing, type TokenLister } from './listing.js';
import { type Claim, mapToken, type SecretComparer } from './map.js';

/** Asks the service about plaintexts. `probe` answers `unknown` for whatever went wrong. */
export interface TokenInspector extends TokenLister {
  probe(secret: SecretValue): Promise<ProbeAnswer>;
}

export interface TriageOptions {
  readonly inspector: TokenInspector;
  readonly compare: SecretComparer;
  /** Which findings to ask about: what the service can't know (other families) or need not see is left alone. */
  readonly probes: (finding: Finding) => boolean;
  /** Runs a task when there is room for one more. */
  readonly limit: <T>(task: () => Promise<T>) => Promise<T>;
  readonly now: () => Date;
  /** Told after each probe. */
  readonly onProbed?: (done: number, of: number) => void;
}

export interface Triage {
  /** By fingerprint; one for every finding. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  readonly listing: Listing;
  readonly actions: readonly ActionRecord[];
  /** Why probing ended early: the service does not accept the credential. */
  readonly stoppedBy?: string;
}

/** After so many probes in a row that got no answer, the others are not sent: each may wait for minutes. */
const SILENT_AT_MOST = 8;

interface Probed {
  readonly finding: Finding;
  readonly answer: ProbeAnswer;
  readonly at: string;
}

/** Asks once about each distinct secret and ties those that are alive to their rows of the list, which is read before. */
export async function triage(findings: readonly Finding[], options: TriageOptions): Promise<Triage> {
  const asked = findings.filter(options.probes);
  const verdicts = new Map<string, Verdict>(
    findings.map((finding) => [finding.fingerprint, { state: 'not_probed' }]),
  );
  if (asked.length === 0) {
    return { verdicts, listing: { ok: false, reason: 'There was nothing to look up.' }, actions: [] };
  }
  const { listing, actions } = await readListing(options.inspector, options.now);
  const { probed, stoppedBy, silence } = await probeAll(asked, listing, options);
  for (const one of probed) verdicts.set(one.finding.fingerprint, verdictOf(one, listing, options.compare));
  for (const { fingerprint } of asked) {
    if (verdicts.get(fingerprint)!.state === 'not_probed') {
      verdicts.set(fingerprint, { state: 'unknown', reason: `not asked: ${stoppedBy ?? silence}` });
    }
  }
  separate(verdicts, usersOf(probed));
  return {
    verdicts,
    listing,
    actions: [...actions, ...probed.map(actionOf)],
    ...(stoppedBy === undefined ? {} : { stoppedBy }),
  };
}

async function probeAll(
  asked: readonly Finding[],
  listing: Listing,
  { inspector, limit, now, onProbed }: TriageOptions,
): Promise<{
  readonly probed: readonly Probed[];
  readonly stoppedBy: string | undefined;
  readonly silence: string | undefined;
}> {
  const probed = new Map<Finding, Probed>();
  let stoppedBy = !listing.ok && listing.failure === 'unauthorized' ? listing.reason : undefined;
  let done = 0;
  let silent = 0;
  let silence: string | undefined;
  const one = async (finding: Finding) => {
    if (stoppedBy !== undefined || silence !== undefined) return;
    const at = now().toISOString();
    const answer = await ask(inspector, finding.secret);
    probed.set(finding, { finding, answer, at });
    if (isCredentialFailure(answer)) stoppedBy ??= answer.reason;
    if (!isSilence(answer)) silent = 0;
    else if (++silent === SILENT_AT_MOST) {
      silence = `${silent} probes in a row got no answer. ${answer.reason}`;
    }
    onProbed?.(++done, asked.length);
  };
  await Promise.all(asked.map((finding) => limit(() => one(finding))));
  // In the order of the findings, whichever answer came first.
  return { probed: asked.flatMap((finding) => probed.get(finding) ?? []), stoppedBy, silence };
}

function isSilence(answer: ProbeAnswer): answer is Extract<ProbeAnswer, { state: 'unknown' }> {
  const { failure } = answer as { readonly failure?: CallFailure };
  return failure === 'timeout' || failure === 'network';
}

/** A probe that throws is one that said nothing. */
async function ask(inspector: TokenInspector, secret: SecretValue): Promise<ProbeAnswer> {
  try {
    return await inspector.probe(secret);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'The probe failed.';
    return { state: 'unknown', reason, exchange: { attempts: 1, ms: 0 } };
  }
}

function verdictOf({ finding, answer, at }: Probed, listing: Listing, compare: SecretComparer): Verdict {
  if (answer.state === 'unknown') return { state: 'unknown', reason: answer.reason, checkedAt: at };
  if (answer.state !== 'active') return { state: answer.state, checkedAt: at };
  if (listing.ok) return mapToken(finding.secret, answer, listing.records, compare, at);
  return {
    state: 'active',
    ...(answer.userIdentifier === undefined ? {} : { userIdentifier: answer.userIdentifier }),
    candidates: [],
    reason: `the token list could not be read: ${listing.reason}`,
    checkedAt: at,
  };
}

/**
 * Two different plaintexts are two tokens. Where both were tied to one ID, at most the one whose evidence is
 * conclusive by itself keeps it.
 */
function separate(verdicts: Map<string, Verdict>, users: ReadonlyMap<string, string | undefined>): void {
  const claims = new Map<string, [string, MappedVerdict][]>();
  for (const [fingerprint, verdict] of verdicts) {
    if (!isMapped(verdict)) continue;
    const claim = claims.get(verdict.tokenId);
    if (claim === undefined) claims.set(verdict.tokenId, [[fingerprint, verdict]]);
    else claim.push([fingerprint, verdict]);
  }
  for (const [tokenId, claim] of claims) {
    if (claim.length === 1) continue;
    const conclusive = claim.filter(
      ([, { evidence }]) => evidence === 'probe_id' || evidence === 'list_hash',
    );
    for (const [fingerprint, { record, checkedAt }] of claim) {
      if (conclusive.length === 1 && conclusive[0]![0] === fingerprint) continue;
      const userIdentifier = users.get(fingerprint);
      verdicts.set(fingerprint, {
        state: 'active',
        ...(userIdentifier === undefined ? {} : { userIdentifier }),
        candidates: [record!],
        reason: `${claim.length} different tokens were found that would all be ${tokenId}`,
        checkedAt,
      });
    }
  }
}

/** Whose each token is by the word of the probe: a row's user is no evidence once the row is in doubt. */
function usersOf(probed: readonly Probed[]): Map<string, string | undefined> {
  return new Map(probed.map(({ finding, answer }) => [finding.fingerprint, claimOf(answer).userIdentifier]));
}

/** Only what is alive is said to be anybody's. */
function claimOf(answer: ProbeAnswer): Claim {
  return answer as Claim;
}

function actionOf({ finding, answer, at }: Probed): ActionRecord {
  const { httpStatus, attempts, ms } = answer.exchange;
  const { tokenId } = claimOf(answer);
  return {
    at,
    kind: 'probe',
    fingerprint: finding.fingerprint,
    ...(tokenId === undefined ? {} : { token_id: tokenId }),
    outcome: answer.state,
    ...(httpStatus === undefined ? {} : { http_status: httpStatus }),
    attempts,
    ms,
  };
}
