const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const CLOCK = '(\\d{2}):(\\d{2}):(\\d{2})';
/** `Sun, 06 Nov 1994 08:49:37 GMT` */
const IMF_FIXDATE = new RegExp(`^[a-z]{3}, (\\d{2}) ([a-z]{3}) (\\d{4}) ${CLOCK} gmt$`);
/** `Sunday, 06-Nov-94 08:49:37 GMT` */
const RFC_850 = new RegExp(`^[a-z]{6,9}, (\\d{2})-([a-z]{3})-(\\d{2}) ${CLOCK} gmt$`);
/** `Sun Nov  6 08:49:37 1994` */
const ASCTIME = new RegExp(`^[a-z]{3} ([a-z]{3}) ([ \\d]\\d) ${CLOCK} (\\d{4})$`);

/**
 * A date of HTTP (RFC 9110, 5.6.7) as milliseconds since 1970, in any of its three forms.
 * `Date.parse` is no substitute: it reads the third form in local time.
 *
 * @param now milliseconds since 1970, to place a year of two digits.
 */
export function parseHttpDate(text: string, now: number): number | undefined {
  const date = text.trim().toLowerCase();
  const imf = IMF_FIXDATE.exec(date);
  if (imf !== null) return utc(imf[3], imf[2], imf[1], imf.slice(4));
  const asctime = ASCTIME.exec(date);
  if (asctime !== null) return utc(asctime[6], asctime[1], asctime[2], asctime.slice(3));
  const rfc850 = RFC_850.exec(date);
  if (rfc850 !== null) return utc(fullYear(Number(rfc850[3]), now), rfc850[2], rfc850[1], rfc850.slice(4));
  return undefined;
}

/** RFC 9110: a year that seems more than 50 years ahead is the most recent one with the same last two digits. */
function fullYear(twoDigits: number, now: number): number {
  const current = new Date(now).getUTCFullYear();
  const year = current - (current % 100) + twoDigits;
  return year > current + 50 ? year - 100 : year;
}

function utc(
  year: string | number | undefined,
  monthName: string | undefined,
  day: string | undefined,
  clock: readonly string[],
): number | undefined {
  const month = MONTHS.indexOf(monthName ?? '');
  if (month < 0) return undefined;
  return Date.UTC(Number(year), month, Number(day), Number(clock[0]), Number(clock[1]), Number(clock[2]));
}
