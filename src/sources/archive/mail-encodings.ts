import type { AccessStream } from '../random-access.js';
import { type DecodedText, TextDecodingStream } from './text-decoding-stream.js';

/** Base64 as mail has it (RFC 2045, 6.8): whatever is not of its alphabet is passed over. */
export function base64Stream(input: AccessStream): TextDecodingStream {
  return new TextDecodingStream(input, decodeBase64);
}

function decodeBase64(text: string, isLast: boolean): DecodedText {
  const letters = text.replace(/[^A-Za-z0-9+/]/g, '');
  const whole = isLast ? letters.length : letters.length - (letters.length % 4);
  return { bytes: Buffer.from(letters.slice(0, whole), 'base64'), rest: letters.slice(whole) };
}

/** Quoted-printable (RFC 2045, 6.7): `=3D`, and lines that go on behind a `=` at their end. */
export function quotedPrintableStream(input: AccessStream): TextDecodingStream {
  return new TextDecodingStream(input, decodeQuotedPrintable);
}

function decodeQuotedPrintable(text: string, isLast: boolean): DecodedText {
  const cut = isLast ? -1 : text.search(/=[^\n]{0,2}$/);
  const whole = cut < 0 ? text : text.slice(0, cut);
  const plain = whole
    .replace(/=[ \t]*\r?\n/g, '')
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return { bytes: Buffer.from(plain, 'latin1'), rest: cut < 0 ? '' : text.slice(cut) };
}
