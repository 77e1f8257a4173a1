import { closeSync, constants } from 'node:fs';
import { openJournalFile, readChain } from './chain.js';
import type { JournalLine } from './line.js';

export interface JournalVerification {
  readonly ok: boolean;
  readonly lines: number;
  /** The hash of the last good line: who keeps it elsewhere can tell later whether lines were cut off at the end. */
  readonly head: string;
  /** The first line that does not belong, from 1, and why. */
  readonly broken?: { readonly line: number; readonly reason: string };
  /** Bytes of a last line whose writing was cut off. No alteration: a crash does that. */
  readonly truncated: number;
  /** What was begun and has no ending on record. */
  readonly open: readonly OpenAction[];
}

/** A request that may have been sent and whose ending is not on record. */
export interface OpenAction {
  readonly run: string;
  readonly action: 'revoke' | 'issue';
  readonly fingerprint?: string;
  readonly tokenId?: string;
  readonly userIdentifier?: string;
  /** The last thing known of it. `INTENT`: it may or may not have been sent. */
  readonly last: 'INTENT' | 'ACK' | 'UNKNOWN';
  /** The line that says so, from 1. */
  readonly line: number;
}

/** Checks numbering, hashes and chain of a journal. @throws when the file can't be read. */
export function verifyJournal(file: string): JournalVerification {
  const fd = openJournalFile(file, constants.O_RDONLY);
  try {
    const lines: JournalLine[] = [];
    const { head, tail, broken } = readChain(fd, (line) => lines.push(line));
    return {
      ok: broken === undefined,
      lines: lines.length,
      head,
      ...(broken === undefined ? {} : { broken }),
      truncated: tail,
      open: openActions(lines),
    };
  } finally {
    closeSync(fd);
  }
}

/** What a killed run left open, in the order it was begun. */
export function openActions(lines: Iterable<JournalLine>): OpenAction[] {
  const open = new Map<string, OpenAction>();
  for (const line of lines) {
    // A revocation is its ID's, whoever finishes it; of an issue the ID is not known from the start.
    const key = JSON.stringify(
      line.action === 'issue' ? [line.run, line.userIdentifier] : [line.tokenId ?? line.fingerprint],
    );
    if (line.event === 'INTENT' || line.event === 'ACK' || line.event === 'UNKNOWN') {
      open.set(key, {
        run: line.run,
        action: line.action ?? 'revoke',
        ...(line.fingerprint === undefined ? {} : { fingerprint: line.fingerprint }),
        ...(line.tokenId === undefined ? {} : { tokenId: line.tokenId }),
        ...(line.userIdentifier === undefined ? {} : { userIdentifier: line.userIdentifier }),
        last: line.event,
        line: line.seq,
      });
    } else if (line.event === 'REJECTED' || line.event === 'VERIFIED' || line.event === 'UNVERIFIED') {
      open.delete(key);
    }
  }
  return [...open.values()];
}
