import type { Readable } from 'node:stream';
import type { Finding } from '../model/finding.js';
import type { ApprovedRow } from '../model/plan.js';
import type { TokenRecord } from '../model/token.js';
import { isDeadNow } from '../model/verdict.js';
import { planById } from '../remediation/by-id.js';
import { narrowToApproved } from '../remediation/plan-file.js';
import type { OwnTokens } from '../remediation/policy.js';
import type { Triage } from '../triage/triage.js';
import type { Approved } from './apply.js';
import { builtinDetector } from './detector.js';
import { type Draft, draft, draftWithin, type Gates } from './draft.js';
import { executeById } from './execute-by-id.js';
import { judge } from './judge.js';
import { type LivesOn, revokeOld } from './old-token.js';
import type { OwnSecrets } from './own.js';
import type { ReplacementPorts } from './replacement.js';
import { Search, type SearchResult } from './search.js';
import { searchTargets } from './targets.js';
import { wholeTokenList } from './token-list.js';

/** Which tokens are to be replaced, and what holds that back. */
export interface RotationRequest extends Pick<ReplacementPorts, 'service' | 'journal' | 'places'> {
  /** A token ID; then its plaintext need not be known. */
  readonly tokenId?: string;
  /** Fingerprints of what is found in `targets` or is the machine's own. */
  readonly fingerprints?: ReadonlySet<string>;
  /**
   * Fingerprints of what a report or a plan saw alive, and its token IDs: what is dead by now is done. Of what somebody
   * named it is not.
   */
  readonly seenAlive?: ReadonlyMap<string, string | undefined>;
  readonly targets: readonly string[];
  readonly stdin?: Readable;
  readonly own: OwnSecrets;
  readonly gates: Gates;
  /** What a person approved: it is carried out as far as it is still exactly so, whatever the caps. */
  readonly approved?: Approved;
  /** Told what is more than the caps allow, or what the policy wants a person to approve. */
  readonly onWaiting?: (draft: Draft, waiting: number) => void;
}

/** A token that may be replaced: whose it is, and what revokes it once the new one works. */
export interface Replaceable {
  readonly tokenId: string;
  readonly userIdentifier: string;
  readonly fingerprint?: string;
  /** @returns why it is not proven dead; nothing when it is. */
  readonly revoke: (run: string) => Promise<LivesOn | undefined>;
}

/** A token that was to be replaced, and why it may not be. */
export interface NotReplaceable {
  readonly tokenId?: string;
  readonly fingerprint?: string;
  readonly reason: string;
}

export interface RotationCandidates {
  readonly replaceable: readonly Replaceable[];
  readonly refused: readonly NotReplaceable[];
  /** What somebody else has revoked meanwhile: nothing is left to do, and nobody needs a new one for it. */
  readonly dead: readonly NotReplaceable[];
  /** The whole list that this was decided by. */
  readonly records: readonly TokenRecord[];
}

/** @throws where a token is named by its ID and the list can't be read. */
export function rotationCandidates(request: RotationRequest): Promise<RotationCandidates> {
  return request.tokenId === undefined ? byFingerprint(request) : byId(request, request.tokenId);
}

/**
 * By its ID: whose it is, the list says. Where its plaintext is not in what the new one is written to, the list is the
 * proof afterwards, too.
 */
async function byId(request: RotationRequest, tokenId: string): Promise<RotationCandidates> {
  const { service, gates } = request;
  const records = await wholeTokenList(service);
  const refused = (reason: string) => ({
    replaceable: [],
    refused: [{ tokenId, reason }],
    dead: [],
    records,
  });
  const row = records.find((record) => record.tokenId === tokenId);
  if (row === undefined) return refused('the list has no token of this ID');
  if (row.status === 'revoked') return refused('it is revoked already; to issue one use: guardsweep onboard');
  if (row.status === 'unknown') return refused('the list does not say whether it is active');
  const { verdicts } = await judge(request.own.findings, service, { low: () => true });
  const planned = planById([row], records, {
    ...gates,
    protectedUsers: gates.protectedUsers ?? [],
    own: stillUsed(request, verdicts),
    includeOwn: gates.includeOwn ?? false,
  });
  const [approved] = planned.approved;
  if (approved === undefined) return refused(planned.refused[0]!.reason);
  const { userIdentifier } = approved;
  const revoke = (run: string) => revokeRow(run, approved, request);
  return { replaceable: [{ tokenId, userIdentifier, revoke }], refused: [], dead: [], records };
}

async function revokeRow(
  run: string,
  row: ApprovedRow,
  { service, journal }: RotationRequest,
): Promise<LivesOn | undefined> {
  const [result] = await executeById(run, [row], { service, journal });
  if (result?.state === 'revoked') return undefined;
  const reason = `the old token lives on: ${result?.reason ?? 'not revoked'}`;
  return { reason, nameless: false, stop: false };
}

/** By fingerprint: found again, probed, tied to its row, and allowed, as for any revocation. */
async function byFingerprint(request: RotationRequest): Promise<RotationCandidates> {
  const { service, journal, targets, fingerprints = new Set<string>() } = request;
  const { findings, coverage } = await search(request);
  const all = [...findings, ...request.own.besides(findings)];
  const wanted = all.filter(({ fingerprint }) => fingerprints.has(fingerprint));
  const triage = await judge(all, service, { low: ({ fingerprint }) => fingerprints.has(fingerprint) });
  const { plan, records } = allowed(wanted, triage, request);
  const replaceable: Replaceable[] = [];
  const refused: NotReplaceable[] = [];
  for (const { finding, tokenId, userIdentifier } of plan.revocations) {
    const { fingerprint } = finding;
    if (userIdentifier === undefined) {
      refused.push({ fingerprint, reason: 'the service does not say whose it is' });
      continue;
    }
    const revoke = (run: string) => revokeOld([finding], triage, { run, service, journal, targets });
    replaceable.push({ fingerprint, tokenId, userIdentifier, revoke });
  }
  for (const { finding, reason } of plan.refusals) refused.push({ fingerprint: finding.fingerprint, reason });
  const decided = new Set([...replaceable, ...refused].map(({ fingerprint }) => fingerprint));
  const dead: NotReplaceable[] = [];
  const unread = coverage.unscanned.length;
  const why = unread === 0 ? '' : `; ${unread} things could not be read`;
  for (const fingerprint of fingerprints) {
    if (decided.has(fingerprint)) continue;
    if (isDeadHere(fingerprint, request, triage, records)) {
      dead.push({ fingerprint, reason: 'nothing was replaced; to issue a new one use: guardsweep onboard' });
      continue;
    }
    const reason = wanted.some((finding) => finding.fingerprint === fingerprint)
      ? 'there is nothing to replace: it is dead, another organization’s, or the policy leaves it'
      : `it was not found in what was scanned${why}`;
    refused.push({ fingerprint, reason });
  }
  return { replaceable, refused, dead, records };
}

/**
 * Whether it was seen alive and is dead. A report does not say whose tokens it is about: to another organization a living
 * one looks dead, too, and only a list that knows its ID is of the same one.
 */
function isDeadHere(
  fingerprint: string,
  { seenAlive }: RotationRequest,
  { verdicts }: Triage,
  records: readonly TokenRecord[],
): boolean {
  const state = verdicts.get(fingerprint)?.state;
  if (seenAlive?.has(fingerprint) !== true || !isDeadNow(state)) return false;
  return state === 'inactive' || records.some(({ tokenId }) => tokenId === seenAlive.get(fingerprint));
}

/** What may be replaced: within the caps, or, where it was approved, what is still as it was. */
function allowed(wanted: readonly Finding[], triage: Triage, request: RotationRequest): Draft {
  const { gates, approved, onWaiting } = request;
  const used = stillUsed(request, triage.verdicts);
  if (approved !== undefined) {
    const fresh = draft(wanted, triage, approved, used);
    return { ...fresh, plan: narrowToApproved(fresh.plan, approved, fresh.records).plan };
  }
  const within = draftWithin(wanted, triage, replacing(gates), used);
  if (within.waiting > 0) onWaiting?.(within.unbound, within.waiting);
  return within;
}

/** What the running job uses and will not get anew by this very rotation. */
function stillUsed({ own, places }: RotationRequest, verdicts: Triage['verdicts']): OwnTokens {
  return own.tokens(
    verdicts,
    places.map(({ name }) => name),
  );
}

/** To be replaced is what a policy may ask for; here that is done. */
function replacing(gates: Gates): Gates {
  const { policy } = gates;
  if (policy === undefined) return gates;
  const done = <T extends string>(action: T) => (action === 'rotate' ? ('revoke' as const) : action);
  const rules = policy.rules.map((rule) => ({ ...rule, do: done(rule.do) }));
  return { ...gates, policy: { rules, otherwise: done(policy.otherwise) } };
}

async function search({ targets, stdin }: RotationRequest): Promise<SearchResult> {
  const search = new Search(builtinDetector());
  try {
    if (targets.length > 0) {
      const everything = { targets, history: true, limits: {}, exclude: [] };
      await searchTargets(search, { ...everything, ...(stdin === undefined ? {} : { stdin }) });
    }
    return await search.result();
  } finally {
    // Nothing that it has put on disk is left behind, however it ends.
    search.close();
  }
}
