/** A text as one word of a POSIX shell: quoted where anything in it could mean something, and never read as an option. */
export function word(text: string): string {
  const named = text.startsWith('-') ? `./${text}` : text;
  return /^[A-Za-z0-9_@%+:,./-]+$/.test(named) ? named : quoted(named);
}

/** The same for a name that is no path: whose token it is, or which. */
export function nameWord(name: string): string {
  return /^[A-Za-z0-9_][A-Za-z0-9_@%+:,./-]*$/.test(name) ? name : quoted(name);
}

/** Quoted, whatever it is. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What a name can't hold if it is to be typed: what can't be seen, bytes that are no UTF-8 (`\xNN`), what was redacted. */
const UNTYPEABLE =
  /\\x[0-9a-f]{2}|[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2026\ufffd]/u;

/** Whether a path can stand in a command and mean itself alone. */
export function isTypeable(path: string): boolean {
  return path !== '' && !UNTYPEABLE.test(path);
}

/** The same for programs that read names as patterns: unzip, bsdtar, 7z. */
export function isLiteral(name: string): boolean {
  return isTypeable(name) && !/[*?[\]\\]/.test(name) && !/^[-@]/.test(name);
}

/** A pattern that fits the name, and perhaps others: what can't be typed is a wildcard. */
export function pattern(name: string): string {
  const wild = new RegExp(`(?:${UNTYPEABLE.source}|[\\\\*?[\\]]|^[-@])+`, 'gu');
  return name === '' ? '*' : name.replace(wild, '*');
}
