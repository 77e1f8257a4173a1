import { createHash } from 'node:crypto';
import type { ObjectType } from '../../model/provenance.js';

/** The hash a repository names its objects by (`extensions.objectFormat`). */
export interface ObjectFormat {
  readonly name: 'sha1' | 'sha256';
  /** Length of an object ID in bytes. */
  readonly bytes: 20 | 32;
}

export const SHA1: ObjectFormat = { name: 'sha1', bytes: 20 };
export const SHA256: ObjectFormat = { name: 'sha256', bytes: 32 };

/** The ID of an object: the hash of its header and content (gitformat-loose). */
export function idOf(format: ObjectFormat, type: ObjectType, content: Uint8Array): string {
  return createHash(format.name).update(`${type} ${content.length}\0`).update(content).digest('hex');
}

const HEX_OF_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** `length` bytes at `at` in hexadecimal. */
export function hexAt(bytes: Uint8Array, at: number, length: number): string {
  let hex = '';
  for (let end = at + length; at < end; at++) hex += HEX_OF_BYTE[bytes[at]!];
  return hex;
}
