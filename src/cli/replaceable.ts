import { closeSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { Misuse } from '../model/misuse.js';

/** So far everything that this program writes is text: the first line of a state, which goes on in bytes, is longer. */
const TEXT = 64;

/**
 * @throws {Misuse} for a device or a pipe: a file that is renamed over a device takes its place for everybody, and reading
 *   one may never end. A folder is in nobody's danger: no file takes its place.
 */
export function refuseSpecial(path: string): void {
  const found = statOf(path);
  if (found === undefined || found.isFile() || found.isDirectory()) return;
  throw new Misuse(`${path} is not a regular file`);
}

/** @throws {Misuse} for what nobody wrote with this program: as a rule the archive that was meant to be scanned. */
export function refuseBinary(path: string): void {
  if (startOf(path).some((byte) => byte < 0x09 || byte >= 0xf8)) {
    throw new Misuse(`${path} already exists and is not text, so it was left as it is; name another file`);
  }
}

/** Nothing of what is no file, or can't be read. */
function startOf(path: string): Uint8Array {
  if (statOf(path)?.isFile() !== true) return new Uint8Array();
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const start = Buffer.alloc(TEXT);
    return start.subarray(0, readSync(descriptor, start, 0, TEXT, 0));
  } catch {
    return new Uint8Array();
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
