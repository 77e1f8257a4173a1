import type { Span } from '../../model/span.js';

/**
 * What puts together a value that lies in several places of a file, of which the first is `span`: a filter of the whole
 * file. `undefined` where a format lays nothing out like that.
 */
export function rebuiltBy(packing: string | undefined, span: Span): string | undefined {
  if (packing === 'sqlite') return overPages(span, DATABASE);
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
