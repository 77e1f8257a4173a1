import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt, MemoryAccess, WindowAccess } from '../random-access.js';
import type { Codec } from './block.js';
import { readBlocks } from './block-reader.js';
import { inflates, SAMPLE } from './deflate-sample.js';
import { ForwardSearch } from './forward-search.js';
import { type Expansion, type Found, member, missed, placeIn } from './found.js';
import { SNIFF_LENGTH, sniff } from './sniff.js';
import { SplicedAccess } from './spliced.js';
import { PageReader } from './sqlite-pages.js';
import { StoredStream } from './stored-stream.js';
import { type Messages, messagesFrom } from './websocket.js';

const MARK = 'HTTP/';
/** Those of messages that are written as text, as programs write down those of newer versions, too. */
const VERSIONS = new Set('123');
const HEADERS_END = '\r\n\r\n';
/** What the next record of a WARC begins behind. */
const RECORD = '\r\n\r\nWARC/1.';
const LONGEST_HEADERS = 64 * 1024;
const LONGEST_SIZE = 256;
const MOST_CHUNKS = 1024 * 1024;
/** What carving finds wherever it stands. */
const CARVED: ReadonlySet<string | undefined> = new Set([
  undefined,
  'gzip',
  'zstd',
  'lz4',
  'xz',
  'streams',
  'http',
]);

interface Body {
  readonly start: number;
  readonly end: number;
  readonly content: RandomAccess;
  readonly isChunked: boolean;
  readonly isCut: boolean;
  readonly encoding: string;
  /** Whether the connection goes on as one of WebSocket. */
  readonly isWebSocket?: true;
}

/**
 * Bodies of HTTP messages (RFC 9112) that can't be read where they stand: sent in chunks, packed by what has no mark, or a
 * container that only shows at its beginning.
 */
export async function* readBodies(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  // Crafted messages name the same bytes again and again.
  let left = 2 * access.size;
  for (const { start, end, content, isChunked, isCut, encoding, isWebSocket } of bodiesIn(access)) {
    const messages = isWebSocket
      ? messagesFrom(access, start, expansion.budget.limits.memory / 4)
      : undefined;
    const codec = codecOf(encoding, content);
    if (
      messages === undefined &&
      !isChunked &&
      codec === undefined &&
      CARVED.has(sniff(bytesAt(content, 0, SNIFF_LENGTH)))
    )
      continue;
    left -= (messages?.end ?? end) - start;
    if (left < 0) {
      yield missed(
        where,
        'budget',
        `its messages of HTTP overlap: bodies from byte ${start} on were not read`,
      );
      return;
    }
    expansion.budget.entry();
    if (messages !== undefined) {
      yield* spoken(messages, start, where, expansion);
      continue;
    }
    const formats = ['stream', isChunked ? 'http chunks' : 'stored'];
    const place = placeIn(where, `body at byte ${start}`, formats, { start, end });
    if (codec === undefined)
      yield member({ type: 'unit', provenance: place, content: new StoredStream(content, expansion.budget) });
    else yield* readBlocks([{ start: 0, end: content.size, codec }], content, place, expansion);
    if (isCut) {
      const detail = `of a body in more than ${MOST_CHUNKS} chunks, what follows was not put together`;
      yield missed(place, 'budget', detail);
    }
  }
}

/** What is masked in messages of WebSocket, or packed. */
async function* spoken(
  { plain, packed, end, isCut }: Messages,
  start: number,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  const placeOf = (format: string) =>
    placeIn(where, `messages at byte ${start}`, ['stream', format], { start, end });
  if (plain.length > 0) {
    const content = new StoredStream(new MemoryAccess(plain), expansion.budget);
    yield member({ type: 'unit', provenance: placeOf('websocket'), content });
  }
  const block = { start: 0, end: packed.length, codec: 'deflate' } as const;
  if (packed.length > 0)
    yield* readBlocks([block], new MemoryAccess(packed), placeOf('websocket deflate'), expansion);
  if (isCut)
    yield missed(
      where,
      'too_large',
      `messages of WebSocket from byte ${end} on were not read (--max-memory)`,
    );
}

/** What a body is packed by, where it does not say so itself. */
function codecOf(encoding: string, content: RandomAccess): Codec | undefined {
  if (encoding === 'br') return 'brotli';
  if (encoding === 'snappy') return 'snappy';
  return encoding === 'deflate' && inflates(bytesAt(content, 0, SAMPLE)) ? 'deflate' : undefined;
}

function* bodiesIn(access: RandomAccess): Generator<Body> {
  const search = new ForwardSearch(access);
  const reader = new PageReader(access);
  for (let at = search.next(MARK, 0); at >= 0; at = search.next(MARK, at)) {
    const headersEnd = search.next(HEADERS_END, at);
    if (headersEnd < 0) return;
    const version = String.fromCharCode(bytesAt(access, at + MARK.length, 1)[0]!);
    if (headersEnd - at > LONGEST_HEADERS || !VERSIONS.has(version)) {
      at += MARK.length;
      continue;
    }
    const start = headersEnd + HEADERS_END.length;
    const headers = bytesAt(access, at, headersEnd - at + 2).toString('latin1');
    const encoding = fieldOf(headers, 'Content-Encoding');
    at = start;
    if (fieldOf(headers, 'Upgrade') === 'websocket') {
      const content = new WindowAccess(access, start, access.size - start);
      yield { start, end: access.size, content, isChunked: false, isCut: false, encoding, isWebSocket: true };
      continue;
    }
    if (/\bchunked$/.test(fieldOf(headers, 'Transfer-Encoding'))) {
      const { end, content, isCut } = chunksFrom(start, access, reader);
      if (content.size > 0) yield { start, end, content, isChunked: true, isCut, encoding };
      at = end;
      continue;
    }
    const length = fieldOf(headers, 'Content-Length');
    // Without a length the body of an answer goes on to the end of the connection, or of the record.
    const record = length === '' ? search.next(RECORD, start) : start + Number(length);
    const end = record < 0 ? access.size : Math.min(access.size, record);
    if (end > start) {
      const content = new WindowAccess(access, start, end - start);
      yield { start, end, content, isChunked: false, isCut: false, encoding };
    }
  }
}

function fieldOf(headers: string, name: string): string {
  return new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*\\r$`, 'im').exec(headers)?.[1]?.toLowerCase() ?? '';
}

/** RFC 9112, 7.1: each chunk behind its size in hex. What breaks off gives what came before. */
function chunksFrom(
  start: number,
  access: RandomAccess,
  reader: PageReader,
): { readonly end: number; readonly content: SplicedAccess; readonly isCut: boolean } {
  const content = new SplicedAccess(access);
  let at = start;
  while (content.parts < MOST_CHUNKS) {
    const line = /^(?:\r\n)?([0-9A-Fa-f]{1,12})[^\r\n]*\r\n/.exec(
      reader.at(at, LONGEST_SIZE).toString('latin1'),
    );
    const size = line === null ? 0 : Number.parseInt(line[1]!, 16);
    if (line === null || size === 0) return { end: at, content, isCut: false };
    const from = at + line[0].length;
    content.add(from, Math.min(size, access.size - from));
    at = Math.min(access.size, from + size);
  }
  return { end: at, content, isCut: true };
}
