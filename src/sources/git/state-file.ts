import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Diagnostic } from '../../model/diagnostic.js';
import type { ObjectType, Provenance } from '../../model/provenance.js';
import type { IdList, Setting } from './repository-memory.js';

const FORMAT = 'guardsweep-state/2';
/** A digest, a space, and how many bytes the header has. */
const FIRST_LINE = /^([0-9a-f]{64}) (\d{1,10})\n/;
const LONGEST_FIRST_LINE = 64 + 1 + 10 + 1;

/** What is remembered of one repository. */
export interface StoredRepository {
  readonly where: string;
  readonly setting: Setting;
  readonly idBytes: number;
  readonly packs: readonly string[];
  readonly lists: readonly IdList[];
  readonly held: readonly (readonly [string, ObjectType])[];
  readonly lacking: readonly (readonly [string, ObjectType])[];
  readonly said: readonly Diagnostic[];
  readonly blocked: boolean;
  readonly places?: {
    readonly setting: string;
    readonly of: readonly (readonly [string, readonly Provenance[]])[];
  };
}

interface Header {
  readonly format: string;
  readonly key: string;
  /** Of the lists, which stand behind the header one after the other, only lengths and digests. */
  readonly repositories: readonly StoredRepository[];
}

/** A state file that is not what a run has written. */
export class BrokenState extends Error {
  override readonly name = 'BrokenState';
}

/**
 * What a state file says. It is a line with the digest and the length of what follows, a piece of JSON, and object IDs
 * as they are; those are read when they are asked for: of an unchanged repository that is never.
 *
 * @returns undefined where there is no file.
 * @throws {BrokenState}
 */
export function readState(file: string): { key: string; repositories: StoredRepository[] } | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new BrokenState('it cannot be read', { cause: error });
  }
  try {
    const { header, end } = readHeader(descriptor);
    let at = end;
    const repositories = header.repositories.map((each) => {
      const lists = each.lists.map(({ count, sha256 }) => {
        const from = at;
        at += count * each.idBytes;
        return { count, sha256, read: () => readList(file, from, count * each.idBytes, sha256) };
      });
      return { ...each, lists };
    });
    const { size } = fstatSync(descriptor);
    if (at > size) throw new BrokenState('its end is cut off');
    if (at < size) throw new BrokenState('something follows its end');
    return { key: header.key, repositories };
  } catch (error) {
    if (error instanceof BrokenState) throw error;
    throw new BrokenState('it cannot be read', { cause: error });
  } finally {
    closeSync(descriptor);
  }
}

/** A state file, whole. */
export function writeState(key: string, stored: readonly StoredRepository[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const repositories: StoredRepository[] = [];
  for (const each of stored) {
    const lists = each.lists.map((list) => list.read());
    // What can't be read any more counts for nothing.
    if (lists.includes(undefined)) continue;
    for (const list of lists) parts.push(list!);
    repositories.push(each);
  }
  const header: Header = { format: FORMAT, key, repositories };
  const text = Buffer.from(`${JSON.stringify(header)}\n`);
  return Buffer.concat([Buffer.from(`${digest(text)} ${text.length}\n`), text, ...parts]);
}

function readHeader(descriptor: number): { header: Header; end: number } {
  const first = FIRST_LINE.exec(readAt(descriptor, 0, LONGEST_FIRST_LINE).toString('latin1'));
  if (first === null) throw new BrokenState('it is not a state file, or its beginning is cut off');
  const [line, sha256, length] = first;
  const end = line.length + Number(length);
  if (end > fstatSync(descriptor).size) throw new BrokenState('its header is cut off');
  const text = readAt(descriptor, line.length, Number(length));
  if (digest(text) !== sha256) throw new BrokenState('its header does not match its digest');
  const header = JSON.parse(text.toString()) as Header;
  if (header.format !== FORMAT) {
    throw new BrokenState(`it is of the format ${header.format}, which is not known`);
  }
  return { header, end };
}

function readList(file: string, from: number, length: number, sha256: string): Uint8Array | undefined {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const bytes = readAt(descriptor, from, length);
      return digest(bytes) === sha256 ? bytes : undefined;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

function readAt(descriptor: number, from: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(descriptor, bytes, filled, length - filled, from + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
