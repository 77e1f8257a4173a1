/** Pieces of a secret this long are enough to withhold what quotes them. */
const PIECE = 8;
const LONGEST = 160;
const FAMILY = /(tg_org_|tg_anon_|shisho_apikey_)[A-Za-z0-9_-]*/g;

/**
 * What a service said, fit for a message: one line of printable text, cut to 160 characters. A text that
 * holds a piece of one of `secrets` is withheld whole, and whatever looks like a token is cut down to its prefix.
 */
export function quote(text: string, secrets: readonly string[]): string {
  if (secrets.some((secret) => holdsPieceOf(text, secret))) return '';
  const line = withoutTokens(text)
    .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}]+/gu, ' ')
    .trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

/** Cuts everything that looks like a token or a key down to its prefix. */
export function withoutTokens(text: string): string {
  return text.replace(FAMILY, '$1…');
}

function holdsPieceOf(text: string, secret: string): boolean {
  const body = secret.replace(/^(tg_org_|tg_anon_|shisho_apikey_)/, '');
  for (let at = 0; at + PIECE <= body.length; at++) {
    if (text.includes(body.slice(at, at + PIECE))) return true;
  }
  return false;
}
