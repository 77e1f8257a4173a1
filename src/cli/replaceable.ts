import { closeSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { Misuse } from '../model/misuse.js';
import { isNoText, sniff } from '../sources/archive/sniff.js';

/** What this program writes to files whose names it is given. */
export type Written = 'report' | 'plan' | 'state' | 'token';

/** How a file begins that this program has written before. What begins otherwise may be the log that was to be scanned. */
const BEGINNINGS: Readonly<Record<Written, readonly RegExp[]>> = {
  report: [
    /^(No token found|\d+ tokens?[,.])/,
    /^\s*\{\s*"schema"\s*:\s*"guardsweep-report\//,
    /^\s*\{\s*"version"\s*:\s*"2\.1\.0"\s*,\s*"\$schema"[^{]*\{\s*"tool"\s*:\s*\{\s*"driver"\s*:\s*\{\s*"name"\s*:\s*"guardsweep"/,
    /^"fingerprint","rule","redacted",/,
    /^# guardsweep\n/,
    /^::(error|warning|notice) /,
    /^\{"event":"(found|probed)","at":/,
  ],
  plan: [/^\s*\{\s*"schema"\s*:\s*"guardsweep-plan\//],
  state: [/^[0-9a-f]{32}/],
  // A token, or another one, alone: where it stands beside something, that would be lost.
  token: [/^[\w.:-]+\s*$/],
};

/** How reports and plans are called: a text of such a name is replaced, whichever program wrote it. */
const NAMED_LIKE_ONE = /\.(?:json|sarif|csv|md)$/i;

/** How the secrets begin that a line by itself may be. */
const SECRET = /tg_(?:org|anon)_|shisho_apikey_/;

/** Bytes that tell. */
const BEGINNING = 4096;

/**
 * @throws {Misuse} for a device or a pipe: a file that is renamed over a device takes its place for everybody, and reading
 *   one may never end. A folder is in nobody's danger: no file takes its place.
 */
export function refuseSpecial(path: string): void {
  const found = statOf(path);
  if (found === undefined || found.isFile() || found.isDirectory()) return;
  throw new Misuse(`${path} is not a regular file`);
}

/** @throws {Misuse} for a file with something in it that this program did not write there: it may be evidence. */
export function refuseOthers(path: string, written: Written): void {
  const beginning = beginningOf(path);
  if (isOurs(beginning, written)) return;
  const isNamedSo = written !== 'token' && NAMED_LIKE_ONE.test(path);
  if (isNamedSo && !isNoText(Buffer.from(beginning, 'latin1'))) return;
  throw new Misuse(
    `${path} already exists and is not a ${written} written by guardsweep, so it was left as it is; name another file, or remove it`,
  );
}

/**
 * Whether a state may be kept in a file. A broken one is replaced, as long as it can't be something else that somebody needs:
 * an archive, a text of several lines, or a token or a key.
 */
export function mayHoldState(path: string): boolean {
  const beginning = beginningOf(path);
  if (isOurs(beginning, 'state')) return true;
  const bytes = Buffer.from(beginning, 'latin1');
  return isNoText(bytes) ? sniff(bytes) === undefined : !/\n./s.test(beginning) && !SECRET.test(beginning);
}

/** Of a file that is not there, is empty, or was written by this program before. */
function isOurs(beginning: string, written: Written): boolean {
  return beginning.trim() === '' || BEGINNINGS[written].some((each) => each.test(beginning));
}

/** A byte a character; nothing of what is no file, or can't be read. */
function beginningOf(path: string): string {
  if (statOf(path)?.isFile() !== true) return '';
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const start = Buffer.alloc(BEGINNING);
    return start.toString('latin1', 0, readSync(descriptor, start, 0, BEGINNING, 0));
  } catch {
    return '';
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Nothing where none can be had: writing there says why. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
