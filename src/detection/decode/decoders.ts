import { readBackslash } from './backslash.js';
import { decodeBase32 } from './base32.js';
import { decodeBase64 } from './base64.js';
import { decodeBase85 } from './base85.js';
import { decodeBinary } from './binary.js';
import { decodeByteList } from './byte-list.js';
import { decodeCharacters } from './characters.js';
import { readFullwidth, readInvisible } from './code-points.js';
import { followsControl, readAnsi } from './control-sequences.js';
import { followsFirstPart, readCut } from './cut-lines.js';
import { decodeHexWords, decodeOctalDump } from './dump.js';
import { decodeEbcdic } from './ebcdic.js';
import type { DecoderName } from './encoding.js';
import { readEntity } from './entities.js';
import { type Escape, type EscapeReader, escapeDecoder } from './escape.js';
import { readCss, readPercent, readQuotedPrintable } from './escapes.js';
import { followsFullLine, readFold } from './folded.js';
import { decodeHex } from './hex.js';
import { readAdjacency, readConcatenation } from './joined-strings.js';
import { decodeMarkedEnd } from './marked-end.js';
import { followsTaggedPart, readMarkup } from './markup.js';
import { decodeNumberWords } from './number-words.js';
import { decodeOverstrike, readBack } from './overstrike.js';
import { decodeReversed } from './reversed.js';
import { decodeRot13, decodeRot47 } from './rotated.js';
import { readRtf } from './rtf.js';
import { decodeUtf7 } from './utf7.js';
import type { Decoder } from './view.js';
import { decodeUtf16, decodeUtf32 } from './wide.js';
import { decodeYenc } from './yenc.js';

interface KnownEscape {
  readonly decoder: DecoderName;
  readonly read: EscapeReader;
}

const INVISIBLE: KnownEscape = { decoder: 'invisible', read: readInvisible };
const CUT: KnownEscape = { decoder: 'cut-lines', read: readCut };
const BACK: KnownEscape = { decoder: 'overstrike', read: readBack };
const PUT_IN: KnownEscape = { decoder: 'concatenation', read: readConcatenation };
const QUOTED: readonly KnownEscape[] = [PUT_IN, CUT];

/** By the byte that begins an escape: how to read one, and what decodes the text that it stands in. */
const ESCAPES: ReadonlyMap<number, readonly KnownEscape[]> = new Map<number, readonly KnownEscape[]>([
  [0x25, [{ decoder: 'percent', read: readPercent }, PUT_IN]],
  [0x5c, [{ decoder: 'escape', read: readBackslash }]],
  [0x26, [{ decoder: 'html-entity', read: readEntity }]],
  [0x3d, [{ decoder: 'quoted-printable', read: readQuotedPrintable }]],
  [0x3f, [{ decoder: 'quoted-printable', read: readQuotedPrintable }]],
  [0x08, [BACK]],
  [0x1b, [BACK, { decoder: 'ansi', read: readAnsi }]],
  [0x3c, [{ decoder: 'markup', read: readMarkup }]],
  [0x5d, [{ decoder: 'markup', read: readMarkup }]],
  [0x24, [PUT_IN]],
  [0x7b, [{ decoder: 'rtf', read: readRtf }, PUT_IN]],
  [0x7d, [{ decoder: 'rtf', read: readRtf }]],
  [0x0a, [CUT]],
  [0x0d, [CUT]],
  [0x22, QUOTED],
  [0x27, QUOTED],
  [0x60, QUOTED],
  [0xc2, [INVISIBLE]],
  [0xe2, [INVISIBLE]],
  [0xef, [INVISIBLE, { decoder: 'fullwidth', read: readFullwidth }]],
]);

/** An escape, and what decodes the text that it stands in. */
export interface FoundEscape extends Escape {
  readonly decoder: DecoderName;
}

/** The escape that begins at a place, if one does. */
export function escapeAt(bytes: Uint8Array, at: number): FoundEscape | undefined {
  for (const { decoder, read } of ESCAPES.get(bytes[at] ?? -1) ?? []) {
    const found = read(bytes, at);
    if (found !== undefined) return { ...found, decoder };
  }
  return undefined;
}

export const DECODERS: Readonly<Record<DecoderName, Decoder>> = {
  base64: decodeBase64,
  utf16: decodeUtf16,
  utf32: decodeUtf32,
  hex: decodeHex,
  percent: escapeDecoder('percent', readPercent),
  escape: escapeDecoder('escape', readBackslash),
  'html-entity': escapeDecoder('html-entity', readEntity),
  'quoted-printable': escapeDecoder('quoted-printable', readQuotedPrintable),
  ansi: cutDecoder(escapeDecoder('ansi', readAnsi), followsControl),
  overstrike: decodeOverstrike,
  reversed: decodeReversed,
  'marked-end': decodeMarkedEnd,
  rot13: decodeRot13,
  rot47: decodeRot47,
  base32: decodeBase32,
  base85: decodeBase85,
  yenc: decodeYenc,
  'byte-list': decodeByteList,
  'hex-words': decodeHexWords,
  'octal-dump': decodeOctalDump,
  'number-words': decodeNumberWords,
  characters: decodeCharacters,
  binary: decodeBinary,
  ebcdic: decodeEbcdic,
  utf7: decodeUtf7,
  concatenation: escapeDecoder('concatenation', readConcatenation),
  adjacency: escapeDecoder('adjacency', readAdjacency),
  css: escapeDecoder('css', readCss),
  invisible: escapeDecoder('invisible', readInvisible),
  fullwidth: escapeDecoder('fullwidth', readFullwidth),
  markup: cutDecoder(escapeDecoder('markup', readMarkup), followsTaggedPart),
  rtf: escapeDecoder('rtf', readRtf),
  'cut-lines': cutDecoder(escapeDecoder('cut-lines', readCut), followsFirstPart),
  folded: cutDecoder(escapeDecoder('folded', readFold), followsFullLine),
};

/** Undoes a cut where a second part follows a first: of those the group is the byte before the cut. */
function cutDecoder(
  decoder: Decoder,
  follows: (bytes: Uint8Array, at: number, last: number) => boolean,
): Decoder {
  return (bytes, at, group) =>
    group === 0 || follows(bytes, at, group) ? decoder(bytes, at, group) : undefined;
}
