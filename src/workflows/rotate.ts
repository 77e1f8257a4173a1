import type { Readable } from 'node:stream';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Finding } from '../model/finding.js';
import { Misuse } from '../model/misuse.js';
import { isMapped } from '../model/verdict.js';
import { readListing } from '../triage/listing.js';
import { builtinDetector } from './detector.js';
import { draft } from './draft.js';
import { judge } from './judge.js';
import type { OwnSecrets } from './own.js';
import { inPlace, revokeOld } from './people.js';
import { issueAndDeliver, type ReplacementPorts } from './replacement.js';
import { revokeById } from './revoke-by-id.js';
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
  /** The configuration that the new token goes to, as it is. */
  readonly places: readonly { readonly name: string; readonly text: string }[];
  readonly confirm: (subjects: readonly Rotated[]) => Promise<boolean>;
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

/** Replaces tokens, one after the other: the new one is delivered and works before the old one is revoked. */
export async function rotate(request: RotateRequest): Promise<Rotated[]> {
  const { run, journal } = request;
  const subjects =
    request.tokenId === undefined ? await found(request) : [await listed(request, request.tokenId)];
  const planned = subjects.filter(({ rotated }) => rotated.state === 'planned');
  if (planned.length === 0) return subjects.map(({ rotated }) => rotated);
  await refuseToOverwrite(planned, request);
  const agreed = await request.confirm(planned.map(({ rotated }) => rotated));
  const results: Rotated[] = [];
  journal.append({ event: 'RUN', run, targets: request.targets });
  for (const subject of subjects) {
    if (subject.rotated.state !== 'planned') results.push(subject.rotated);
    else if (!agreed) results.push({ ...subject.rotated, state: 'refused', reason: 'you did not agree' });
    else results.push(await replace(subject, request));
  }
  journal.append({ event: 'END', run });
  return results;
}

/** @throws {Misuse} where the new token would go over a working one that is not the one it replaces. */
async function refuseToOverwrite(
  planned: readonly Subject[],
  { places, service }: RotateRequest,
): Promise<void> {
  if (places.length === 0) return;
  const { findings, triage } = await inPlace(places, service);
  const replaced = new Set(planned.map(({ rotated }) => rotated.tokenId));
  for (const { fingerprint, sightings } of findings) {
    const verdict = triage.verdicts.get(fingerprint);
    if (verdict === undefined || verdict.state === 'inactive') continue;
    const other =
      isMapped(verdict) && !replaced.has(verdict.tokenId) ? `the token ${verdict.tokenId}` : undefined;
    const what =
      other ?? (verdict.state === 'unknown' ? 'a token that the service says nothing of' : undefined);
    if (what === undefined) continue;
    const [{ where }] = sightings;
    throw new Misuse(
      `${where.kind === 'file' ? where.path : 'the file'} holds ${what}, not the one to be replaced; name another file`,
    );
  }
}

interface Subject {
  readonly rotated: Rotated;
  /** Revokes the old one. @returns why it lives on. */
  readonly revoke: () => Promise<string | undefined>;
}

async function replace({ rotated, revoke }: Subject, request: RotateRequest): Promise<Rotated> {
  const before = (await request.service.list()).records;
  const issued = await issueAndDeliver(rotated.userIdentifier!, before, request);
  if (issued.state !== 'delivered') return { ...rotated, state: 'not_rotated', reason: issued.reason };
  const fresh = issued.tokenId === undefined ? {} : { newTokenId: issued.tokenId };
  const lives = await revoke();
  return lives === undefined
    ? { ...rotated, state: 'rotated', ...fresh }
    : { ...rotated, state: 'old_lives', ...fresh, reason: lives };
}

/** By its ID: whose it is, the list says. There is no plaintext, so the list is the proof afterwards, too. */
async function listed(request: RotateRequest, tokenId: string): Promise<Subject> {
  const { run, service, journal } = request;
  const { listing } = await readListing(service, () => new Date());
  if (!listing.ok) throw new Error(listing.reason);
  const rows = listing.records.filter((record) => record.tokenId === tokenId);
  const [row] = rows;
  const refused = (reason: string): Subject => ({
    rotated: { tokenId, state: 'refused', reason },
    revoke: async () => reason,
  });
  if (row === undefined) return refused('the list has no token of this ID');
  if (rows.length > 1) return refused('the list names this ID more than once');
  if (row.status !== 'active') return refused('it is revoked already; to issue one use: guardsweep onboard');
  return {
    rotated: { tokenId, userIdentifier: row.userIdentifier, state: 'planned' },
    revoke: async () => {
      const [result] = await revokeById(run, [tokenId], { service, journal, confirm: async () => true });
      return result?.state === 'revoked' || result?.state === 'already_revoked'
        ? undefined
        : `the old token lives on: ${result?.reason ?? 'not revoked'}`;
    },
  };
}

/** By fingerprint: found again, probed, tied to its row, as for any revocation. */
async function found(request: RotateRequest): Promise<Subject[]> {
  const { run, service, journal, own, fingerprints = new Set<string>() } = request;
  const { findings, unscanned } = await search(request);
  const all = [...findings, ...own.besides(findings)];
  const wanted = all.filter(({ fingerprint }) => fingerprints.has(fingerprint));
  const triage = await judge(all, service, { low: ({ fingerprint }) => fingerprints.has(fingerprint) });
  const none = { fingerprints: new Map(), tokenIds: new Map() };
  const { plan } = draft(wanted, triage, { allOfUser: false, includeOwn: true }, none);
  const subjects = plan.revocations.map(({ finding, tokenId, userIdentifier }): Subject => {
    const { fingerprint } = finding;
    const user = userIdentifier === undefined ? {} : { userIdentifier };
    return {
      rotated: { fingerprint, tokenId, ...user, state: userIdentifier === undefined ? 'refused' : 'planned' },
      revoke: () => revokeOld([finding], triage, { run, service, journal }),
    };
  });
  const refusals = plan.refusals.map(({ finding, reason }) => refusedSubject(finding.fingerprint, reason));
  const missing = [...fingerprints].filter((each) => !wanted.some(({ fingerprint }) => fingerprint === each));
  const why = unscanned.length === 0 ? '' : `; ${unscanned.length} things could not be read`;
  return [
    ...subjects,
    ...refusals,
    ...missing.map((fingerprint) =>
      refusedSubject(fingerprint, `it was not found in what was scanned${why}`),
    ),
    ...deadOnes(
      wanted,
      plan.refusals.map(({ finding }) => finding),
      subjects,
    ),
  ];
}

function deadOnes(
  wanted: readonly Finding[],
  refused: readonly Finding[],
  subjects: readonly Subject[],
): Subject[] {
  return wanted
    .filter((finding) => !refused.includes(finding))
    .filter(({ fingerprint }) => !subjects.some(({ rotated }) => rotated.fingerprint === fingerprint))
    .map(({ fingerprint }) =>
      refusedSubject(fingerprint, 'it is dead, or another organization’s: there is nothing to replace'),
    );
}

function refusedSubject(fingerprint: string, reason: string): Subject {
  return { rotated: { fingerprint, state: 'refused', reason }, revoke: async () => reason };
}

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
