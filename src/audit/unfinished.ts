import type { JournalEvent } from '../model/journal.js';
import { type IssuedToken, issuedTokens } from './issued.js';
import type { JournalLine } from './line.js';

/** A revocation that was approved and is not on record as done. */
export interface UnfinishedRevocation {
  readonly run: string;
  readonly fingerprint?: string;
  readonly tokenId: string;
  readonly userIdentifier?: string;
  readonly evidence?: string;
  /** How far it came. After PLANNED nothing was sent; after INTENT and UNKNOWN perhaps; after ACK it was accepted. */
  readonly last: 'PLANNED' | 'INTENT' | 'UNKNOWN' | 'ACK';
}

export interface Unfinished {
  readonly revocations: readonly UnfinishedRevocation[];
  /** Tokens that may have been issued and that nobody may hold; and delivered ones whose run did not come to what they replace. */
  readonly issues: readonly IssuedToken[];
  /** Fingerprints of what those runs had proven dead before they were killed. */
  readonly proven: ReadonlySet<string>;
  /** What the runs that left them had scanned. */
  readonly targets: readonly string[];
  /** Whose tokens these are, where the record says so. */
  readonly services: ReadonlySet<string>;
}

/**
 * What killed runs left undone, in the order it was planned. A run that came to its END left only what it could not
 * find out: what it had sent and knows no outcome of. What was rejected there, or seen alive to the end, it has reported.
 */
export function unfinished(lines: readonly JournalLine[]): Unfinished {
  const ended = new Set(lines.filter(({ event }) => event === 'END').map(({ run }) => run));
  const revocations = new Map<string, UnfinishedRevocation>();
  for (const line of lines) {
    if (line.action !== 'revoke' || line.tokenId === undefined) continue;
    // Finished by its ID alone it is finished for whatever was found of it.
    if (line.event === 'VERIFIED' && line.fingerprint === undefined) {
      for (const [key, each] of revocations) if (each.tokenId === line.tokenId) revocations.delete(key);
    }
    const key = JSON.stringify([line.fingerprint ?? null, line.tokenId]);
    const next = after(line, revocations.get(key), ended.has(line.run));
    if (next === undefined) revocations.delete(key);
    else revocations.set(key, next);
  }
  // What an ended run planned and never began it has reported as not attempted.
  const left = [...revocations.values()].filter(({ run, last }) => last !== 'PLANNED' || !ended.has(run));
  const runs = new Set(left.map(({ run }) => run));
  const targets = lines.flatMap(({ event, run, targets }) =>
    event === 'RUN' && runs.has(run) ? (targets ?? []) : [],
  );
  const proven = lines.flatMap(({ event, run, fingerprint }) =>
    event === 'VERIFIED' && runs.has(run) && fingerprint !== undefined ? [fingerprint] : [],
  );
  const issues = issuedTokens(lines).filter(
    ({ state, run, outlived }) =>
      state === 'open' || (state === 'delivered' && outlived.length > 0 && !ended.has(run)),
  );
  for (const { run } of issues) runs.add(run);
  const services = lines.flatMap(({ run, service }) => (runs.has(run) ? (service ?? []) : []));
  return {
    revocations: left,
    issues,
    proven: new Set(proven),
    targets: [...new Set(targets)],
    services: new Set(services),
  };
}

/** IDs of the tokens that were to be revoked and that no line proves to be dead, whether their run was killed or gave up. */
export function unproven(lines: readonly JournalLine[]): string[] {
  const left = new Set<string>();
  for (const { action, event, tokenId } of lines) {
    if (action !== 'revoke' || tokenId === undefined) continue;
    if (event === 'VERIFIED') left.delete(tokenId);
    else left.add(tokenId);
  }
  return [...left];
}

/** The lines of what was done at this service, and of runs that do not say where they were. */
export function linesOf(service: string, lines: readonly JournalLine[]): JournalLine[] {
  const others = lines.filter((line) => line.service !== undefined && line.service !== service);
  const elsewhere = new Set(others.map(({ run }) => run));
  return lines.filter(({ run }) => !elsewhere.has(run));
}

function after(
  line: JournalLine,
  before: UnfinishedRevocation | undefined,
  runEnded: boolean,
): UnfinishedRevocation | undefined {
  const { event, run, fingerprint, tokenId, userIdentifier, evidence } = line;
  if (event === 'VERIFIED') return undefined;
  if (event === 'REJECTED' || event === 'UNVERIFIED') {
    if (runEnded || before === undefined) return undefined;
    // The run died later on: what it had given up on is tried once more.
    return event === 'REJECTED' ? { ...before, last: 'PLANNED' } : before;
  }
  if (!isStep(event)) return before;
  const known = evidence ?? before?.evidence;
  return {
    run,
    ...(fingerprint === undefined ? {} : { fingerprint }),
    tokenId: tokenId!,
    ...(userIdentifier === undefined ? {} : { userIdentifier }),
    ...(known === undefined ? {} : { evidence: known }),
    // “Nothing to revoke” says that it is gone, or that it never was: as good as no answer.
    last: event === 'ACK' && (line.httpStatus ?? 0) >= 400 ? 'UNKNOWN' : event,
  };
}

function isStep(event: JournalEvent): event is UnfinishedRevocation['last'] {
  return event === 'PLANNED' || event === 'INTENT' || event === 'UNKNOWN' || event === 'ACK';
}
