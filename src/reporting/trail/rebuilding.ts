import type { Span } from '../../model/span.js';

/**
 * What puts together a value that lies in several places of a file, of which the first is `span`: a filter of the whole
 * file. `undefined` where a format lays nothing out like that.
 */
export function rebuiltBy(packing: string | undefined, span: Span): string | undefined {
  if (packing === 'sqlite') return overPages(span, DATABASE);
  if (packing === 'record log') return overBlocks(span);
  if (packing === 'tcp') return overSegments(span);
  if (packing === 'toast') return overRows(span);
  return packing === 'sqlite wal' ? overPages(span, LOG) : undefined;
}

/** The size of pages, what of it is used, and where the page of a number lies. */
const DATABASE =
  '$s = unpack "n", substr $_, 16, 2; $s = 65536 if $s == 1; $u = $s - ord substr $_, 20, 1; sub at { ($_[0] - 1) * $s }';
/** The same of a log, which holds pages more than once: of a number, the nearest. */
const LOG =
  '$u = $s = unpack "N", substr $_, 8, 4; for ($o = 32; $o + 24 + $s <= length; $o += 24 + $s) { push @{$f{unpack "N", substr $_, $o, 4}}, $o + 24 } sub at { my ($b) = sort { abs($a - $A) <=> abs($b - $A) || $b <=> $a } @{$f{$_[0]} || []}; $b }';

/** A value that begins in a page and goes on in others (sqlite.org/fileformat2, 1.6): each begins with the number of the next. */
function overPages({ start, end }: Span, pages: string): string {
  const first = start === end ? '$o = $A' : '$o = at(unpack "N", substr $_, $E, 4)';
  return `perl -0777 -ne '($A, $E) = (${start}, ${end}); ${pages}; print substr $_, $A, $E - $A; for (${first}; defined $o && $o >= 0 && $o + 4 < length && !$seen{$o}++; $o = at($n)) { print substr $_, $o + 4, $u - 4; $n = unpack "N", substr $_, $o, 4; last if !$n }'`;
}

/** What IP and TCP say of the packet that ends at `$e`, read at `$q`: where its bytes begin and end, its number, its connection. */
const SEGMENT =
  'sub seg { my ($q, $e) = @_; my $v = ord(substr $S, $q, 1) >> 4; my ($h, $n, $k); if ($v == 4) { $h = 4 * (15 & ord substr $S, $q, 1); $n = unpack "n", substr $S, $q + 2, 2; $k = substr $S, $q + 12, 8 } elsif ($v == 6) { $h = 40; $n = 40 + unpack "n", substr $S, $q + 4, 2; $k = substr $S, $q + 8, 32 } else { return } $e = $q + $n if $n > $h && $q + $n < $e; my $t = $q + $h; return if $t + 20 > $e; return ($t + 4 * (ord(substr $S, $t + 12, 1) >> 4), $e, unpack("N", substr $S, $t + 4, 4), $k . substr $S, $t, 4) }';
/** The packets of a capture, in records or in blocks: where each begins and ends. */
const PACKETS =
  'if (/^\\x0a/) { $f = substr($_, 8, 1) eq "M" ? "V" : "N"; for ($p = 0; $p + 28 < length; $p += $n + (-$n & 3)) { ($t, $n) = unpack $f x 2, substr $_, $p, 8; last if $n < 12; push @r, [$p + 28, $p + 28 + unpack $f, substr $_, $p + 20, 4] if $t == 6 || $t == 2; push @r, [$p + 12, $p + $n - 4] if $t == 3 } } else { $f = /^\\xa1/ ? "N" : "V"; $g = /^(?:\\x34\\xcd|\\xa1\\xb2\\xcd)/ ? 24 : 16; for ($p = 24; $p + $g <= length; $p += $g + $n) { $n = unpack $f, substr $_, $p + 8, 4; push @r, [$p + $g, $p + $g + $n] } }';

/** What was sent on a connection from the segment at `span` on (RFC 9293), as far as none is missing. */
function overSegments({ start, end }: Span): string {
  const first = `for $r (@r) { ($b, $z) = @$r; next if $b > ${start} || $z < ${end}; for $i (0 .. 200) { ($d, $e, $q, $k) = seg($b + $i, $z); if (defined $d && $d == ${start} && $e == ${end}) { ($l, $K, $Q) = ($i, $k, $q); last } } }`;
  const others =
    'for $r (@r) { ($d, $e, $q, $k) = seg($$r[0] + $l, $$r[1]); push @s, [unpack("l", pack "L", ($q - $Q) & 4294967295), $d, $e] if defined $d && $k eq $K && $e > $d }';
  const printing =
    'for (sort { $$a[0] <=> $$b[0] } grep { $$_[0] >= 0 } @s) { ($q, $d, $e) = @$_; last if $q > $w; next if $q + $e - $d <= $w; print substr $S, $d + $w - $q, $e - $d - $w + $q; $w = $q + $e - $d }';
  return `perl -0777 -ne '${SEGMENT} $S = $_; ${PACKETS} ${first} ${others} ${printing}'`;
}

/** A record that goes on in other blocks of 32 KiB (log_format.md of LevelDB): each piece behind a header. */
function overBlocks({ start, end }: Span): string {
  const next =
    '$o += 32768 - $o % 32768 if 32768 - $o % 32768 < 7; ($n, $k) = unpack "vC", substr $_, $o + 4, 3';
  return `perl -0777 -ne 'print substr $_, ${start}, ${end - start}; $o = ${end}; while ($o + 7 < length) { ${next}; $h = $k > 4 ? 11 : 7; print substr $_, $o + $h, $n; last if $k % 4 != 3; $o += $h + $n }'`;
}

/** A long value of PostgreSQL, of which the part at `span` is the first: those with the same number before them. If it is packed, less how long it gets. */
function overRows({ start, end }: Span): string {
  const rows =
    'for ($p = 0; $p + 24 <= length; $p += 8192) { $l = unpack "v", substr $_, $p + 12, 2; for ($i = 24; $i + 4 <= $l; $i += 4) { $w = unpack "V", substr $_, $p + $i, 4; next if ($w >> 15 & 3) != 1; $r = $p + ($w & 32767); $e = $r + ($w >> 17); $b = $r + ord substr $_, $r + 22, 1; next if 3 != (2047 & unpack "v", substr $_, $r + 18, 2) || $b + 9 > $e; ($k, $n) = unpack "VV", substr $_, $b, 8; $b += 8 + (1 & ord(substr $_, $b + 8, 1) ? 1 : 4); $v{$k}{$n} //= substr $_, $b, $e - $b; $K = $k if $b == ';
  return `perl -0777 -ne '${rows}${start} && $e == ${end} } } $o = join "", map $v{$K}{$_}, sort { $a <=> $b } keys %{$v{$K}}; print $o'`;
}
