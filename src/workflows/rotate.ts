import type { Readable } from 'node:stream';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Finding } from '../model/finding.js';
import { Misuse } from '../model/misuse.js';
import type { TokenRecord } from '../model/token.js';
import { isMapped, type Verdict } from '../model/verdict.js';
import { planById } from '../remediation/by-id.js';
import { narrowToApproved } from '../remediation/plan-file.js';
import type { OwnTokens } from '../remediation/policy.js';
import { readListing } from '../triage/listing.js';
import type { Triage } from '../triage/triage.js';
import type { Approved } from './apply.js';
import { builtinDetector } from './detector.js';
import { type Draft, draft, draftWithin, type Gates } from './draft.js';
import { inPlace, whoseMayItBe } from './in-place.js';
import { judge } from './judge.js';
import { type LivesOn, revokeOld } from './old-token.js';
import type { OwnSecrets } from './own.js';
import { issueAndDeliver, type ReplacementPorts } from './replacement.js';
import { executeById } from './revoke-by-id.js';
import { RunRecord } from './run-record.js';
import { Search } from './search.js';
import { searchTargets } from './targets.js';

export interface RotateRequest extends ReplacementPorts {
  /** A token ID; then its plaintext need not be known. */
  readonly tokenId?: string;
  /** Fingerprints of what is found in `targets` or is the machine's own. */
  readonly fingerprints?: ReadonlySet<string>;
  readonly targets: readonly string[];
  readonly stdin?: Readable;
  readonly own: OwnSecrets;
  readonly gates: Gates;
  /** What a person approved: it is carried out as far as it is still exactly so, whatever the caps. */
  readonly approved?: Approved;
  /** Whether every new token goes to the same place, so that a second one would take that of the first. */
  readonly single: boolean;
  /** Told what is more than the caps allow, or what the policy wants a person to approve. */
  readonly onWaiting?: (draft: Draft, waiting: number) => void;
  readonly confirm: (subjects: readonly Rotated[], records: readonly TokenRecord[]) => Promise<boolean>;
}

/** What became of one token that was to be replaced. */
export interface Rotated {
  readonly tokenId?: string;
  readonly userIdentifier?: string;
  readonly fingerprint?: string;
  /** `old_lives`: the new one is in place. `not_rotated`: the old one is as it was, and nothing new is left. */
  readonly state: 'planned' | 'rotated' | 'old_lives' | 'not_rotated' | 'refused';
  readonly newTokenId?: string;
  readonly reason?: string;
}

/** A token that may be replaced, or why it may not. */
interface Subject {
  readonly rotated: Rotated;
  readonly revoke: (run: string) => Promise<LivesOn | undefined>;
}

interface Subjects {
  readonly subjects: readonly Subject[];
  readonly records: readonly TokenRecord[];
}

/**
 * Replaces tokens, one after the other: the new one is delivered and works before the old one is revoked. What holds a
 * revocation back holds this back: the old token dies.
 *
 * @throws {Misuse} before anything is done, where a new token would go over one that somebody works with.
 */
export async function rotate(request: RotateRequest): Promise<Rotated[]> {
  const { run, journal } = request;
  const { subjects, records } =
    request.tokenId === undefined ? await found(request) : await listed(request, request.tokenId);
  const planned = subjects.filter(({ rotated }) => rotated.state === 'planned');
  if (planned.length === 0) return subjects.map(({ rotated }) => rotated);
  if (request.single && planned.length > 1) {
    throw new Misuse(
      `${planned.length} tokens would be replaced, and all new ones go to one place; name one by its fingerprint, or give --to-command, which runs once for each`,
    );
  }
  request.ready();
  await refuseToOverwrite(planned, request);
  const agreed = await request.confirm(
    planned.map(({ rotated }) => rotated),
    records,
  );
  const record = new RunRecord(run, journal);
  const results: Rotated[] = [];
  let stopped: string | undefined;
  if (agreed) record.note({ event: 'RUN', targets: request.targets });
  for (const subject of subjects) {
    const { rotated } = subject;
    if (rotated.state !== 'planned') results.push(rotated);
    else if (!agreed) results.push({ ...rotated, state: 'refused', reason: 'you did not agree' });
    else if (stopped !== undefined) {
      results.push({ ...rotated, state: 'not_rotated', reason: `not attempted: ${stopped}` });
    } else {
      const { result, stop } = await replace(subject, results.length, request);
      results.push(result);
      if (stop) stopped = result.reason ?? 'the one before failed';
    }
  }
  if (agreed) record.note({ event: 'END' });
  return results;
}

/** @throws {Misuse} where the new token would go over one that is, or may be, not the one it replaces. */
async function refuseToOverwrite(
  planned: readonly Subject[],
  { places, service }: RotateRequest,
): Promise<void> {
  if (places.length === 0) return;
  const { findings, triage } = await inPlace(places, service);
  const replaced = planned.map(({ rotated }) => rotated);
  for (const { fingerprint, sightings } of findings) {
    if (replaced.some((each) => each.fingerprint === fingerprint)) continue;
    const what = othersToken(triage.verdicts.get(fingerprint), replaced);
    if (what === undefined) continue;
    const [{ where }] = sightings;
    throw new Misuse(
      `${where.kind === 'file' ? where.path : 'the file'} holds ${what}, not the one to be replaced; name another file`,
    );
  }
}

/** What stands in the way of a new token; nothing where it is a dead one, one to be replaced, or another of its user's. */
function othersToken(verdict: Verdict | undefined, replaced: readonly Rotated[]): string | undefined {
  if (verdict?.state === 'foreign') return 'a token of another organization';
  if (verdict?.state === 'unknown') return 'a token that the service says nothing of';
  if (verdict?.state !== 'active') return undefined;
  if (isMapped(verdict)) {
    return replaced.some(({ tokenId }) => tokenId === verdict.tokenId)
      ? undefined
      : `the token ${verdict.tokenId}`;
  }
  const users = new Set(replaced.map(({ userIdentifier }) => userIdentifier));
  const whose = whoseMayItBe(verdict);
  return whose.size > 0 && [...whose].every((user) => users.has(user))
    ? undefined
    : 'a working token that may be somebody else’s';
}

async function replace(
  { rotated, revoke }: Subject,
  index: number,
  request: RotateRequest,
): Promise<{ readonly result: Rotated; readonly stop: boolean }> {
  const { listing } = await readListing(request.service, () => new Date());
  if (!listing.ok) {
    return { result: { ...rotated, state: 'not_rotated', reason: listing.reason }, stop: true };
  }
  const old = { tokenId: rotated.tokenId!, ...(rotated.fingerprint && { fingerprint: rotated.fingerprint }) };
  const issued = await issueAndDeliver(rotated.userIdentifier!, listing.records, request, [old]);
  if (issued.state !== 'delivered') {
    const result: Rotated = { ...rotated, state: 'not_rotated', reason: issued.reason };
    return { result, stop: issued.stop === true };
  }
  const fresh = issued.tokenId === undefined ? {} : { newTokenId: issued.tokenId };
  const lives = await revoke(`${request.run}.${index + 1}`);
  if (lives === undefined) return { result: { ...rotated, state: 'rotated', ...fresh }, stop: false };
  return { result: { ...rotated, state: 'old_lives', ...fresh, reason: lives.reason }, stop: lives.stop };
}

/** By its ID: whose it is, the list says. There is no plaintext, so the list is the proof afterwards, too. */
async function listed(request: RotateRequest, tokenId: string): Promise<Subjects> {
  const { service, journal, gates } = request;
  const { listing } = await readListing(service, () => new Date());
  if (!listing.ok) throw new Error(listing.reason, { cause: listing.failure });
  const { records } = listing;
  const row = records.find((record) => record.tokenId === tokenId);
  const refused = (reason: string): Subjects => ({
    subjects: [{ rotated: { tokenId, state: 'refused', reason }, revoke: nothing }],
    records,
  });
  if (row === undefined) return refused('the list has no token of this ID');
  if (row.status === 'revoked') return refused('it is revoked already; to issue one use: guardsweep onboard');
  if (row.status === 'unknown') return refused('the list does not say whether it is active');
  const own = await ownAfter(request);
  const { approved, refused: held } = planById([row], records, {
    ...gates,
    protectedUsers: gates.protectedUsers ?? [],
    own,
    includeOwn: gates.includeOwn ?? false,
  });
  if (approved.length === 0) return refused(held[0]!.reason);
  const revoke = async (run: string): Promise<LivesOn | undefined> => {
    const [result] = await executeById(run, [row], { service, journal });
    if (result?.state === 'revoked') return undefined;
    return {
      reason: `the old token lives on: ${result?.reason ?? 'not revoked'}`,
      nameless: false,
      stop: false,
    };
  };
  return {
    subjects: [{ rotated: { tokenId, userIdentifier: row.userIdentifier, state: 'planned' }, revoke }],
    records,
  };
}

/** What the running job uses and will not get anew by this very rotation. */
async function ownAfter({ own, service, places }: RotateRequest): Promise<OwnTokens> {
  const { verdicts } = await judge(own.findings, service, { low: () => true });
  return own.tokens(
    verdicts,
    places.map(({ name }) => name),
  );
}

/** By fingerprint: found again, probed, tied to its row, and allowed, as for any revocation. */
async function found(request: RotateRequest): Promise<Subjects> {
  const { service, journal, fingerprints = new Set<string>() } = request;
  const { findings, unscanned } = await search(request);
  const all = [...findings, ...request.own.besides(findings)];
  const wanted = all.filter(({ fingerprint }) => fingerprints.has(fingerprint));
  const triage = await judge(all, service, { low: ({ fingerprint }) => fingerprints.has(fingerprint) });
  const { plan, records } = allowed(wanted, triage, request);
  const subjects = plan.revocations.map(({ finding, tokenId, userIdentifier }): Subject => {
    const { fingerprint } = finding;
    if (userIdentifier === undefined) return refusal(fingerprint, 'the service does not say whose it is');
    return {
      rotated: { fingerprint, tokenId, userIdentifier, state: 'planned' },
      revoke: (run) => revokeOld([finding], triage, { run, service, journal, targets: request.targets }),
    };
  });
  const refusals = plan.refusals.map(({ finding, reason }) => refusal(finding.fingerprint, reason));
  const why = unscanned.length === 0 ? '' : `; ${unscanned.length} things could not be read`;
  const decided = new Set([...subjects, ...refusals].map(({ rotated }) => rotated.fingerprint));
  const others = [...fingerprints]
    .filter((each) => !decided.has(each))
    .map((each) =>
      refusal(
        each,
        wanted.some(({ fingerprint }) => fingerprint === each)
          ? 'there is nothing to replace: it is dead, another organization’s, or the policy leaves it'
          : `it was not found in what was scanned${why}`,
      ),
    );
  return { subjects: [...subjects, ...refusals, ...others], records };
}

/** What may be replaced: within the caps, or, where it was approved, what is still as it was. */
function allowed(
  wanted: readonly Finding[],
  triage: Triage,
  { gates, approved, own, places, onWaiting }: RotateRequest,
): Draft {
  const used = own.tokens(
    triage.verdicts,
    places.map(({ name }) => name),
  );
  if (approved !== undefined) {
    const fresh = draft(wanted, triage, approved, used);
    return { ...fresh, plan: narrowToApproved(fresh.plan, approved, fresh.records).plan };
  }
  const within = draftWithin(wanted, triage, replacing(gates), used);
  if (within.waiting > 0) onWaiting?.(within.unbound, within.waiting);
  return within;
}

/** To be replaced is what a policy may ask for; here that is done. */
function replacing(gates: Gates): Gates {
  const { policy } = gates;
  if (policy === undefined) return gates;
  const done = <T extends string>(action: T) => (action === 'rotate' ? ('revoke' as const) : action);
  const rules = policy.rules.map((rule) => ({ ...rule, do: done(rule.do) }));
  return { ...gates, policy: { rules, otherwise: done(policy.otherwise) } };
}

function refusal(fingerprint: string, reason: string): Subject {
  return { rotated: { fingerprint, state: 'refused', reason }, revoke: nothing };
}

async function nothing(): Promise<undefined> {}

async function search({ targets, stdin }: RotateRequest): Promise<{
  findings: readonly Finding[];
  unscanned: readonly Diagnostic[];
}> {
  const under = new Search(builtinDetector());
  if (targets.length > 0) {
    await searchTargets(under, {
      targets,
      history: true,
      limits: {},
      exclude: [],
      ...(stdin === undefined ? {} : { stdin }),
    });
  }
  const { findings, coverage } = await under.result();
  return { findings, unscanned: coverage.unscanned };
}
