import { type Provenance, textOfPath } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt, WindowAccess } from '../random-access.js';
import { type Expansion, type Found, item, member, placeIn } from './found.js';
import { base64Stream, quotedPrintableStream } from './mail-encodings.js';
import { decodedHeaders } from './mail-headers.js';
import { uuStream } from './uuencode.js';

const WINDOW = 256 * 1024;
/** What is read of a line: a boundary has 70 characters at most, a header line 998 (RFC 5322, 2.1.1). */
const LINE = 4096;
/** Parts of one file whose boundaries are remembered. */
const BOUNDARIES = 10_000;

/**
 * Reads an e-mail or a mailbox (RFC 5322, 2045, 4155): the text as it is, and every part that is transferred in base64
 * or quoted-printable as what it stands for; so what was uuencoded, in a mail or alone.
 */
export async function* readMail(
  access: RandomAccess,
  where: Provenance,
  { budget }: Expansion,
): AsyncGenerator<Found> {
  yield item({ type: 'unit', provenance: where, content: new AccessStream(access) });
  budget.expand(0, access.size);
  let count = 0;
  for (const part of encodedParts(access)) {
    if ('decoded' in part) {
      const { decoded, start, end } = part;
      const provenance = placeIn(where, `headers at byte ${start}`, ['mail', 'headers'], { start, end });
      yield item({ type: 'unit', provenance, content: decoded });
      continue;
    }
    budget.entry();
    budget.expand(part.end - part.start, 0);
    count += 1;
    const body = new AccessStream(new WindowAccess(access, part.start, part.end - part.start));
    const content = DECODERS[part.encoding](body);
    const path = part.name ?? `part ${count}`;
    const provenance = placeIn(where, path, ['mail', part.encoding], { start: part.start, end: part.end });
    yield member({ type: 'unit', provenance, content });
  }
}

const DECODERS = {
  base64: base64Stream,
  'quoted-printable': quotedPrintableStream,
  uuencode: uuStream,
} as const;

/** The line that begins a uuencoded file (POSIX, uuencode): its mode, and its name. */
const UU = /^begin(-base64)? [0-7]{3,4} (.+)$/;

interface Part {
  readonly encoding: keyof typeof DECODERS;
  readonly name: string | undefined;
  readonly start: number;
  readonly end: number;
}

/** Headers that say something in other words. */
interface Headers {
  readonly decoded: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Bodies behind headers that name an encoding, each up to the next boundary or message; and headers that are encoded. */
function* encodedParts(access: RandomAccess): Generator<Part | Headers> {
  const boundaries = new Set<string>();
  let headersStart = 0;
  let headers: string | undefined = '';
  let open: Omit<Part, 'end'> | undefined;
  for (const { text, start, end } of linesOf(access)) {
    const begins =
      text.startsWith('From ') || (text.startsWith('--') && boundaries.has(text.replace(/--\s*$|\s+$/, '')));
    const uu = open === undefined ? UU.exec(text) : null;
    if (uu !== null) {
      const encoding = uu[1] === undefined ? 'uuencode' : 'base64';
      open = { encoding, name: textOfPath(Buffer.from(uu[2]!, 'latin1')), start: end };
    } else if (open !== undefined && (text === 'end' || text === '====')) {
      yield { ...open, end: start };
      open = undefined;
    } else if (begins) {
      if (open !== undefined) yield { ...open, end: start };
      open = undefined;
      headers = '';
      headersStart = end;
    } else if (headers !== undefined && text.trim() === '') {
      const decoded = decodedHeaders(headers);
      if (decoded !== undefined) yield { decoded, start: headersStart, end: start };
      const boundary = /boundary\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(headers);
      if (boundary !== null && boundaries.size < BOUNDARIES)
        boundaries.add(`--${boundary[1] ?? boundary[2]}`);
      const encoding = /^content-transfer-encoding:\s*(base64|quoted-printable)/im.exec(headers)?.[1];
      if (encoding !== undefined) {
        open = { encoding: encoding.toLowerCase() as Part['encoding'], name: nameIn(headers), start: end };
      }
      // A message in a message has headers of its own behind these.
      headers = /^content-type:\s*message\//im.test(headers) ? '' : undefined;
      headersStart = end;
    } else if (headers !== undefined && headers.length < 64 * 1024) {
      headers += `${/^\s/.test(text) ? ' ' : '\n'}${text.trim()}`;
    }
  }
  if (open !== undefined) yield { ...open, end: access.size };
}

function nameIn(headers: string): string | undefined {
  const found = /(?:file)?name\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(headers);
  const name = found?.[1] ?? found?.[2];
  return name === undefined || name === '' ? undefined : textOfPath(Buffer.from(name, 'latin1'));
}

interface Line {
  /** Latin1, without its end, cut to what matters. */
  readonly text: string;
  readonly start: number;
  /** Behind the end of the line. */
  readonly end: number;
}

function* linesOf(access: RandomAccess): Generator<Line> {
  for (let position = 0; position < access.size; ) {
    const window = bytesAt(access, position, WINDOW);
    const last = position + window.length >= access.size;
    let at = 0;
    while (at < window.length) {
      const newline = window.indexOf(0x0a, at);
      // A line that goes on behind the window is read again with the next, unless it fills a window alone.
      if (newline < 0 && !last && at > 0) break;
      const end = newline < 0 ? window.length : newline + 1;
      const text = window.toString('latin1', at, Math.min(end, at + LINE)).replace(/\r?\n$/, '');
      yield { text, start: position + at, end: position + end };
      at = end;
    }
    if (at === 0) return;
    position += at;
  }
}
