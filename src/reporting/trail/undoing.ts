/** How far behind the place a disguised token may reach. */
export const REACH = 12 * 1024;

/**
 * A filter for each decoding that a sighting names: it reads the bytes from the place on, and prints every text that
 * they may stand for. Where a group of base64 or a pair of digits begins can't be told from the place alone, so each
 * beginning is tried.
 */
const FILTERS: Readonly<Record<string, string>> = {
  base64: base64('A-Za-z0-9+/'),
  base64url: base64('A-Za-z0-9_-', ` | tr -- '-_' '+/'`),
  hex: hex(),
  utf16le: String.raw`tr -d '\000'`,
  utf16be: String.raw`tr -d '\000'`,
  utf32le: String.raw`tr -d '\000'`,
  utf32be: String.raw`tr -d '\000'`,
  percent: perl('s/%([0-9A-Fa-f]{2})/chr hex $1/ge'),
  'quoted-printable': perl(String.raw`s/=[ \t]*\r?\n//g; s/=([0-9A-Fa-f]{2})/chr hex $1/ge`),
  'html-entity': perl(
    String.raw`s/&(?:lowbar|UnderBar);/_/g; s/&#0*(\d+);?/chr $1/ge; s/&#[xX]0*([0-9A-Fa-f]{1,2});?/chr hex $1/ge`,
  ),
  escape: perl(
    String.raw`s/\\u\{?0*([0-9A-Fa-f]{2})\}?|\\U0*([0-9A-Fa-f]{2})|\\x\{?([0-9A-Fa-f]{2})\}?/chr hex($1 \/\/ $2 \/\/ $3)/ge; s/\\([0-7]{1,3})/chr oct $1/ge; s/\\(.)/$1/g`,
  ),
  ansi: perl(String.raw`s/\e(?:\[[0-?]*[ -\/]*[@-~]|\][^\a\e]*(?:\a|\e\\)|[@-Z\\^_])//g`),
};

/** Undoes the decodings, outermost first; a name that is not known is passed over. */
export function undone(command: string, via: readonly string[]): string {
  return via.reduce((text, step) => {
    const filter = FILTERS[step];
    return filter === undefined ? text : `${text} | ${filter}`;
  }, command);
}

function perl(program: string): string {
  return `perl -0777 -pe '${program}'`;
}

/** `\n` written in two characters is taken out first: its `n` is a letter of the alphabet. */
function base64(alphabet: string, translate = ''): string {
  const letters = String.raw`sed 's/\\[nr]//g' | tr -dc '${alphabet}'${translate}`;
  return `{ B=$(${letters}); for N in 1 2 3 4; do printf %s "$B" | tail -c +$N | base64 -d 2>/dev/null; echo; done; }`;
}

/** Digits as they are, and as a dump has them: without its offsets and its column of text. */
function hex(): string {
  const dump = String.raw`sed -E 's/^[0-9A-Fa-f]{4,16}:? +//; /\|/{s/ *\|.*//;s/  */ /g;}; s/  .*//'`;
  const digits = "tr -dc '0-9A-Fa-f'";
  const each = (text: string) =>
    `for N in 1 2; do printf %s "${text}" | ${digits} | tail -c +$N | xxd -r -p; echo; done`;
  return `{ B=$(tr -d '\\000'); ${each('$B')}; B=$(printf '%s\\n' "$B" | ${dump}); ${each('$B')}; }`;
}
