import { createHash } from 'node:crypto';
import type { JournalEntry } from '../model/journal.js';

/** What the first line names as its predecessor. */
export const GENESIS = '0'.repeat(64);

/** A line of the journal as it stands on disk. */
export interface JournalLine extends JournalEntry {
  /** From 1, without gaps. */
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  /** The `hash` of the line before, {@link GENESIS} in the first. */
  readonly prev: string;
  /** SHA-256, in hex, of the line's text without this field. */
  readonly hash: string;
}

const HASH_FIELD = /,"hash":"([0-9a-f]{64})"\}$/;

/** One line, without its LF. The hash covers the bytes as written, so that no other JSON writer has to agree with this one. */
export function writeLine(
  entry: JournalEntry,
  seq: number,
  at: string,
  prev: string,
): { text: string; hash: string } {
  const { event, run, action, fingerprint, tokenId, userIdentifier, evidence, httpStatus, detail } = entry;
  const body = JSON.stringify({
    seq,
    at,
    prev,
    event,
    run,
    action,
    fingerprint,
    token_id: tokenId,
    user_identifier: userIdentifier,
    evidence,
    http_status: httpStatus,
    detail,
    replaces: entry.replaces,
    targets: entry.targets,
    service: entry.service,
  });
  const hash = sha256(body);
  return { text: `${body.slice(0, -1)},"hash":"${hash}"}`, hash };
}

/** @returns the line, or in words what is wrong with it. */
export function readLine(text: string, seq: number, prev: string): JournalLine | string {
  const hash = HASH_FIELD.exec(text)?.[1];
  if (hash === undefined) return 'it does not end in a hash';
  if (sha256(text.replace(HASH_FIELD, '}')) !== hash) return 'its hash does not match its content';
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return 'it is not JSON';
  }
  if (fields.prev !== prev)
    return 'it does not follow the line before it: lines were removed, added or reordered';
  if (fields.seq !== seq) return `it is numbered ${String(fields.seq)} instead of ${seq}`;
  const { token_id: tokenId, user_identifier: userIdentifier, http_status: httpStatus, ...rest } = fields;
  return withoutUndefined({ ...rest, tokenId, userIdentifier, httpStatus }) as unknown as JournalLine;
}

function withoutUndefined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
