/**
 * Every decoding that detection undoes, by the name that stands in a match's `via`. Names are kept for good: reports
 * and ignore lists are read by them.
 *
 * - `base64`, `base64url`: RFC 4648, padded or not, wrapped or not; the second where `-` or `_` shows which
 * - `utf16le`, `utf16be`, `utf32le`, `utf32be`: with or without a byte order mark
 * - `hex`: digits of either case, packed, separated or in a dump (`xxd`, `hexdump -C`)
 * - `percent`: RFC 3986, of some or all characters; `%u005F`
 * - `escape`: the backslash escapes of JSON, JavaScript, C, shells and Markdown: `\u005f`, `\u{5f}`, `\U0000005f`, `\x5f`, `\137`, `\_`
 * - `html-entity`: `&#95;`, `&#x5F;`, `&lowbar;`; numbers without a semicolon, too
 * - `quoted-printable`: RFC 2045, `=5F` and soft line breaks
 * - `base32`: RFC 4648, either case, padded or not, wrapped or not
 * - `ascii85`, `z85`, `base85`: four bytes as five digits, in the alphabets of PostScript, ZeroMQ, and Python and git
 * - `yenc`: yEnc, in which binaries are posted
 * - `byte-list`: bytes as numbers, decimal or `0x`: a `Buffer` or a typed array in JSON, arrays in C, `[]byte` as Go prints it, `od -t d1`, gdb's `x`
 * - `hex-words`: words of two bytes, the second first: `hexdump`, `od -x`
 * - `octal-dump`: characters in columns: `od -c`; bytes in octal: `od -b`
 * - `number-words`: words of two or four bytes as numbers, octal or decimal: `od`, `od -d`, `hexdump -d`, words of four bytes in JSON
 * - `characters`: a list or an object of single characters, or characters with the same mark between all of them
 * - `binary`: eight binary digits a byte: `xxd -b`
 * - `ebcdic`: text of mainframes, as far as all its code pages agree
 * - `utf7`: RFC 2152
 * - `concatenation`: strings that an operator joins in source code
 * - `adjacency`: strings in a row, which C and Python join; indented lines that a backslash continues, which YAML and TOML join
 * - `css`: the escapes of CSS: `\\5f `
 * - `invisible`: zero-width characters, marks of direction and soft hyphens taken out, in UTF-8
 * - `markup`: tags and comments inside a line taken out: `<wbr>`, `<em>`, `<span>` of HTML, runs of Word, Excel, PowerPoint and OpenDocument
 * - `rtf`: groups and control words between runs of RTF taken out
 * - `cut-lines`: what a log cut, joined: partial lines of Kubernetes (CRI) and Docker, messages of syslog, output in asciicasts; and what is folded
 * - `folded`: lines that are full, joined to the next: terminals, `fold`, mail in quotes, bodies of HTTP in chunks, cells of tables
 * - `overstrike`: characters that a terminal is told to write over: `man` and `ul`, lines that were mended while they were typed
 * - `fullwidth`: ASCII as East Asian input methods write it (U+FF01 to U+FF5E), in UTF-8
 * - `rot13`, `rot47`: letters, or all visible characters, moved on by half of them
 * - `reversed`: a text that is written the other way round
 * - `marked-end`: the highest bit of the last character, which marks it (Kryo)
 * - `ansi`: terminal control sequences taken out (ECMA-48)
 */
export const ENCODINGS = [
  'base64',
  'base64url',
  'utf16le',
  'utf16be',
  'utf32le',
  'utf32be',
  'hex',
  'percent',
  'escape',
  'html-entity',
  'quoted-printable',
  'ansi',
  'base32',
  'byte-list',
  'hex-words',
  'octal-dump',
  'number-words',
  'characters',
  'binary',
  'ebcdic',
  'utf7',
  'concatenation',
  'adjacency',
  'css',
  'invisible',
  'markup',
  'cut-lines',
  'folded',
  'rtf',
  'overstrike',
  'fullwidth',
  'rot13',
  'rot47',
  'ascii85',
  'z85',
  'base85',
  'yenc',
  'reversed',
  'marked-end',
] as const;

export type Encoding = (typeof ENCODINGS)[number];

/** The decoder that undoes an encoding; those whose variants are told apart only while decoding share one. */
export type DecoderName =
  | 'base64'
  | 'utf16'
  | 'utf32'
  | 'hex'
  | 'percent'
  | 'escape'
  | 'html-entity'
  | 'quoted-printable'
  | 'ansi'
  | 'base32'
  | 'byte-list'
  | 'hex-words'
  | 'octal-dump'
  | 'number-words'
  | 'characters'
  | 'binary'
  | 'ebcdic'
  | 'utf7'
  | 'concatenation'
  | 'adjacency'
  | 'css'
  | 'invisible'
  | 'markup'
  | 'cut-lines'
  | 'folded'
  | 'rtf'
  | 'overstrike'
  | 'fullwidth'
  | 'rot13'
  | 'rot47'
  | 'base85'
  | 'yenc'
  | 'reversed'
  | 'marked-end';

/** How many encodings inside each other are undone. */
export const MAX_DEPTH = 4;
