import { createCipheriv, pbkdf2Sync } from 'node:crypto';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt, WindowAccess } from '../random-access.js';
import type { Spool } from '../spool.js';
import { extraField } from './zip-directory.js';
import { DESCRIPTOR, ENCRYPTED, type ZipReading } from './zip-member.js';

const CHUNK = 256 * 1024;
/** The method of members that are encrypted by AES; their own stands in an extra field. */
export const AES = 99;
const AES_FIELD = 0x9901;
const AUTHENTICATION = 10;
const VERIFIER = 2;
const HEADER = 12;

/** A member's packed data in the clear, and how to read it. */
export interface Decrypted {
  readonly access: RandomAccess;
  readonly reading: ZipReading;
}

/**
 * Tries the passwords on a member encrypted by ZipCrypto (APPNOTE 6.1) or WinZip's AES (AE-1, AE-2) and gives what each
 * that fits makes of it. ZipCrypto proves a password by one byte only: one wrong password in 256 passes, too.
 */
export function* decryptions(
  access: RandomAccess,
  reading: ZipReading,
  passwords: readonly string[],
  spool: Spool,
): Generator<Decrypted> {
  const data = new WindowAccess(access, reading.data, reading.packed);
  for (const password of passwords) {
    const decrypted =
      reading.method === AES
        ? decryptAes(data, reading, password, spool)
        : decryptZipCrypto(data, reading, password, spool);
    if (decrypted !== undefined) yield decrypted;
  }
}

function decryptZipCrypto(
  data: RandomAccess,
  reading: ZipReading,
  password: string,
  spool: Spool,
): Decrypted | undefined {
  const keys = new ZipCryptoKeys(Buffer.from(password));
  const header = bytesAt(data, 0, HEADER);
  keys.decrypt(header);
  const expected = reading.flags & DESCRIPTOR ? reading.time >>> 8 : reading.checksum >>> 24;
  if (header.length < HEADER || header[HEADER - 1] !== expected) return undefined;
  return {
    access: mapped(data, HEADER, data.size, spool, (chunk) => keys.decrypt(chunk)),
    reading: clear(reading, reading.method, data.size - HEADER),
  };
}

function decryptAes(
  data: RandomAccess,
  reading: ZipReading,
  password: string,
  spool: Spool,
): Decrypted | undefined {
  const field = extraField(reading.extra, AES_FIELD);
  const strength = field?.[4] ?? 0;
  if (field === undefined || field.length < 7 || strength < 1 || strength > 3) return undefined;
  const saltLength = 4 + 4 * strength;
  const keyLength = 8 + 8 * strength;
  const start = bytesAt(data, 0, saltLength + VERIFIER);
  if (start.length < saltLength + VERIFIER) return undefined;
  const derived = pbkdf2Sync(password, start.subarray(0, saltLength), 1000, 2 * keyLength + VERIFIER, 'sha1');
  if (!derived.subarray(2 * keyLength).equals(start.subarray(saltLength))) return undefined;
  const stream = aesStream(derived.subarray(0, keyLength));
  const end = data.size - AUTHENTICATION;
  const access = mapped(data, start.length, end, spool, stream);
  // AE-2 has no checksum: the authentication code stands for it.
  const known =
    field.readUInt16LE(0) === 1 ? reading : { ...reading, flags: reading.flags | DESCRIPTOR, checksum: 0 };
  return { access, reading: clear(known, field.readUInt16LE(5), end - start.length) };
}

function clear(reading: ZipReading, method: number, packed: number): ZipReading {
  return { ...reading, flags: reading.flags & ~ENCRYPTED, method, packed: Math.max(0, packed), data: 0 };
}

/** What `change` makes of the bytes from `start` to `end`, kept in the spool. */
function mapped(
  data: RandomAccess,
  start: number,
  end: number,
  spool: Spool,
  change: (chunk: Buffer) => void,
): RandomAccess {
  const writer = spool.writer();
  for (let position = start; position < end; ) {
    const chunk = bytesAt(data, position, Math.min(CHUNK, end - position));
    if (chunk.length === 0) break;
    change(chunk);
    writer.write(chunk);
    position += chunk.length;
  }
  return writer.end();
}

/** AES in counter mode with the counter little-endian from 1, as WinZip has it; chunks are whole blocks but the last. */
function aesStream(key: Buffer): (chunk: Buffer) => void {
  const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
  let counter = 1;
  return (chunk) => {
    const blocks = Buffer.alloc(Math.ceil(chunk.length / 16) * 16);
    for (let at = 0; at < blocks.length; at += 16) blocks.writeUIntLE(counter++, at, 6);
    const pad = cipher.update(blocks);
    for (let i = 0; i < chunk.length; i++) chunk[i]! ^= pad[i]!;
  };
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, value) => {
  let crc = value;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

class ZipCryptoKeys {
  #a = 0x12345678;
  #b = 0x23456789;
  #c = 0x34567890;

  constructor(password: Buffer) {
    for (const byte of password) this.#update(byte);
  }

  decrypt(bytes: Buffer): void {
    for (let i = 0; i < bytes.length; i++) {
      const mix = (this.#c & 0xffff) | 2;
      const byte = bytes[i]! ^ ((Math.imul(mix, mix ^ 1) >>> 8) & 0xff);
      bytes[i] = byte;
      this.#update(byte);
    }
  }

  #update(byte: number): void {
    this.#a = (this.#a >>> 8) ^ CRC_TABLE[(this.#a ^ byte) & 0xff]!;
    this.#b = (Math.imul(this.#b + (this.#a & 0xff), 134_775_813) + 1) | 0;
    this.#c = (this.#c >>> 8) ^ CRC_TABLE[(this.#c ^ (this.#b >>> 24)) & 0xff]!;
  }
}
