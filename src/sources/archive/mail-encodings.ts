import type { ByteStream } from '../../model/source.js';
import type { AccessStream } from '../random-access.js';

const INPUT = 48 * 1024;

/** Base64 as mail has it (RFC 2045, 6.8): whatever is not of its alphabet is passed over. */
export class Base64Stream implements ByteStream {
  readonly #input: AccessStream;
  #pending = '';
  #ready: Buffer = Buffer.alloc(0);

  constructor(input: AccessStream) {
    this.#input = input;
  }

  read(into: Uint8Array): number {
    while (this.#ready.length === 0) {
      const chunk = Buffer.allocUnsafe(INPUT);
      const count = this.#input.read(chunk);
      if (count === 0 && this.#pending === '') return 0;
      const text = this.#pending + chunk.toString('latin1', 0, count).replace(/[^A-Za-z0-9+/]/g, '');
      const whole = count === 0 ? text.length : text.length - (text.length % 4);
      this.#pending = text.slice(whole);
      this.#ready = Buffer.from(text.slice(0, whole), 'base64');
      if (count === 0 && this.#ready.length === 0) return 0;
    }
    const count = Math.min(into.length, this.#ready.length);
    into.set(this.#ready.subarray(0, count));
    this.#ready = this.#ready.subarray(count);
    return count;
  }

  close(): void {}
}

/** Quoted-printable (RFC 2045, 6.7): `=3D`, and lines that go on behind a `=` at their end. */
export class QuotedPrintableStream implements ByteStream {
  readonly #input: AccessStream;
  #pending = '';
  #ready: Buffer = Buffer.alloc(0);

  constructor(input: AccessStream) {
    this.#input = input;
  }

  read(into: Uint8Array): number {
    while (this.#ready.length === 0) {
      const chunk = Buffer.allocUnsafe(INPUT);
      const count = this.#input.read(chunk);
      if (count === 0 && this.#pending === '') return 0;
      const text = this.#pending + chunk.toString('latin1', 0, count);
      const cut = count === 0 ? -1 : text.search(/=[^\n]{0,2}$/);
      this.#pending = cut < 0 ? '' : text.slice(cut);
      const whole = cut < 0 ? text : text.slice(0, cut);
      const plain = whole
        .replace(/=[ \t]*\r?\n/g, '')
        .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
      this.#ready = Buffer.from(plain, 'latin1');
      if (count === 0 && this.#ready.length === 0) return 0;
    }
    const count = Math.min(into.length, this.#ready.length);
    into.set(this.#ready.subarray(0, count));
    this.#ready = this.#ready.subarray(count);
    return count;
  }

  close(): void {}
}

/** What uuencode writes (POSIX): a character for the length of each line, and four for three bytes. */
export class UuStream implements ByteStream {
  readonly #input: AccessStream;
  #pending = '';
  #ready: Buffer = Buffer.alloc(0);

  constructor(input: AccessStream) {
    this.#input = input;
  }

  read(into: Uint8Array): number {
    while (this.#ready.length === 0) {
      const chunk = Buffer.allocUnsafe(INPUT);
      const count = this.#input.read(chunk);
      if (count === 0 && this.#pending === '') return 0;
      const lines = (this.#pending + chunk.toString('latin1', 0, count)).split('\n');
      // A line that never ends is none of uuencode's.
      this.#pending = count === 0 ? '' : lines.pop()!.slice(0, LONGEST_LINE);
      this.#ready = Buffer.concat(lines.map(uudecoded));
      if (count === 0 && this.#ready.length === 0) return 0;
    }
    const count = Math.min(into.length, this.#ready.length);
    into.set(this.#ready.subarray(0, count));
    this.#ready = this.#ready.subarray(count);
    return count;
  }

  close(): void {}
}

/** A length of at most 63, in groups of three. */
const LONGEST_LINE = 1 + 84 + 2;

/** A line of it. */
export function uudecoded(line: string): Buffer {
  const value = (at: number) => (at < line.length ? (line.charCodeAt(at) - 32) & 63 : 0);
  const bytes = Buffer.alloc(line.length === 0 ? 0 : value(0));
  for (let at = 0; at < bytes.length; at++) {
    const group = 1 + Math.floor(at / 3) * 4 + (at % 3);
    const shift = 2 * (at % 3);
    bytes[at] = ((value(group) << (2 + shift)) | (value(group + 1) >> (4 - shift))) & 255;
  }
  return bytes;
}
