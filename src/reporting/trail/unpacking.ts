import { type Bytes, piped, printed } from './bytes.js';

/** A gzip header without a name (RFC 1952): in front of DEFLATE data, gzip unpacks it, and then misses the checksum. */
const HEADER = String.raw`printf '\037\213\010\0\0\0\0\0\0\377'`;

/** Of a line of a dump: its pairs of digits, without the offset and the text that ends it. */
const PAIRS_OF_DUMP = String.raw`s/^[ \t]*(?:(?:0x)?[0-9A-Fa-f]{4,16}(?::[ \t]{1,2}|[ \t]{2,3})|(?:0x)?[0-9A-Fa-f]{6,16}[ \t])(?=[0-9A-Fa-f]{2})//; s/  (?=(?:[0-9A-Fa-f]{2} ){1,8} *\|)/ /; s/[ \t]{2,}.*//s; s/[^0-9A-Fa-f]//g`;

/** From the quote on that opens a string up to the one that closes it. */
const STRING = String.raw`%c = ("a", 7, "b", 8, "f", 12, "n", 10, "r", 13, "t", 9, "v", 11, "e", 27); s/^(.)//s; $q = $1; while (/\G(?:\Q$q\E\s*\\?\s*[bB]?\Q$q\E|\\x([0-9A-Fa-f]{2})|\\([0-7]{1,3})|\\u00([0-9A-Fa-f]{2})|\\(\r?\n)|\\(.)|((?!\Q$q\E)[^\r\n\\]))/gc) { print defined $1 ? chr hex $1 : defined $2 ? chr(255 & oct $2) : defined $3 ? chr hex $3 : defined $5 ? exists $c{$5} ? chr $c{$5} : $5 : $6 // "" }`;

function base85String(digits: string): string {
  return `perl -0777 -ne 'BEGIN { my $n = 0; $v{$_} = $n++ for ${digits} } @d = grep { exists $v{$_} } split //; for ($p = 0; $p < @d; $p += 5) { $w = 0; $w = $w * 85 + ($p + $_ < @d ? $v{$d[$p + $_]} : 84) for 0 .. 4; print pack "N", $w & 4294967295 }'`;
}

/** Text of events in an asciicast. */
function eventsOf(kind: string): string {
  return String.raw`perl -MJSON::PP -ne '/^\[/ or next; $e = eval { JSON::PP->new->decode($_) } or next; $e->[1] eq "${kind}" or next; $t = $e->[2]; $t =~ s/[^\x00-\xff]/\xff/g; print $t'`;
}

/** What undoes a packing: a program that reads standard input and writes standard output. */
const FILTERS: Readonly<Record<string, string>> = {
  gzip: 'gzip -dc',
  bzip2: 'bzip2 -dc',
  xz: 'xz -dc',
  lzma: 'xz --format=lzma -dc',
  zstd: 'zstd -dc',
  lz4: 'lz4 -dc',
  brotli: 'brotli -dc',
  compress: 'gzip -dc',
  lzip: 'xz --format=lzip -dc',
  lzop: 'lzop -dc',
  'asciicast output': eventsOf('o'),
  'asciicast input': eventsOf('i'),
  uuencode: `perl -ne 'print unpack "u", $_'`,
  base64: "tr -dc 'A-Za-z0-9+/' | base64 -d 2>/dev/null",
  base64url: "tr -- '-_' '+/' | tr -dc 'A-Za-z0-9+/' | base64 -d 2>/dev/null",
  'base64 in a link': "tr -- '-' '/' | tr -dc 'A-Za-z0-9+/' | base64 -d 2>/dev/null",
  'lz-string': `perl -CO -0777 -ne '$b = unpack "B*", $_; sub r { my $v = 0; $v |= (substr($b, $p++, 1) || 0) << $_ for 0 .. $_[0] - 1; $v } @d = ("") x 3; $n = 2; $e = 1; while ($p < length $b) { $c = r($n); last if $c == 2; if ($c < 2) { push @d, chr r($c ? 16 : 8); $c = $#d; $e = 2 ** $n++ if !--$e } $t = $d[$c] // $w . substr $w, 0, 1; last if $t eq ""; print $t; if (defined $w) { push @d, $w . substr $t, 0, 1; $e = 2 ** $n++ if !--$e } $w = $t }'`,
  plantuml: "tr '0-9A-Za-z_-' 'A-Za-z0-9/+' | tr -dc 'A-Za-z0-9+/' | base64 -d 2>/dev/null",
  'escaped base64': String.raw`perl -0777 -pe 's/(["\x27\x60])[ \t]*[,+.&\\]?\s+[+.&]?[ \t]*[bBrRuUfF]?\1//g; s/\\+[nr]|=\r?\n//g; s/\\+u00([0-9a-fA-F]{2})|\\x([0-9a-fA-F]{2})|%(?:25)*([0-9a-fA-F]{2})/chr hex($1 \/\/ $2 \/\/ $3)/ge; s/&#(\d+);/chr $1/ge; tr{-_}{+/}; s/[^A-Za-z0-9+\/]//g' | base64 -d 2>/dev/null`,
  hex: `perl -0777 -pe 's/[^0-9A-Fa-f]//g; $_ = pack "H*", $_'`,
  'git base85': String.raw`perl -ne 'BEGIN { my $n = 0; $v{$_} = $n++ for 0..9, "A".."Z", "a".."z", split //, "!#\$%&()*+-;<=>?\@^_\x60{|}~" } chomp; s/\r//; /^([A-Za-z])(.+)/ or next; my ($l, $d, $o) = ($1, $2, ""); while ($d =~ /(.{5})/g) { my $w = 0; $w = $w * 85 + $v{$_} for split //, $1; $o .= pack "N", $w } print substr $o, 0, ord($l) - ($l ge "a" ? 70 : 64)'`,
  dump: `perl -ne '${PAIRS_OF_DUMP}; print pack "H*", $_'`,
  'dump of words': `perl -ne '${PAIRS_OF_DUMP}; s/(..)(..)/$2$1/g; print pack "H*", $_'`,
  'byte list': String.raw`perl -0777 -ne 'while (/\G["\x27]?(?:\d{1,6}["\x27]?\s*(?::|=>)\s*)?(?:\((?:byte|char)\) ?|\[byte\] ?)?(-?)(?:0[xX]([0-9A-Fa-f]{1,2})|(\d{1,3}))(?![\w.])["\x27uU)]{0,2}\s*[,;]?\s*\\?\s*/gc) { $n = defined $2 ? hex $2 : $3; print chr(($1 ? -$n : $n) & 255) }'`,
  string: `perl -0777 -ne '${STRING}'`,
  'string in a string': `perl -0777 -ne 's/\\\\(["\\\\])/$1/g; ${STRING}'`,
  z85: base85String('0 .. 9, "a" .. "z", "A" .. "Z", split(//, ".-:+=^!/*?&<>()[]{}\\@%\\$#")'),
  base85: base85String('0 .. 9, "A" .. "Z", "a" .. "z", split(//, "!#\\$%&()*+-;<=>?\\@^_\\x60{|}~")'),
  'sql string': String.raw`perl -0777 -ne '%c = ("0", 0, "b", 8, "n", 10, "r", 13, "t", 9, "Z", 26); s/^\x27//; while (/\G(?:\\(.)|\x27(\x27)|([^\\\x27]))/gcs) { print defined $1 ? exists $c{$1} ? chr $c{$1} : $1 : $2 // $3 }'`,
  'json string': String.raw`perl -0777 -ne '%c = ("b", 8, "f", 12, "n", 10, "r", 13, "t", 9); s/^\x22//; $w = /^[\0-\x7f]*[\xc2\xc3][\x80-\xbf]/; while (/\G(?:\\u00([0-9A-Fa-f]{2})|\\(.)|([\xc2\xc3])([\x80-\xbf])|([^\x22\\]))/gcs) { print defined $1 ? chr hex $1 : defined $2 ? exists $c{$2} ? chr $c{$2} : $2 : !defined $3 ? $5 : !$w ? "$3$4" : chr((ord($3) - 194) * 64 + ord $4) }'`,
  'ascii85 in a string': String.raw`perl -0777 -ne 's/\\([\\\x22\x27])/$1/g; s/\s//g; s/z/!!!!!/g; while (/\G([!-u]{2,5})/g) { my $d = $1; my $n = 0; $n = $n * 85 + ord($_) - 33 for split //, $d . "u" x (5 - length $d); print substr pack("N", $n & 0xffffffff), 0, length($d) - 1 }'`,
  // Filters of PDFs (ISO 32000-1, 7.4).
  ascii85: String.raw`perl -0777 -ne 's/~>.*//s; s/\s//g; s/z/!!!!!/g; while (/(.{2,5})/g) { my $d = $1; my $n = 0; $n = $n * 85 + ord($_) - 33 for split //, $d . "u" x (5 - length $d); print substr pack("N", $n & 0xffffffff), 0, length($d) - 1 }'`,
  lzw: `perl -0777 -ne '$w = 9; $b = unpack "B*", $_; for ($p = 0; $p + $w <= length $b; ) { $c = oct "0b" . substr $b, $p, $w; $p += $w; last if $c == 257; if ($c == 256) { @t = (map(chr, 0 .. 255), "", ""); $w = 9; undef $l; next } push @t, $l . substr defined $t[$c] ? $t[$c] : $l, 0, 1 if defined $l && @t < 4096; last if !defined $t[$c]; print $l = $t[$c]; $w++ if @t + 1 >= 2 ** $w && $w < 12 }'`,
  'run length': `perl -0777 -ne 'while ($p < length) { $n = ord substr $_, $p++, 1; last if $n == 128; if ($n < 128) { print substr $_, $p, $n + 1; $p += $n + 1 } else { print substr($_, $p++, 1) x (257 - $n) } }'`,
  'pdf text': String.raw`perl -0777 -ne 'while (m{\G(?:\(((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*)\)|<([0-9A-Fa-f\s]*)>|(/[^\s()<>\[\]{}/%]*)|([\[\]])|([-+.\d]+)|([^\s()<>\[\]{}/%]+)|.)}gs) { if (defined $1) { $_s = $1; $_s =~ s/\\(\r?\n|\r|[0-7]{1,3}|.)/my $c = $1; $c =~ m,^[\r\n], ? "" : $c =~ m,^[0-7], ? chr(255 & oct $c) : $c =~ tr,nrtbf,\n\r\t\b\f,r/ges; print $_s; $l = length $_s } elsif (defined $2) { ($h = $2) =~ s/\s//g; print pack "H*", $h; $l = int((1 + length $h) / 2) } elsif (defined $4) { $i = $4 eq "[" } elsif (defined $5) { $n = $5; print " " if $i && $n <= -200 } elsif (defined $6) { print "\n" if $6 =~ m,^(?:Tm|T\*|\x27|"|ET)$, or $6 =~ m,^T[dD]$, && ($n != 0 || $l > 2) } }'`,
  vba: `perl -0777 -ne '$p = 1; while ($p + 2 <= length) { $h = unpack "v", substr $_, $p, 2; last if ($h >> 12 & 7) != 3; $e = $p + ($h & 4095) + 3; $p += 2; $o = ""; while ($p < $e) { $f = ord substr $_, $p++, 1; for $t (0 .. 7) { last if $p >= $e; if (!($f >> $t & 1)) { $o .= substr $_, $p++, 1; next } $c = unpack "v", substr $_, $p, 2; $p += 2; $b = 4; $b++ while (1 << $b) < length $o; $d = ($c >> 16 - $b) + 1; $o .= substr $o, -$d, 1 for 1 .. ($c & 65535 >> $b) + 3 } } print $o; $p = $e }'`,
  // Byte for byte, by the table of [MS-PST] 5.1.
  pst: `perl -MMIME::Base64 -0777 -pe 'BEGIN { $w = MIME::Base64::decode("QTYTYqghbrv0FswEf2ToXR7yyyp0xV410pVHnpYtmohMfYQ/26wxtkhf9sTYOYvnIzs4jsjB3yWxIKVGYE6c+6rTVlFFfFUAB8krnYWbCaCPrbMPY6uJS9enFVpxZkK/JkprmPrqd1OycAUs/Vk6hn7OBuuCeFfHjUOvtBzUW83i6SdPwwhygM+w7/Uobb4wTTSS1Q48IjLl5PmfwtEKgRLh7pGDduOX5mGKF3mkt9yQelyMAqbKad5QGhGTuVKHWPztHTdJG2rgKTOZvWzZlPNAVG/wxnO41j5lGEQf3WcQ8QwZ7K4DoRR7qQv/+KPAogH3LrwkaHUN/rovtdDaPQ=="); $m[ord substr $w, $_, 1] = chr $_ for 0 .. 255 } s/(.)/$m[ord $1]/ges'`,
  'http chunks': String.raw`perl -0777 -ne 'while (/\G(?:\r\n)?([0-9A-Fa-f]+)[^\n]*\n/gc && ($n = hex $1)) { $p = pos; print substr $_, $p, $n; last if $p + $n > length; pos = $p + $n }'`,
  // Images of disks (E01), chunk for chunk.
  ewf: `perl -MCompress::Zlib -0777 -ne '$B = 0; $n = 13; while ($n + 76 <= length) { ($t, $x, $z) = unpack "Z16Q<Q<", substr $_, $n, 76; $s ||= eval { my ($c, $b) = unpack "VV", substr $_, $n + 84, 8; $c * $b } if $t =~ /^(?:volume|disk|data)$/; $e = $n + $z if $t eq "sectors"; if ($t eq "table") { ($k, $o) = unpack "Vx4Q<", substr $_, $n + 76, 16; $o += $B; @c = unpack "V*", substr $_, $n + 100, 4 * $k; for $i (0 .. $#c) { $a = $o + ($c[$i] & 0x7fffffff); $f = $i < $#c ? $o + ($c[$i + 1] & 0x7fffffff) : $e; print $c[$i] >> 31 ? uncompress(substr $_, $a, $f - $a) : substr $_, $a, $s } } if ($t eq "next") { $B = $n + 76; $n = $B + 13; next } last if $B + $x <= $n; $n = $B + $x }'`,
  ...filtersOfBlocks(),
  headers: String.raw`perl -MMIME::Base64 -0777 -pe 's/\r?\n[ \t]+/ /g; s/=\?[^?\s]+\?([BbQq])\?([^?\s]*)\?=(?:\s+(?==\?))?/my ($h, $w) = (lc $1, $2); if ($h eq "b") { $w = decode_base64($w) } else { $w =~ tr,_, ,; $w =~ s,=([0-9A-Fa-f]{2}),chr hex $1,ge } $w/ge; s/;?\s*[\w-]+\*(\d+)\*?=(?:"([^"]*)"|([^\s;]*))/($1 ? "" : "\n") . ($2 \/\/ $3)/ge; s/%([0-9A-Fa-f]{2})/chr hex $1/ge'`,
  'quoted-printable': `perl -0777 -pe 's/=[ \\t]*\\r?\\n//g; s/=([0-9A-Fa-f]{2})/chr hex $1/ge'`,
};

/** Blocks of databases and logs, which no program unpacks by themselves: as their formats say. */
function filtersOfBlocks(): Record<string, string> {
  const copied = '$o .= substr $o, -$d, 1 for 1 .. $n';
  const byte = 'ord substr $_, $p++, 1';
  const snappy = `$o = ""; $p = $s = $h = 0; do { $b = ${byte}; $s |= ($b & 127) << $h; $h += 7 } while $b & 128; while ($p < length && length $o < $s) { $t = ${byte}; $k = $t & 3; $n = ($t >> 2) + 1; if (!$k) { if ($n > 60) { $b = $n - 60; $n = unpack("V", substr($_, $p, $b) . "\\0" x 3) + 1; $p += $b } $o .= substr $_, $p, $n; $p += $n; next } if ($k == 1) { $n = ($t >> 2 & 7) + 4; $d = ($t >> 5 << 8) + ${byte} } else { $b = $k == 2 ? 2 : 4; $d = unpack "V", substr($_, $p, $b) . "\\0" x 2; $p += $b } last if !$d || $d > length $o; ${copied} } print $o`;
  const longer = `if ($n == 15) { do { $b = ${byte}; $n += $b } while $b == 255 && $p < length }`;
  const lz4 = `while ($p < length && (!$s || length $o < $s)) { $t = ${byte}; $n = $t >> 4; ${longer} $o .= substr $_, $p, $n; $p += $n; last if $p + 2 > length || $s && length $o >= $s; $d = unpack "v", substr $_, $p, 2; $p += 2; $n = $t & 15; ${longer} $n += 4; ${copied} }`;
  const zlib = `{ ${HEADER}; tail -c +3; } | gzip -dc 2>/dev/null`;
  const walked = (loop: string) =>
    `perl -0777 -ne 'sub u { local $_ = shift; ${snappy}; $e = $p; length $o } sub z { local $_ = shift; my $s = shift; $o = ""; $p = 0; ${lz4}; print $o; $e = $p; length $o } ${loop}'`;
  const hadoop = (unpack: string) =>
    `while ($q + 4 <= length) { $l = unpack "N", substr $_, $q, 4; $q += 4; if (!$r) { $r = $l; next } $r -= ${unpack}(substr($_, $q, $l), $r); $q += $l }`;
  const pieces = `perl -0777 -ne 'while ($p + 5 <= length && ($n = unpack "V", substr $_, $p + 1, 4)) { print substr $_, $p + 5, $n; $p += 5 + $n }'`;
  return {
    zlib,
    websocket: framesOf('!($f & 64)', '\\n'),
    'websocket deflate': framesOf('$f & 64', '\\0\\0\\xff\\xff'),
    snappy: `perl -0777 -ne '${snappy}'`,
    'snappy frames': `perl -0777 -ne 'sub u { local $_ = shift; ${snappy} } $j = /^\\x82/; for ($q = 16 * $j; $q + 4 <= length; $q += 4 + $l) { $k = $j ? 0 : ord substr $_, $q, 1; $l = $j ? unpack "N", substr $_, $q, 4 : unpack "V", substr($_, $q + 1, 3) . "\\0"; $c = $j ? substr $_, $q + 4, $l : substr $_, $q + 8, $l - 4; $k == 0 ? u($c) : $k == 1 ? print $c : 0 }'`,
    'lz4 block': `perl -0777 -ne '${lz4}; print $o'`,
    iwa: walked(
      `for (; $q + 4 <= length; $q += 4 + $l) { $l = unpack "V", substr($_, $q + 1, 3) . "\\0"; u(substr $_, $q + 4, $l) }`,
    ),
    'lz4 java': walked(
      `for (; $q + 21 <= length; $q += 21 + $l) { ($m, $l) = unpack "x8CV", substr $_, $q, 13; $m >> 4 == 1 ? print substr $_, $q + 21, $l : z(substr $_, $q + 21, $l) }`,
    ),
    'hadoop snappy': walked(hadoop('u')),
    'hadoop lz4': walked(hadoop('z')),
    'cassandra lz4': walked(
      `for (; $q + 8 <= length; $q += 8 + $e) { z(substr($_, $q + 4), unpack "V", substr $_, $q, 4) }`,
    ),
    'cassandra snappy': walked('for (; $q + 4 <= length; $q += 4 + $e) { u(substr $_, $q) }'),
    lzf: `perl -0777 -ne 'while ($p < length) { $t = ${byte}; if ($t < 32) { $o .= substr $_, $p, $t + 1; $p += $t + 1; next } $n = ($t >> 5) + 2; $n += ${byte} if $n == 9; $d = (($t & 31) << 8) + 1 + ${byte}; ${copied} } print $o'`,
    pglz: `perl -0777 -ne 'while ($p < length) { $t = ${byte}; for $i (0 .. 7) { last if $p >= length; if (!($t >> $i & 1)) { $o .= substr $_, $p++, 1; next } $d = ${byte}; $n = ($d & 15) + 3; $d = ($d & 240) << 4 | ${byte}; $n += ${byte} if $n == 18; ${copied} } } print $o'`,
    'pg_dump zlib': `${pieces} | ${zlib}`,
    'pg_dump zstd': `${pieces} | zstd -dc`,
    'pg_dump lz4': `${pieces} | lz4 -dc`,
  };
}

/** Frames of WebSocket, with their masks taken off. @param end what follows a message */
function framesOf(wanted: string, end: string): string {
  return `perl -0777 -ne 'while ($p + 2 <= length) { ($g, $l) = unpack "CC", substr $_, $p, 2; $m = $l >> 7; $l &= 127; $p += 2; if ($l == 126) { $l = unpack "n", substr $_, $p, 2; $p += 2 } elsif ($l == 127) { $l = unpack "Q>", substr $_, $p, 8; $p += 8 } $k = $m ? substr $_, $p, 4 : "\\0" x 4; $p += 4 * $m; $c = substr($_, $p, $l) ^ substr $k x ($l / 4 + 1), 0, $l; $p += $l; next if ($g & 15) > 7; $f = $g if $g & 15; print $c, $g & 128 ? "${end}" : "" if ${wanted} }'`;
}

/** Whether a format packs one content, and a filter unpacks it. */
export function isPacking(format: string): boolean {
  return format === 'stored' || format === 'deflate' || format in FILTERS;
}

/** What the bytes unpack to, format for format. */
export function unpacked(bytes: Bytes, formats: readonly string[]): Bytes {
  return formats.reduce<Bytes>((packed, format) => {
    if (format === 'deflate') return { command: `{ ${HEADER}; ${printed(packed)}; } | gzip -dc 2>/dev/null` };
    const filter = FILTERS[format];
    return filter === undefined ? packed : { command: piped(packed, filter) };
  }, bytes);
}
