import { FindingSet } from '../findings/merge.js';
import type { Finding } from '../model/finding.js';
import type { JournalEntry } from '../model/journal.js';
import { Misuse } from '../model/misuse.js';
import type { TokenRecord } from '../model/token.js';
import { isMapped, type Verdict } from '../model/verdict.js';
import type { Triage } from '../triage/triage.js';
import { builtinDetector, isRevocable } from './detector.js';
import { draft } from './draft.js';
import { judge } from './judge.js';
import { carryOut } from './remediate.js';
import { type IssuingService, issueAndDeliver, type ReplacementPorts } from './replacement.js';

/** The token that a machine works with, as its configuration holds it. */
export interface InPlace {
  readonly findings: readonly Finding[];
  readonly triage: Triage;
}

/** What was done for one user, for people and for the programs that manage their machines. */
export interface Provision {
  /** `unchecked`: the service did not say whether what is in place works, so it was kept. */
  readonly state: 'kept' | 'issued' | 'rotated' | 'unchecked' | 'failed' | 'old_lives';
  readonly userIdentifier: string;
  readonly tokenId?: string;
  readonly reason?: string;
}

export interface ProvisionRequest extends ReplacementPorts {
  readonly user: string;
  /** The configuration that the token goes to, as text, by name; empty where there is none. */
  readonly places: readonly { readonly name: string; readonly text: string }[];
  /** Milliseconds after which a token is replaced; for ever when absent. */
  readonly maxAge?: number;
}

/**
 * Sees to it that a machine has a working token of `user`, and does nothing when it has. One that is due is replaced:
 * the new one is in place and works before the old one is revoked.
 *
 * @throws {Misuse} when what is in place is somebody else's.
 */
export async function provision(request: ProvisionRequest): Promise<Provision> {
  const { user, service, journal, run } = request;
  const place = await inPlace(request.places, service);
  const about = { userIdentifier: user };
  const alive = place.findings.filter((finding) => stateOf(finding, place) === 'active');
  const doubtful = place.findings.filter((finding) => stateOf(finding, place) === 'unknown');
  if (doubtful.length > 0) {
    const verdict = place.triage.verdicts.get(doubtful[0]!.fingerprint);
    const reason = verdict !== undefined && 'reason' in verdict ? verdict.reason : undefined;
    return {
      state: 'unchecked',
      ...about,
      reason: `what is in place was kept: ${reason ?? 'a probe said nothing of it'}`,
    };
  }
  for (const finding of alive) refuseOthers(place.triage.verdicts.get(finding.fingerprint)!, user);
  if (
    alive.length > 0 &&
    alive.every((finding) => !isDue(place.triage.verdicts.get(finding.fingerprint)!, request))
  ) {
    return { state: 'kept', ...about, ...idOf(place.triage.verdicts.get(alive[0]!.fingerprint)) };
  }
  journal.append({ event: 'RUN', run });
  try {
    const issued = await issueAndDeliver(user, rowsOf(place.triage), request);
    if (issued.state !== 'delivered') return { state: 'failed', ...about, reason: issued.reason };
    const { tokenId } = issued;
    const id = tokenId === undefined ? {} : { tokenId };
    if (alive.length === 0) return { state: 'issued', ...about, ...id };
    const lives = await revokeOld(alive, place.triage, { run, service, journal });
    return lives === undefined
      ? { state: 'rotated', ...about, ...id }
      : { state: 'old_lives', ...about, ...id, reason: lives };
  } finally {
    journal.append({ event: 'END', run });
  }
}

/** What a configuration holds, probed and tied to the list. */
export async function inPlace(
  places: readonly { readonly name: string; readonly text: string }[],
  service: IssuingService,
): Promise<InPlace> {
  const found = new FindingSet();
  const detector = builtinDetector();
  for (const { name, text } of places)
    found.add({ kind: 'file', path: name }, detector.scan(Buffer.from(text)));
  const findings = found
    .findings()
    .filter(({ rule, confidence }) => isRevocable(rule) && confidence === 'high');
  return { findings, triage: await judge(findings, service, { low: () => false }) };
}

/** Revokes what a new token has replaced, by the plan made before it was issued. @returns why one of them lives on. */
export async function revokeOld(
  findings: readonly Finding[],
  triage: Triage,
  {
    run,
    service,
    journal,
  }: { run: string; service: IssuingService; journal: { append(entry: JournalEntry): void } },
): Promise<string | undefined> {
  const nothing = { fingerprints: new Map(), tokenIds: new Map() };
  const planned = draft(findings, triage, { allOfUser: false, includeOwn: true }, nothing);
  const { outcomes, plan } = await carryOut({ run, targets: [] }, planned, service, {
    journal,
    confirm: async () => true,
  });
  const [refusal] = plan.refusals;
  if (refusal !== undefined) return `the old token lives on: ${refusal.reason}`;
  const failed = [...outcomes.values()].find(
    ({ state }) => state !== 'verified_revoked' && state !== 'already_revoked',
  );
  return failed === undefined
    ? undefined
    : `the old token is not proven dead: ${failed.reason ?? failed.state}`;
}

function stateOf({ fingerprint }: Finding, { triage }: InPlace): string | undefined {
  return triage.verdicts.get(fingerprint)?.state;
}

function refuseOthers(verdict: Verdict, user: string): void {
  const whose = verdict.state === 'active' ? verdict.userIdentifier : undefined;
  if (whose !== undefined && whose !== user) {
    throw new Misuse(
      `what is in place is a working token of ${whose}, not of ${user}; take it out first, or name the right user`,
    );
  }
}

/**
 * Whether a working token is older than allowed. Where it can't be told which row it is, the youngest that it may be
 * counts: a machine must not pile up tokens that nobody can tell apart.
 */
function isDue(verdict: Verdict, { maxAge }: ProvisionRequest): boolean {
  if (maxAge === undefined || verdict.state !== 'active') return false;
  const rows = isMapped(verdict) ? [verdict.record] : verdict.candidates;
  const born = rows.flatMap((row) => (row?.createdAt === undefined ? [] : [Date.parse(row.createdAt)]));
  if (born.length === 0 || born.some(Number.isNaN)) return false;
  return Date.now() - Math.max(...born) > maxAge;
}

function rowsOf({ listing }: Triage): readonly TokenRecord[] {
  return listing.ok ? listing.records : [];
}

function idOf(verdict: Verdict | undefined): { tokenId?: string } {
  return verdict !== undefined && isMapped(verdict) ? { tokenId: verdict.tokenId } : {};
}
