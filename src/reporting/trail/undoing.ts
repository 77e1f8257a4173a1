/** How far behind the place a disguised token may reach. */
export const REACH = 12 * 1024;
/** How far before it a line may begin that is read from its beginning. */
export const REACH_BEFORE = 17 * 1024;

/** What stands before the text of a record in JSON, or of output in an asciicast. */
const TEXT = String.raw`\x22(?:(?:log|message|MESSAGE|msg)\x22:|o\x22,)\s*\x22`;

/** Lines of a trace of GitLab that go on with the one before, and of a trace of curl. */
const APPENDED = String.raw`if (/^\S+Z ([0-9a-f]{2}[OE])[ +]/) { $s = $1; s/^\S+Z (?!$s)[0-9a-f]{2}[OE][ +][^\n]*\n//gm; s/\r?\n\S+Z $s\+//g } s/\r?\n[0-9a-f]{4,8}: //g`;

/** What parts the cells of a table. */
const BORDER = String.raw`\||\xe2\x94[\x82\x83]|\xe2\x95\x91`;

/** How a token begins: a row is left out from behind it, and not from a border before it. */
const PREFIX = '[a-z]+_[a-z]+_';

/** Ends of rows of tables, of lines, and sizes of chunks, marks of a quotation or a blank behind them, taken out. */
const UNFOLDED = String.raw`s/(?:\.|\xe2\x80\xa6)? ?(?:(?:${BORDER})(?:(?!${PREFIX})[^\n])*)?\r?\n(?:[\s.]|\xe2\x80\xa6|${BORDER})*(?:${BORDER})(?: |\.|\xe2\x80\xa6)?(?=[\w-])//g; s/ (?:\r(?:\e\[K.\r)?|\x08)(?!\n)//g; s/\r\n[0-9A-Fa-f]{1,8}\r\n//g; s/\r?\n(?:[ \t]|>[> ]*)?//g`;

/** Ends of lines that are written in two characters, whose letters are of the alphabet, what marks each line, as a patch or a comment does, and what stands around the base64 in each. */
const UNMARKED = String.raw`s/\\+[nr]|<br ?\/?>|&#\w+;|\\\r?\n[ \t]*//g; if (m{\A[^\n]*?[A-Za-z0-9+/_-]{12,}([^A-Za-z0-9+/=_\n-][^\n]*|)\r?\n}) { $t = $1; $o = $t eq "" ? "" : "??"; s{\Q$t\E\r?\n(?:[^\n]*?[^A-Za-z0-9+/_\n-])$o(?=[A-Za-z0-9+/_-]{2,}={0,2}(?:\Q$t\E\r?$|[^A-Za-z0-9+/_\n-][^\n]{0,24}$))}{}gm } s/^\Q$1\E//gm if m{\A[^\n]*\n([-+]|// ?|[>#*;] ?)[^\n]*(?:\n\1|\n(?![A-Za-z0-9+/]{16})|\z)}`;

/** Of each line behind the head of a log: the digits of a dump, or those that end it. */
const LOGGED = String.raw`perl -ne 'print $1 if m{(?:^|[ \t|])(?:0x)?[0-9A-Fa-f]{4,16}(?::| -)? {1,3}((?:[0-9A-Fa-f]{2}[ -]{0,2}){1,16})} || m{([0-9A-Fa-f]{4,})\s*$}'`;

/** Keys of elements, taken out. */
const UNKEYED = String.raw`s/(?:\x22\d+\x22|\x27\d+\x27|\[\d+\]|\b\d+)\s*(?:=>|[:=])\s*//g`;

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
  percent: perl('s/%(?:25)*(?:u00)?([0-9A-Fa-f]{2})/chr hex $1/ge'),
  'quoted-printable': perl(
    String.raw`tr/_/ / if /\A[^\s?]*=5F[^\s?]*\?=/i; s/=[ \t]*\r?\n//g; s/=([0-9A-Fa-f]{2})/chr hex $1/ge`,
  ),
  'html-entity': perl(
    String.raw`s/&(?:shy|ZeroWidthSpace|NoBreak|zwn?j|lrm|rlm);//g; s/&(?:lowbar|UnderBar);/_/g; s/&#(?:[xX]([0-9A-Fa-f]+)|(\d+));?/($_ = defined $1 ? hex $1 : $2) < 128 ? chr : ""/ge`,
  ),
  escape: perl(
    String.raw`s/\\PYZus\{\}/_/g; s/\\u[fF]{2}([0-5][0-9A-Fa-f])/chr(32 + hex $1)/ge; s/(["\x27])[ \t]*\\?\r?\n[ \t]*\1//g; s/\\(?:N\{(?:((?i)low line)|((?i)hyphen-minus)|U\+0*([0-9A-Fa-f]{2}))\}|u\{0*([0-9A-Fa-f]{1,2})\}|u00([0-9A-Fa-f]{2})|U000000([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{2})\}|x([0-9A-Fa-f]{2})|([0-7]{1,3})|\r?\n[ \t]*|(.))/defined $1 ? "_" : defined $2 ? "-" : defined $9 ? chr oct $9 : defined $10 ? $10 : join "", map { chr hex } grep { defined } $3, $4, $5, $6, $7, $8/ge`,
  ),
  css: perl(String.raw`s/\\([0-9A-Fa-f]{1,6})\s?/chr(255 & hex $1)/ge`),
  markup: perl(
    String.raw`s/<!--.*?-->|<!\[CDATA\[|\]\]>//gs; s/<w:noBreakHyphen\b[^<>]*>/-/g; s/<(?:[^<>\x22\x27]|\x22[^\x22]*\x22|\x27[^\x27]*\x27)*>//g`,
  ),
  'cut-lines': perl(
    String.raw`${APPENDED}; if (/^\S+ (stdout|stderr) [PF]/) { $s = $1; s/^\S+ (?!$s)std(?:out|err) [PF][^\n]*\n//gm } s/\r?\n(?:\d{4}-\d\d-\S+ std(?:out|err) [PF](?::\S*)? |(?:<\d+>)?(?:1 )?(?:[A-Z][a-z]{2} [ \d]\d [\d:]{8}|\d{4}-\d\d-\S+) \S+ [^\s:]+: )//g; s/\x22,\x22stream\x22:\x22(\w+)\x22[^\n]*\n(?:(?![^\n]*\x22stream\x22:\x22\1\x22)[^\n]*\n)*\{\x22log\x22:\x22//g; s/(${TEXT}(?:[^\x22\\]|\\.)*)\x22[,}\]][^\n]*\n[{\[][^\n]*?${TEXT}/$1/g`,
  ),
  folded: perl(UNFOLDED),
  rtf: perl(String.raw`s/\{\\\*[^{}]*\}//g; s/[{}\r\n]|\\(?!par\b|line\b|tab\b|cell\b)[a-z]+(?:-?\d+)? ?//g`),
  base32: perl(
    String.raw`s/[^A-Za-z2-7]//g; ${bitsOf(5, String.raw`/\d/ ? $_ + 24 : ord(uc) - 65`)}; $_ = join "\n", map { pack "B*", substr $b, $_ } 0 .. 4`,
  ),
  'byte-list': perl(
    String.raw`s/^(?:0x[0-9A-Fa-f]{3,}[^:\n]*:|[0-9]{6,}| *\[\d+\] +(?=\d))//gm; ${UNKEYED}; s/\((?:byte|char)\) ?|\[(?:char|byte)\] ?|\b(?:chrw?|char|int)\(|\.byte\s+//gi; s/ \x27(?:\\\d{3}|\\?.)\x27//g; s/[\x22\x27)]//g; s/(?<![\w.])(?:0[xX]([0-9A-Fa-f]{1,2})|(\d{1,3}))(?!\w|\.\d)[\s,;|\\+&.-]*/chr((defined $1 ? hex $1 : $2) & 255)/ge`,
  ),
  characters: perl(
    String.raw`if (/[\x22\x27]\\?.[\x22\x27]/) { ${UNKEYED}; s/([\x22\x27])(?:\\u00([0-9A-Fa-f]{2})|\\x([0-9A-Fa-f]{2})|\\?(.))\1[\s,;]*(?:- +)?/defined $2 ? chr hex $2 : defined $3 ? chr hex $3 : $4/ges } else { s/(\S)(?:, |[\s^,])/$1/g }`,
  ),
  'hex-words': perl(
    String.raw`s/^(?:(?:0x)?[0-9A-Fa-f]{6,}(?: <[^>\n]*>:|:?(?=\s))|0x[0-9A-Fa-f]+(?: <[^>\n]*>)?:)//gm; s/ {2,}(?![0-9A-Fa-f]{4}\b)\S.*$//gm; s/\s*\b(?:0x)?((?:[0-9A-Fa-f]{16}|[0-9A-Fa-f]{8}|[0-9A-Fa-f]{4})\b)/reverse pack "H*", $1/ge`,
  ),
  'octal-dump': perl(
    String.raw`s/^[0-9A-Fa-f]{6,} [^\n]*\n//gm && s/^ {7}//gm if /^ {7}\s*\S/m && /^[0-9A-Fa-f]{6,} /m; s/ +>[^\n]*<//g; s/^[0-7]{6,}//gm; s/\r?\n//g; s/ (...)/($_ = $1) =~ s,^ +,,; m,^[0-7]{3}$, ? chr oct : length > 1 ? "." : length ? $_ : " "/ge`,
  ),
  'number-words': perl(
    String.raw`s/^[0-9A-Fa-f]{6,8}(?=[ \t]+\d)//gm; s/>[^\n]*<//g; @n = /\d+/g; $w = length $n[0]; @n = map oct, @n if $w == 6 || $w == 11; $_ = join "\n", map { $f = $_; join "", map { pack $f, $_ } @n } $w < 7 ? "v" : ("V", "N")`,
  ),
  binary: perl(String.raw`s/  [^\n]*$//gm; s/^[0-9a-f]{8}: //gm; s/[^01]//g; $_ = pack "B*", $_`),
  ebcdic: 'iconv -c -f IBM037 -t UTF-8',
  utf7: perl(
    String.raw`s{\+([A-Za-z0-9+/]{3,})-?}{$_ = $1; ${bitsOf(6, 'index join("", "A" .. "Z", "a" .. "z", 0 .. 9, "+", "/"), $_')}; ($_ = pack "B*", substr $b, 0, length($b) & ~15) =~ tr/\0//d; $_}ge; s/\+-/+/g`,
  ),
  concatenation: perl(
    String.raw`s/[\x22\x27\x60]\s*(?:[+&]|\.\.?|\\\r?\n)\s*(?:[_\x60]\s*)?[\x22\x27\x60]//g; s/_[\x22\x27](?:\s*\.\s*concat\(\s*[\x22\x27]|\s*,\s*[\x22\x27]|\s*;?\s+\$?[\w.]+\s*[.+]=\s*[\x22\x27]|[\x22\x27]?)/_/g`,
  ),
  adjacency: perl(String.raw`s/([\x22\x27])\s+[bBrRuUfFL]?\1//g; s/\\\r?\n[ \t]+//g; s/_\r?\n/_/g`),
  invisible: perl(String.raw`s/\xc2\xad|\xe2\x80[\x8b-\x8f]|\xe2\x81\xa0|\xef\xbb\xbf//g`),
  overstrike: perl(String.raw`1 while s/[^\x08]\x08//; s/\e\[[0-?]*[ -\/]*[@-~]//g`),
  fullwidth: perl(
    String.raw`s/\xef([\xbc\xbd])([\x80-\xbf])/chr(32 + (ord($1) - 188) * 64 + ord($2) - 128)/ge`,
  ),
  reversed: perl(String.raw`s/[^\n]+/reverse $&/ge`),
  'marked-end': perl(String.raw`tr/\x80-\xff/\x00-\x7f/`),
  rot13: "tr 'A-Za-z' 'N-ZA-Mn-za-m'",
  rot47: perl('tr/!-~/P-~!-O/'),
  yenc: perl(
    String.raw`s/[\r\n]//g; s/=(.)/chr((ord($1) - 64) & 255)/ges; s/(.)/chr((ord($1) - 42) & 255)/ges`,
  ),
  ascii85: base85('map chr, 33 .. 117'),
  z85: base85(String.raw`0 .. 9, "a" .. "z", "A" .. "Z", split(//, ".-:+=^!/*?&<>()[]{}\@%\$#")`),
  base85: base85(String.raw`0 .. 9, "A" .. "Z", "a" .. "z", split(//, "!#\$%&()*+-;<=>?\@^_\x60{|}~")`),
  ansi: perl(String.raw`s/\e(?:\[[0-?]*[ -\/]*[@-~]|\][^\a\e]*(?:\a|\e\\)|[ -\/]+[0-~]|[@-Z\\^_])//g`),
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

/** Each place may begin a group of five digits: what is no digit is left out. */
function base85(digits: string): string {
  return perl(
    String.raw`BEGIN { my $n = 0; $v{$_} = $n++ for ${digits} } @d = grep { exists $v{$_} } split //; $_ = join "\n", map { my ($f, $o) = ($_, ""); for ($p = $f; $p < @d; $p += 5) { $w = 0; $w = $w * 85 + ($p + $_ < @d ? $v{$d[$p + $_]} : 84) for 0 .. 4; $o .= pack "N", $w & 4294967295 } $o } 0 .. 4`,
  );
}

/** Of the letters in `$_`, the bits in `$b`: `value` makes a number of the letter in `$_`. */
function bitsOf(width: number, value: string): string {
  return `$b = join "", map { sprintf "%0${width}b", ${value} } split //`;
}

function base64(alphabet: string, translate = ''): string {
  const letters = `${perl(UNMARKED)} | tr -dc '${alphabet}'${translate}`;
  return `{ B=$(${letters}); for N in 1 2 3 4; do printf %s "$B" | tail -c +$N | base64 -d 2>/dev/null; echo; done; }`;
}

/**
 * Digits as they are, and as a dump has them: without its offsets and its column of text. Where it begins as a dump, that
 * first; where something stands before each line, what is behind it before either.
 */
function hex(): string {
  const dump = String.raw`sed -E 's/^[0-9A-Fa-f]{4,16}:? +//; /\|/{s/ *\|.*//;s/  */ /g;}; s/  .*//'`;
  const isDump = "head -n 1 | grep -Eq '^[0-9A-Fa-f]{6,16}:? '";
  const records = String.raw`sed -E 's/^:[0-9A-Fa-f]{8}(([0-9A-Fa-f]{2})*)[0-9A-Fa-f]{2}.?$/\1/; s/^S1.{6}(.*)..$/\1/; s/^S2.{8}(.*)..$/\1/; s/^S3.{10}(.*)..$/\1/'`;
  const isLogged = "head -n 1 | grep -Eq '[0-9]:[0-9]{2}|[]|] |^ *[0-9A-Fa-f]{4,6} - '";
  const logged = `L=; if printf '%s\\n' "$B" | ${isLogged}; then L=$(printf '%s\\n' "$B" | ${LOGGED}); fi`;
  const bytes = `tr -dc '0-9A-Fa-f' | tail -c +$N | ${perl('$_ = pack "H*", $_')}`;
  const readings = `D=$(printf '%s\\n' "$B" | ${dump}); if printf '%s\\n' "$B" | ${isDump}; then B=$D; fi`;
  return `{ B=$(tr -d '\\000\\r'); if printf '%s' "$B" | head -n 1 | grep -Eq '^(:|S[123])[0-9A-Fa-f]{10,}$'; then B=$(printf '%s\\n' "$B" | ${records}); fi; ${logged}; ${readings}; for X in "$L" "$B" "$D"; do for N in 1 2; do printf %s "$X" | ${bytes}; echo; done; done; }`;
}
