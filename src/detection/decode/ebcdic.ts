import type { Decoder } from './view.js';
import { NOT_TEXT, READ_AFTER, ViewBuilder } from './view.js';

/** How many bytes before the hit are read: what shows the left boundary. */
const BYTES_BEFORE = 64;

/** What all code pages of EBCDIC have in common (the syntactic character set), by code. */
export const EBCDIC: ReadonlyMap<string, number> = new Map([
  ...run('abcdefghi', 0x81),
  ...run('jklmnopqr', 0x91),
  ...run('stuvwxyz', 0xa2),
  ...run('ABCDEFGHI', 0xc1),
  ...run('JKLMNOPQR', 0xd1),
  ...run('STUVWXYZ', 0xe2),
  ...run('0123456789', 0xf0),
  ...run(' ', 0x40),
  ...run('.<(+', 0x4b),
  ...run('&', 0x50),
  ...run('*);', 0x5c),
  ...run('-/', 0x60),
  ...run(',%_>?', 0x6b),
  ...run(':', 0x7a),
  ...run('\'="', 0x7d),
]);

const CHARACTERS = new Uint8Array(256).fill(NOT_TEXT);
for (const [character, code] of EBCDIC) CHARACTERS[code] = character.charCodeAt(0);
// Ends of lines: NEL, CR, LF.
for (const code of [0x15, 0x0d, 0x25]) CHARACTERS[code] = 0x0a;

/** Text of mainframes. */
export const decodeEbcdic: Decoder = (bytes, at) => {
  const builder = new ViewBuilder();
  const limit = Math.min(bytes.length, at + READ_AFTER);
  let next = Math.max(0, at - BYTES_BEFORE);
  for (; next < limit && !builder.full; next++) builder.push(CHARACTERS[bytes[next]!]!, next, next + 1);
  return builder.view('ebcdic', next, limit, bytes);
};

function run(characters: string, first: number): [string, number][] {
  return [...characters].map((character, index) => [character, first + index]);
}
