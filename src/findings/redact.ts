import type { Finding } from '../model/finding.js';
import { Remembered } from '../model/remembered.js';
import { HiddenTexts } from './hidden-texts.js';

/** Words of lower-case letters are a column or a file name, not a body: paths that hold them must stay openable. */
const IDENTIFIER = /^[a-z]+(?:[_-][a-z]+)*[_-]?$/;

export type Redact = (text: string) => string;

/**
 * Makes a function that takes tokens out of text: paths, messages and answers of the service may quote one. It knows the
 * findings' secrets, plain and as base64, base64url or hex, and whatever else looks like a token of the families in
 * `prefixes`.
 */
export function redactor(findings: readonly Finding[], prefixes: readonly string[]): Redact {
  const texts = new Map<string, string>();
  for (const { secret } of findings) {
    for (const text of forms(secret.reveal())) texts.set(text, secret.redacted);
  }
  const hidden = new HiddenTexts(texts);
  const family = new RegExp(`(${prefixes.map(escaped).join('|')})([A-Za-z0-9_-]{16,})`, 'g');

  const shown = new Remembered((text) => {
    const known = hidden.without(text);
    if (prefixes.length === 0) return known;
    return known.replace(family, (whole, prefix: string, body: string) =>
      IDENTIFIER.test(body) ? whole : `${prefix}…`,
    );
  });
  return (text) => shown.of(text);
}

/**
 * A secret as it is and as encodings write it. Of base64's three alignments, the characters that neighbours don't change;
 * base64url writes the same, since no letter that a token may have leads to the two characters that differ.
 */
function forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const all = [secret, bytes.toString('hex'), bytes.toString('hex').toUpperCase()];
  for (const shift of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    all.push(encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6)));
  }
  return [...new Set(all)];
}

function escaped(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
