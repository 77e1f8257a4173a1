import type { Provenance } from '../../model/provenance.js';
import type { ByteStream } from '../../model/source.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt } from '../random-access.js';
import { unpackNow } from './block-reader.js';
import { type Expansion, type Found, placeIn } from './found.js';
import { FURTHER_IN } from './further-in.js';
import { unpackedName } from './gzip.js';
import {
  cassandraChunk,
  LONGEST_CHUNK,
  LONGEST_PIECE,
  LZ4_JAVA,
  type PieceKind,
  pieceKind,
} from './piece-kinds.js';
import { NOTHING, PiecesStream, readPieces } from './pieces-stream.js';
import { snappySize } from './snappy.js';

/** Behind the mark: how it is packed, how long it is packed and unpacked, a checksum. */
const JAVA_HEADER = LZ4_JAVA.length + 13;
const JAVA_STORED = 1;
/** Of a checksum, and of a length. */
const WORD = 4;

/** What a piece says of itself. */
interface Piece {
  readonly codec: 'lz4 block' | 'snappy' | 'stored';
  readonly length: number;
  /** What it unpacks to, at most. */
  readonly size: number;
}

/** What the pieces unpack to, as one content: what they hold goes on from one to the next. */
export async function* readPackedPieces(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  const kind = pieceKind(bytesAt(access, 0, FURTHER_IN));
  if (kind === undefined) return;
  const place = placeIn(where, unpackedName(where), [kind]);
  yield* readPieces(new PackedPieces(new AccessStream(access), expansion, kind), where, place);
}

/** The content of a file that is packed in pieces. */
class PackedPieces extends PiecesStream {
  readonly #kind: PieceKind;
  /** What is still to come of a block of Hadoop's. */
  #left = 0;

  constructor(stream: ByteStream, expansion: Expansion, kind: PieceKind) {
    super(stream, expansion);
    this.#kind = kind;
  }

  protected async next(): Promise<Buffer> {
    if (!(await this.feed.need(1))) {
      this.end();
      return NOTHING;
    }
    const piece = await this.#header();
    if (piece === undefined) {
      this.end('no piece begins here');
      return NOTHING;
    }
    if (piece.length > LONGEST_PIECE || piece.size > LONGEST_PIECE) {
      this.end(`a piece of ${piece.length} bytes is longer than any that is written`);
      return NOTHING;
    }
    const bytes = Buffer.from(await this.feed.take(piece.length));
    if (this.#isCassandra) await this.feed.skip(WORD);
    const { content, problem } = unpackNow(piece.codec, bytes, roomOf(piece, bytes));
    this.#left = Math.max(0, this.#left - content.length);
    if (bytes.length < piece.length) this.end('it ends in the middle of a piece');
    else if (problem !== undefined) this.end(problem);
    return content;
  }

  #header(): Promise<Piece | undefined> {
    switch (this.#kind) {
      case 'iwa':
        return this.#ofIwa();
      case 'lz4 java':
        return this.#ofJava();
      default:
        return this.#isCassandra ? this.#ofCassandra() : this.#ofHadoop();
    }
  }

  get #isCassandra(): boolean {
    return this.#kind === 'cassandra lz4' || this.#kind === 'cassandra snappy';
  }

  async #ofIwa(): Promise<Piece | undefined> {
    const header = await this.feed.take(4);
    if (header.length < 4 || header[0] !== 0) return undefined;
    return { codec: 'snappy', length: header.readUIntLE(1, 3), size: LONGEST_PIECE };
  }

  async #ofJava(): Promise<Piece | undefined> {
    const header = await this.feed.take(JAVA_HEADER);
    if (header.length < JAVA_HEADER || !header.toString('latin1').startsWith(LZ4_JAVA)) return undefined;
    const [length, size] = [header.readUInt32LE(9), header.readUInt32LE(13)];
    return { codec: header[8]! >> 4 === JAVA_STORED ? 'stored' : 'lz4 block', length, size };
  }

  async #ofHadoop(): Promise<Piece | undefined> {
    const header = await this.feed.take(WORD);
    if (header.length < WORD) return undefined;
    if (this.#left > 0) return { codec: this.#codec, length: header.readUInt32BE(0), size: this.#left };
    this.#left = header.readUInt32BE(0);
    return { codec: 'stored', length: 0, size: 0 };
  }

  get #codec(): 'lz4 block' | 'snappy' {
    return this.#kind === 'hadoop lz4' ? 'lz4 block' : 'snappy';
  }

  async #ofCassandra(): Promise<Piece | undefined> {
    await this.feed.need(2 * LONGEST_CHUNK);
    const { buffer, start, end } = this.feed;
    const chunk = cassandraChunk(buffer.subarray(start, Math.min(end, start + 2 * LONGEST_CHUNK)));
    if (chunk === undefined) return undefined;
    await this.feed.skip(chunk.start);
    return { codec: chunk.codec, length: chunk.length - chunk.start, size: chunk.size };
  }
}

/** No codec makes more of a byte. */
const MOST_OF_A_BYTE = 264;

function roomOf({ codec, size }: Piece, bytes: Buffer): number {
  const said = codec === 'snappy' ? Math.min(size, snappySize(bytes)) : size;
  return Math.min(said, MOST_OF_A_BYTE * (bytes.length + 1));
}
