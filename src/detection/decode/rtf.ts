import { latin1 } from '../latin1.js';
import type { EscapeReader } from './escape.js';

const LONGEST = 768;
/** What stands between two runs: ends and beginnings of groups, control words, line ends, and groups that readers pass over. */
const BETWEEN =
  /^[{}](?:[{}\r\n]|\{?\\\*\\[a-z]{1,32}[^{}\\]{0,64}\}|\\(?!(?:par|line|tab|cell|row|sect|page|column|u\d)\b)[a-z]{1,32}(?:-?\d{1,10})? ?)*/;

/** Groups and control words between runs of RTF (1.9.1): taken out. What parts lines or cells is none of them. */
export const readRtf: EscapeReader = (bytes, at) => {
  if (bytes[at] !== 0x7d && bytes[at] !== 0x7b) return undefined;
  if (bytes[at + 1] !== 0x5c && bytes[at + 1] !== 0x7b && bytes[at + 1] !== 0x7d && bytes[at + 1]! > 0x0d)
    return undefined;
  const found = BETWEEN.exec(latin1(bytes, at, at + LONGEST));
  return found?.[0].includes('\\') ? { length: found[0].length, byte: undefined } : undefined;
};
