import type { JournalLine } from './line.js';

/** A token that was to be issued, by the record, and what it was to replace. */
export interface IssuedToken {
  readonly run: string;
  readonly userIdentifier: string;
  /** When it was begun. */
  readonly at: string;
  readonly fingerprint?: string;
  readonly tokenId?: string;
  /** `open`: whether there is one, and who holds it, is not on record. `withdrawn`: there is none, or it is dead. */
  readonly state: 'open' | 'delivered' | 'withdrawn';
  /** The files that it was to go to; none where it went elsewhere. */
  readonly files: readonly string[];
  /** What it was to replace and is not on record as dead. */
  readonly outlived: readonly ReplacedToken[];
}

/** A token that another took the place of, by what is known of it. */
export interface ReplacedToken {
  readonly fingerprint?: string;
  readonly tokenId?: string;
}

/** How a journal names it. */
export function nameOfReplaced({ fingerprint = '', tokenId = '' }: ReplacedToken): string {
  return `${fingerprint}:${tokenId}`;
}

/** Every token that was to be issued, in that order. */
export function issuedTokens(lines: readonly JournalLine[]): IssuedToken[] {
  const issued: Draft[] = [];
  for (const line of lines) {
    const { event, action, run, userIdentifier, at, fingerprint, tokenId } = line;
    if (action === 'revoke' && event === 'VERIFIED') {
      for (const each of issued) each.outlived = each.outlived.filter((old) => !isOf(line, old));
    }
    if (action !== 'issue' || userIdentifier === undefined) continue;
    if (event === 'INTENT') {
      const outlived = (line.replaces ?? []).map(readReplaced);
      issued.push({ run, userIdentifier, at, state: 'open', files: line.targets ?? [], outlived });
      continue;
    }
    const last = issued.findLast((each) => each.run === run && each.userIdentifier === userIdentifier);
    if (last === undefined) continue;
    Object.assign(last, known(fingerprint, tokenId));
    if (event === 'VERIFIED') last.state = 'delivered';
    if (event === 'REJECTED') last.state = 'withdrawn';
  }
  return issued;
}

type Draft = { -readonly [key in keyof IssuedToken]: IssuedToken[key] };

function readReplaced(text: string): ReplacedToken {
  const colon = text.indexOf(':');
  return known(text.slice(0, colon) || undefined, text.slice(colon + 1) || undefined);
}

/** Whether a line is about this token; where its ID is not known, by its fingerprint. */
function isOf(line: JournalLine, { fingerprint, tokenId }: ReplacedToken): boolean {
  return tokenId === undefined ? line.fingerprint === fingerprint : line.tokenId === tokenId;
}

function known(fingerprint: string | undefined, tokenId: string | undefined): ReplacedToken {
  return {
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(tokenId === undefined ? {} : { tokenId }),
  };
}
