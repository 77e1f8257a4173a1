import type { IssuedToken } from '../audit/issued.js';
import { FindingSet } from '../findings/merge.js';
import type { Finding } from '../model/finding.js';
import type { TokenRecord } from '../model/token.js';
import { isMapped, type Verdict } from '../model/verdict.js';
import type { Triage } from '../triage/triage.js';
import { builtinDetector, isRevocable } from './detector.js';
import { judge } from './judge.js';
import type { RevokingService } from './remediate.js';

/** A configuration that holds a token, as text. */
export interface Place {
  readonly name: string;
  readonly text: string;
}

/** The tokens that a machine works with, as its configuration holds them. */
export interface InPlace {
  readonly findings: readonly Finding[];
  readonly triage: Triage;
}

/**
 * What a configuration holds, probed and tied to the list.
 *
 * @param issued what is on record of earlier runs: the IDs of the tokens that they put there.
 */
export async function inPlace(
  places: readonly Place[],
  service: RevokingService,
  issued: readonly IssuedToken[] = [],
): Promise<InPlace> {
  const found = new FindingSet();
  const detector = builtinDetector();
  for (const { name, text } of places)
    found.add({ kind: 'file', path: name }, detector.scan(Buffer.from(text)));
  const looksLike = found.findings().filter(({ rule }) => isRevocable(rule));
  const triage = recognized(await judge(looksLike, service, { low: () => true }), issued);
  // What looks like a filler is a token all the same where the service says that it works.
  const findings = looksLike.filter(
    ({ confidence, fingerprint }) =>
      confidence === 'high' || triage.verdicts.get(fingerprint)?.state === 'active',
  );
  return { findings, triage };
}

export function verdictOn({ fingerprint }: Finding, { triage }: InPlace): Verdict {
  return triage.verdicts.get(fingerprint) ?? { state: 'not_probed' };
}

/** Of which users a working token may be: of one where the service says whose it is, of more where only the list narrows it down. */
export function whoseMayItBe(verdict: Verdict): ReadonlySet<string> {
  if (verdict.state !== 'active') return new Set();
  if (verdict.userIdentifier !== undefined) return new Set([verdict.userIdentifier]);
  const rows = isMapped(verdict) ? [verdict.record] : verdict.candidates;
  return new Set(rows.flatMap((row) => (row === undefined ? [] : [row.userIdentifier])));
}

/** The one token of this user that is in place; nothing where that can't be told, or there are several. */
export function idInPlace(place: InPlace, user: string): string | undefined {
  const verdicts = place.findings
    .map((finding) => verdictOn(finding, place))
    .filter((verdict) => verdict.state === 'active' && (verdict.userIdentifier ?? user) === user);
  const ids = new Set(verdicts.map((verdict) => (verdict.state === 'active' ? verdict.tokenId : undefined)));
  return ids.size === 1 ? [...ids][0] : undefined;
}

/** The rows of the list that those in place are, or may be. */
export function rowsInPlace(place: InPlace): readonly TokenRecord[] {
  return place.findings.flatMap((finding) => {
    const verdict = verdictOn(finding, place);
    if (verdict.state !== 'active') return [];
    return isMapped(verdict) ? (verdict.record === undefined ? [] : [verdict.record]) : verdict.candidates;
  });
}

/** Where the list leaves several rows, the answer to the request that made the token has told which one it is. */
function recognized(triage: Triage, issued: readonly IssuedToken[]): Triage {
  const verdicts = new Map(triage.verdicts);
  for (const { fingerprint, tokenId, userIdentifier } of issued) {
    const verdict = fingerprint === undefined ? undefined : verdicts.get(fingerprint);
    if (verdict?.state !== 'active' || isMapped(verdict)) continue;
    const record = verdict.candidates.find(
      (row) => row.tokenId === tokenId && row.userIdentifier === userIdentifier && row.status === 'active',
    );
    if (record === undefined) continue;
    verdicts.set(fingerprint!, {
      state: 'active',
      tokenId: record.tokenId,
      userIdentifier,
      evidence: 'issue_record',
      record,
      checkedAt: verdict.checkedAt,
    });
  }
  return { ...triage, verdicts };
}
