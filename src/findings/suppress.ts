import type { Finding } from '../model/finding.js';
import { Misuse } from '../model/misuse.js';
import { FINGERPRINT } from './fingerprint.js';

/** Fingerprint → where the list names it, `file:line`. */
export type IgnoreList = ReadonlyMap<string, string>;

export class IgnoreListError extends Misuse {
  override readonly name = 'IgnoreListError';
}

/**
 * Reads an ignore list: one fingerprint per line, `#` begins a comment.
 *
 * @param name what the list is called in messages and in the report.
 * @throws {IgnoreListError} naming every line that is no fingerprint: a misspelt one would suppress nothing, silently.
 */
export function parseIgnoreList(text: string, name: string): IgnoreList {
  const list = new Map<string, string>();
  const bad: number[] = [];
  text.split(/\r\n|\n|\r/).forEach((line, index) => {
    const entry = line
      .replace(/^\ufeff/, '')
      .replace(/#.*$/, '')
      .trim();
    if (entry === '') return;
    if (!FINGERPRINT.test(entry)) bad.push(index + 1);
    else if (!list.has(entry)) list.set(entry, `${name}:${index + 1}`);
  });
  if (bad.length > 0) {
    // The line itself is not quoted: people paste tokens where fingerprints belong.
    throw new IgnoreListError(
      `${name}: line ${bad.join(', ')}: not a fingerprint. Write one per line, as reports show them (gs1_ and 32 characters); # begins a comment.`,
    );
  }
  return list;
}

/** Marks the findings that the list names. They stay in the report. */
export function suppress(findings: readonly Finding[], list: IgnoreList): Finding[] {
  return findings.map((finding) => {
    const suppressedBy = list.get(finding.fingerprint);
    return suppressedBy === undefined ? finding : { ...finding, suppressedBy };
  });
}
