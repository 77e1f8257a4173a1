import { crc32 } from 'node:zlib';
import { BudgetExceeded } from '../../model/budget.js';
import type { Provenance } from '../../model/provenance.js';
import type { ByteStream } from '../../model/source.js';
import { type Damage, drain } from './decoded-stream.js';
import type { Expansion } from './found.js';
import type { InflateStream } from './inflate-stream.js';
import type { NativeInflateStream } from './native-inflate-stream.js';
import type { StoredStream } from './stored-stream.js';
import type { Decrypted } from './zip-decrypt.js';
import { canRead, isUnchecked, openMember, packedFile, unpackFile, type ZipReading } from './zip-member.js';

const CHUNK = 256 * 1024;

/** What is wrong with a member that was read, or undefined. It reads on to the end, for the checksum. */
export async function damageOf(
  stream: InflateStream | NativeInflateStream | StoredStream,
  reading: ZipReading,
  size: number,
): Promise<Damage | BudgetExceeded | { readonly detail: string } | undefined> {
  if (stream.fault === undefined) await drain(stream);
  if (stream.fault instanceof BudgetExceeded) return stream.fault;
  if (reading.data + reading.packed > size)
    return { at: size, detail: 'the zip ends in the middle of this member' };
  if (stream.fault !== undefined) return { at: reading.data + stream.fault.at, detail: stream.fault.detail };
  return isUnchecked(reading) || stream.checksum === reading.checksum
    ? undefined
    : { detail: 'its checksum does not match its content, which was scanned as it is' };
}

/** Whether it is what its checksum says, as the right password makes it. */
export async function isWhole(
  { access, reading }: Decrypted,
  expansion: Expansion,
  where: Provenance,
): Promise<boolean> {
  if (!canRead(reading)) return true;
  const file = packedFile(access, reading);
  if (file === undefined) {
    const content = openMember(access, reading, expansion.budget);
    return 'bytes' in content || (await damageOf(content.stream, reading, access.size)) === undefined;
  }
  let checksum = 0;
  for await (const found of unpackFile(file, reading, where, expansion)) {
    if (found.type !== 'member') return false;
    checksum = await checksumOf(found.unit.content);
  }
  return isUnchecked(reading) || checksum === reading.checksum;
}

async function checksumOf(content: Uint8Array | ByteStream): Promise<number> {
  if (content instanceof Uint8Array) return crc32(content);
  const chunk = Buffer.allocUnsafe(CHUNK);
  let checksum = 0;
  for (;;) {
    const reading = content.read(chunk);
    const count = typeof reading === 'number' ? reading : await reading;
    if (count === 0) return checksum;
    checksum = crc32(chunk.subarray(0, count), checksum);
  }
}
