import { isProvenDead } from '../model/plan.js';
import { containment, type Provenance } from '../model/provenance.js';
import type { Report, ReportFinding } from '../model/report.js';
import type { TokenRecord } from '../model/token.js';

/** What is known of one token that leaked, from every report that saw it and from the list as it is now. Times are ISO 8601. */
export interface Exposure {
  readonly fingerprint: string;
  readonly redacted: string;
  readonly token_id?: string;
  readonly user_identifier?: string;
  /** By the list, where it is known which row it is; else by the newest report. */
  readonly state: 'alive' | 'dead' | 'not_known';
  readonly issued_at?: string;
  /** The earliest commit that holds it. */
  readonly first_committed_at?: string;
  readonly last_used_at?: string;
  readonly first_found_at: string;
  readonly dead_at?: string;
  /** It was used after it had been committed: by whom can't be told. */
  readonly used_after_leak: boolean;
  /** It stands in a file on disk, by the newest report that saw it. */
  readonly in_files: boolean;
  /** It stands in the commit that HEAD names: whoever clones it gets it, whatever the work tree shows. */
  readonly at_head: boolean;
  readonly places: number;
}

export interface Inventory {
  readonly schema: 'guardsweep-inventory/1';
  readonly leaked: readonly Exposure[];
  /** Active tokens that no report has seen; absent where the list was not read. */
  readonly not_leaked?: readonly { readonly token_id: string; readonly user_identifier: string }[];
}

/**
 * Puts saved reports together with the token list.
 *
 * @param records the list as it is now; without it the reports have the last word.
 */
export function inventory(
  reports: readonly Report[],
  records: readonly TokenRecord[] | undefined,
): Inventory {
  const inOrder = [...reports].sort((a, b) => (a.run.started_at < b.run.started_at ? -1 : 1));
  const seen = new Map<string, { readonly report: Report; readonly finding: ReportFinding }[]>();
  for (const report of inOrder) {
    for (const finding of report.findings) {
      const known = seen.get(finding.fingerprint);
      if (known === undefined) seen.set(finding.fingerprint, [{ report, finding }]);
      else known.push({ report, finding });
    }
  }
  const rows = new Map(records?.map((record) => [record.tokenId, record]));
  const leaked = [...seen.values()].map((sightings) => exposure(sightings, rows));
  leaked.sort((a, b) => RANK[a.state] - RANK[b.state] || (a.first_found_at < b.first_found_at ? -1 : 1));
  if (records === undefined) return { schema: 'guardsweep-inventory/1', leaked };
  const exposed = new Set(leaked.map(({ token_id: id }) => id));
  const safe = records.filter(({ tokenId, status }) => status === 'active' && !exposed.has(tokenId));
  return {
    schema: 'guardsweep-inventory/1',
    leaked,
    not_leaked: safe.map(({ tokenId, userIdentifier }) => ({
      token_id: tokenId,
      user_identifier: userIdentifier,
    })),
  };
}

const RANK: Readonly<Record<Exposure['state'], number>> = { alive: 0, not_known: 1, dead: 2 };

function exposure(
  sightings: readonly { readonly report: Report; readonly finding: ReportFinding }[],
  rows: ReadonlyMap<string, TokenRecord>,
): Exposure {
  const findings = sightings.map(({ finding }) => finding);
  const latest = findings.at(-1)!;
  const id = findings.findLast(({ verdict }) => verdict.token_id !== undefined)?.verdict.token_id;
  const user = findings.findLast(({ verdict }) => verdict.user_identifier !== undefined)?.verdict
    .user_identifier;
  const row = id === undefined ? undefined : rows.get(id);
  const committed = earliest(
    findings.flatMap((finding) => finding.sightings.flatMap(({ where }) => datesOf(where))),
  );
  const used = row?.lastUsedAt;
  return {
    fingerprint: latest.fingerprint,
    redacted: latest.redacted,
    ...optional('token_id', id),
    ...optional('user_identifier', row?.userIdentifier ?? user),
    state: stateOf(latest, row),
    ...optional('issued_at', row?.createdAt),
    ...optional('first_committed_at', committed),
    ...optional('last_used_at', used),
    first_found_at: sightings[0]!.report.run.started_at,
    ...optional('dead_at', findings.find(({ remediation }) => remediation.dead_at)?.remediation.dead_at),
    used_after_leak:
      used !== undefined && committed !== undefined && Date.parse(used) > Date.parse(committed),
    in_files: latest.sightings.some(({ where }) => outermost(where).kind === 'file'),
    at_head: latest.sightings.some(({ where }) => isAtHead(outermost(where))),
    places: latest.sightings_total ?? latest.sightings.length,
  };
}

function stateOf({ verdict, remediation }: ReportFinding, row: TokenRecord | undefined): Exposure['state'] {
  if (row?.status === 'revoked') return 'dead';
  if (isProvenDead(remediation.state)) return 'dead';
  if (row?.status === 'active' || verdict.state === 'active') return 'alive';
  return verdict.state === 'inactive' ? 'dead' : 'not_known';
}

/** What a place lies in as it is stored: the container of all containers. */
function outermost(where: Provenance): Provenance {
  return where.kind === 'member' ? outermost(where.container) : where;
}

function isAtHead(where: Provenance): boolean {
  return where.kind === 'commit' && where.head === true;
}

/** The dates of the commits that a place lies in, also where an archive lies in a commit. */
function datesOf(where: Provenance): string[] {
  return containment(where).flatMap((place) => (place.kind === 'commit' ? [place.date] : []));
}

function earliest(dates: readonly string[]): string | undefined {
  const times = dates.map((date) => Date.parse(date)).filter((time) => !Number.isNaN(time));
  return times.length === 0 ? undefined : new Date(Math.min(...times)).toISOString();
}

function optional<K extends string>(name: K, value: string | undefined): { readonly [name in K]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [name in K]?: string });
}
