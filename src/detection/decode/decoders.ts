import { decodeBase32 } from './base32.js';
import { decodeBase64 } from './base64.js';
import { decodeByteList } from './byte-list.js';
import { decodeHexWords, decodeOctalDump } from './dump.js';
import type { DecoderName } from './encoding.js';
import {
  type EscapeReader,
  escapeDecoder,
  readAdjacency,
  readAnsi,
  readBackslash,
  readConcatenation,
  readCss,
  readEntity,
  readInvisible,
  readMarkup,
  readPercent,
  readQuotedPrintable,
} from './escapes.js';
import { decodeHex } from './hex.js';
import { decodeUtf7 } from './utf7.js';
import type { Decoder } from './view.js';
import { decodeUtf16, decodeUtf32 } from './wide.js';

/** By the byte that begins an escape: how to read one, and what decodes the text that it stands in. */
export const ESCAPES: ReadonlyMap<number, { readonly decoder: DecoderName; readonly read: EscapeReader }> =
  new Map<number, { readonly decoder: DecoderName; readonly read: EscapeReader }>([
    [0x25, { decoder: 'percent', read: readPercent }],
    [0x5c, { decoder: 'escape', read: readBackslash }],
    [0x26, { decoder: 'html-entity', read: readEntity }],
    [0x3d, { decoder: 'quoted-printable', read: readQuotedPrintable }],
    [0x1b, { decoder: 'ansi', read: readAnsi }],
    [0x3c, { decoder: 'markup', read: readMarkup }],
    ...[0xc2, 0xe2, 0xef].map((lead) => [lead, { decoder: 'invisible', read: readInvisible }] as const),
    ...[0x22, 0x27, 0x60].map(
      (quote) => [quote, { decoder: 'concatenation', read: readConcatenation }] as const,
    ),
  ]);

export const DECODERS: Readonly<Record<DecoderName, Decoder>> = {
  base64: decodeBase64,
  utf16: decodeUtf16,
  utf32: decodeUtf32,
  hex: decodeHex,
  percent: escapeDecoder('percent', readPercent),
  escape: escapeDecoder('escape', readBackslash),
  'html-entity': escapeDecoder('html-entity', readEntity),
  'quoted-printable': escapeDecoder('quoted-printable', readQuotedPrintable),
  ansi: escapeDecoder('ansi', readAnsi),
  base32: decodeBase32,
  'byte-list': decodeByteList,
  'hex-words': decodeHexWords,
  'octal-dump': decodeOctalDump,
  utf7: decodeUtf7,
  concatenation: escapeDecoder('concatenation', readConcatenation),
  adjacency: escapeDecoder('adjacency', readAdjacency),
  css: escapeDecoder('css', readCss),
  invisible: escapeDecoder('invisible', readInvisible),
  markup: escapeDecoder('markup', readMarkup),
};
