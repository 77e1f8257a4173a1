import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream } from '../random-access.js';
import { type Expansion, type Found, member, placeIn } from './found.js';
import { type DecodedText, TextDecodingStream } from './text-decoding-stream.js';

/** A time, what kind of event it is, and its text (docs.asciinema.org, asciicast v2 and v3). */
const EVENT = /^\[\s*[\d.]+,\s*"([oi])",\s*("(?:[^"\\]|\\.)*")\s*\]\s*$/;
/** No line that is waited for is longer. */
const LONGEST_LINE = 1024 * 1024;

const KINDS = { output: 'o', input: 'i' } as const;

/** What a terminal showed, and what was typed if that was recorded: character by character as a rule, each an event of its own. */
export function* readAsciicast(
  access: RandomAccess,
  where: Provenance,
  { budget }: Expansion,
): Generator<Found> {
  for (const [path, kind] of Object.entries(KINDS)) {
    budget.entry();
    budget.expand(access.size, 0);
    const content = new TextDecodingStream(new AccessStream(access), (text, isLast) =>
      textOf(text, kind, isLast),
    );
    yield member({ type: 'unit', provenance: placeIn(where, path, [`asciicast ${path}`]), content });
  }
}

/** The text of the events of one kind in whole lines. */
function textOf(text: string, kind: string, isLast: boolean): DecodedText {
  const end = isLast || text.length > LONGEST_LINE ? text.length : text.lastIndexOf('\n') + 1;
  let shown = '';
  for (const line of text.slice(0, end).split('\n')) {
    const event = EVENT.exec(line);
    if (event !== null && event[1] === kind) shown += written(event[2]!);
  }
  return { bytes: Buffer.from(shown, 'latin1'), rest: text.slice(end) };
}

/** What a string of JSON says, a byte for each character: those beyond are no part of a token. */
function written(string: string): string {
  try {
    return (JSON.parse(string) as string).replace(/[^\0-\xff]/g, '\xff');
  } catch {
    return '';
  }
}
