import { latin1 } from '../latin1.js';
import type { Escape, EscapeReader } from './escape.js';
import { isOfBody } from './folded.js';
import { behindEnd, endsIn, lineBegin, lineStop } from './lines.js';
import { LINE_BEFORE } from './view.js';

/** Lines of the other stream that may stand between two parts, in bytes. */
const BETWEEN = 6 * 1024;
/** What the head of a record or the rest of one behind its text takes. */
const HEAD = 320;
const REST = 2048;
const LONGEST_COUNT = 10;

/**
 * Where a log cut a line that it goes on with behind the head of another: taken out, with the head. The newline that a
 * record ends with is not one of these.
 */
export const readCut: EscapeReader = (bytes, at) => {
  if (!isOfBody(bytes[at - 1])) return undefined;
  if (bytes[at] === 0x22) return inJson(bytes, at);
  const next = behindEnd(bytes, at);
  if (next === undefined) return undefined;
  return (
    partialLine(bytes, at, next) ??
    appended(bytes, at, next) ??
    message(bytes, at, next) ??
    counted(bytes, at, next)
  );
};

/** Kubernetes (CRI): a time, a stream, `P` where the line goes on or `F` where it ends, and the text. */
const CRI =
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) (stdout|stderr) ([PF])(?::[A-Z:]*)? /;

function partialLine(bytes: Uint8Array, at: number, next: number): Escape | undefined {
  if (!isDigit(bytes[next]) || CRI.exec(textAt(bytes, next)) === null) return undefined;
  const start = lineBegin(bytes, at, LINE_BEFORE);
  const own = start === undefined ? undefined : CRI.exec(textAt(bytes, start));
  // A line whose head is out of sight is longer than most; the first of a copy may have lost its head.
  if (own === null && start !== 0) return undefined;
  if (own?.[2] === 'F') return undefined;
  for (let line = next; line < at + BETWEEN; ) {
    const found = CRI.exec(textAt(bytes, line));
    if (found === null) return undefined;
    if (own?.[1] === undefined || found[1] === own[1])
      return { length: line + found[0].length - at, byte: undefined };
    const stop = lineStop(bytes, line, BETWEEN);
    if (stop === undefined) return undefined;
    line = behindEnd(bytes, stop) ?? bytes.length;
  }
  return undefined;
}

/** A job's trace of GitLab with times: a time, the number and kind of a stream, and `+` where that goes on with its last line. */
const TRACE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z ([0-9a-f]{2}[OE])([ +])/;

function appended(bytes: Uint8Array, at: number, next: number): Escape | undefined {
  if (!isDigit(bytes[next]) || TRACE.exec(textAt(bytes, next)) === null) return undefined;
  const start = lineBegin(bytes, at, LINE_BEFORE);
  const own = start === undefined ? undefined : TRACE.exec(textAt(bytes, start));
  if (own === null) return undefined;
  for (let line = next; line < at + BETWEEN; ) {
    const found = TRACE.exec(textAt(bytes, line));
    if (found === null) return undefined;
    if (own === undefined || found[1] === own[1])
      return found[2] === '+' ? { length: line + found[0].length - at, byte: undefined } : undefined;
    const stop = lineStop(bytes, line, BETWEEN);
    if (stop === undefined) return undefined;
    line = behindEnd(bytes, stop) ?? bytes.length;
  }
  return undefined;
}

/** A message of syslog: when, where and from whom. */
const SYSLOG =
  /^(?:<\d{1,3}>)?(?:1 )?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?) (\S{1,255} [^\s:[\]]{1,64}(?:\[\d{1,10}\])?): /;
/** As long as messages or records are cut: RFC 3164, `logger`, rsyslog. */
const LENGTHS: ReadonlySet<number> = new Set([1024, 2048, 4096, 8192, 16384]);

function message(bytes: Uint8Array, at: number, next: number): Escape | undefined {
  const head = SYSLOG.exec(textAt(bytes, next));
  if (head === null) return undefined;
  const start = lineBegin(bytes, at, LINE_BEFORE);
  if (start === undefined) return undefined;
  const own = SYSLOG.exec(textAt(bytes, start));
  if (own === null || own[1] !== head[1]) return undefined;
  const isFull = [at - start, at - start - own[0].length].some(
    (length) => LENGTHS.has(length) || LENGTHS.has(length + 1),
  );
  return isFull ? { length: next + head[0].length - at, byte: undefined } : undefined;
}

/** How far into a text a line begins, as `curl --trace-ascii` says it. */
const COUNTED = /^([0-9a-f]{4,8}): /i;

/** The next line of a text whose lines are headed by how far into it they begin: as far behind as the line is long. */
function counted(bytes: Uint8Array, at: number, next: number): Escape | undefined {
  const head = COUNTED.exec(latin1(bytes, next, next + LONGEST_COUNT));
  const start = head === null ? undefined : lineBegin(bytes, at, HEAD);
  const own = start === undefined ? null : COUNTED.exec(latin1(bytes, start, start + LONGEST_COUNT));
  if (head === null || own === null) return undefined;
  const length = at - start! - own[0].length;
  const isNext = [16, 10].some(
    (base) => Number.parseInt(head[1]!, base) - Number.parseInt(own[1]!, base) === length,
  );
  return isNext ? { length: next + head[0].length - at, byte: undefined } : undefined;
}

/** What stands behind the text in a record of Docker's `json-file`: a text that ends its line ends in `\n`. */
const DOCKER =
  /^"(?:,"attrs":\{[^{}]*\})?,"stream":"(stdout|stderr)"(?:,"attrs":\{[^{}]*\})?,"time":"[^"]{1,64}"\}\r?\n/;
const DOCKER_TEXT = '{"log":"';
/** How other collectors say that a text goes on. */
const PARTIAL = /"(?:logtag|_p|partial|partial_message|CONTAINER_PARTIAL_MESSAGE)":\s*(?:"(?:P|true)"|true)/;
const KEY_BEFORE = /"(?:log|message|MESSAGE|msg)":\s*$/;
const KEY = /"(?:log|message|MESSAGE|msg)":\s*"/;
/** Output in an asciicast: a time, `o`, and the text. */
const CAST = /^"\]\r?\n(?:\[\s*[\d.]+,\s*"[irm]",\s*"[^"\r\n]{0,80}"\]\r?\n)?\[\s*[\d.]+,\s*"o",\s*"/;

function inJson(bytes: Uint8Array, at: number): Escape | undefined {
  const mark = bytes[at + 1];
  if (mark === 0x5d) {
    const cast = CAST.exec(textAt(bytes, at));
    return cast === null ? undefined : { length: cast[0].length, byte: undefined };
  }
  if (mark !== 0x2c && mark !== 0x7d) return undefined;
  const docker = DOCKER.exec(latin1(bytes, at, at + REST));
  return docker === null ? marked(bytes, at) : ofDocker(bytes, at, docker);
}

function ofDocker(bytes: Uint8Array, at: number, own: RegExpExecArray): Escape | undefined {
  for (let line = at + own[0].length; line < at + BETWEEN; ) {
    if (latin1(bytes, line, line + DOCKER_TEXT.length) !== DOCKER_TEXT) return undefined;
    const stop = lineStop(bytes, line, 2 * LINE_BEFORE);
    const rest = stop === undefined ? '' : latin1(bytes, Math.max(line, stop - HEAD), stop);
    const stream = /"stream":"(\w+)"/.exec(rest)?.[1];
    if (stream === undefined || stream === own[1])
      return { length: line + DOCKER_TEXT.length - at, byte: undefined };
    line = behindEnd(bytes, stop!) ?? bytes.length;
  }
  return undefined;
}

/** A record that says of itself that its text goes on, and the next. */
function marked(bytes: Uint8Array, at: number): Escape | undefined {
  const stop = lineStop(bytes, at, REST);
  const next = stop === undefined || bytes[stop - 1] !== 0x7d ? undefined : behindEnd(bytes, stop);
  if (next === undefined || bytes[next] !== 0x7b) return undefined;
  const start = lineBegin(bytes, at, LINE_BEFORE);
  const head = start === undefined ? '' : latin1(bytes, start, Math.min(at, start + REST));
  const opening = openingQuote(bytes, at, start ?? at);
  if (opening !== undefined && !KEY_BEFORE.test(latin1(bytes, Math.max(0, opening - 12), opening)))
    return undefined;
  if (!PARTIAL.test(latin1(bytes, at, stop!)) && !PARTIAL.test(head)) return undefined;
  const key = KEY.exec(latin1(bytes, next, next + REST));
  return key === null ? undefined : { length: next + key.index + key[0].length - at, byte: undefined };
}

/** Where the string begins that ends at `at`; `undefined` where that is before `floor`. */
function openingQuote(bytes: Uint8Array, at: number, floor: number): number | undefined {
  for (let next = at - 1; next >= floor; next--)
    if (bytes[next] === 0x22 && bytes[next - 1] !== 0x5c) return next;
  return undefined;
}

/**
 * Whether a second part that stands behind what is at `at` follows a first one that ends in the byte `last`, as far as a
 * glance tells: what a prefix ends like stands in many places.
 */
export function followsFirstPart(bytes: Uint8Array, at: number, last: number): boolean {
  if (bytes[at + 1] === 0x2b) return followsLine(bytes, at, last, TRACE);
  switch (bytes[at]) {
    case 0x67:
    case 0x65:
    case 0x45: {
      const key = latin1(bytes, Math.max(0, at - 8), at + 3);
      const reach = key.endsWith('{"log":') ? HEAD : REST;
      return KEY_BEFORE.test(key) && endsString(bytes, at, reach, last);
    }
    case 0x22:
      return endsString(bytes, at, HEAD, last);
    case 0x20:
      return followsLine(bytes, at, last, CRI);
    case 0x3a: {
      const start = lineBegin(bytes, at, HEAD);
      return start !== undefined && endsIn(bytes, start - 1, last);
    }
    default:
      return true;
  }
}

/** Whether a string ends in a byte, not farther before than `reach`. */
function endsString(bytes: Uint8Array, at: number, reach: number, last: number): boolean {
  const before = latin1(bytes, Math.max(0, at - reach), at);
  const end = `${String.fromCharCode(last)}"`;
  for (let next = before.lastIndexOf(end); next > 0; next = before.lastIndexOf(end, next - 1))
    if (',]}'.includes(before[next + 2] ?? ' ')) return true;
  return false;
}

/** Whether the line of the same stream before the one whose head is at `at` ends in a byte. */
function followsLine(bytes: Uint8Array, at: number, last: number, head: RegExp): boolean {
  let start = lineBegin(bytes, at, HEAD);
  const own = start === undefined ? null : head.exec(textAt(bytes, start));
  if (own === null) return false;
  while (start !== undefined && start > 0 && start > at - BETWEEN) {
    const end = start - 1;
    start = lineBegin(bytes, end, LINE_BEFORE);
    if (endsIn(bytes, end, last)) return true;
    if (start === undefined || head.exec(textAt(bytes, start))?.[1] === own[1]) return false;
  }
  return false;
}

function textAt(bytes: Uint8Array, at: number): string {
  return latin1(bytes, at, at + HEAD);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
