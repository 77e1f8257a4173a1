import type { Detector, PackedPlace, ScanSession } from '../detection/detector.js';
import { Budget } from '../model/budget.js';
import { diagnostic } from '../model/diagnostic.js';
import type { ByteStream, ScanItem, ScanUnit } from '../model/source.js';
import { SourceFault } from '../model/source.js';
import { CopyingStream } from '../sources/archive/copying-stream.js';
import type { OpenedUnit } from '../sources/archive/written-content.js';
import { Feed } from '../sources/feed.js';
import type { RandomAccess } from '../sources/file-tree.js';
import { Lookahead } from '../sources/lookahead.js';
import { PartStream } from '../sources/part-stream.js';
import { AccessStream, bytesAt, MemoryAccess, WindowAccess } from '../sources/random-access.js';
import { Spool } from '../sources/spool.js';

/** A stream that is searched, and the text in it from a place on that was just searched. */
export interface TextReading {
  readonly stream: ByteStream;
  text(at: number): ByteStream;
  /** The first of these bytes, as many as tell whether anything is written there. */
  peek(at: number): Uint8Array;
}

/** What came out of something opened, and who opens what is in that. */
export interface Opened {
  readonly item: ScanItem;
  readonly opener: Opener;
}

/** Opens what detection says is packed and written as text; what is in there is opened by the next one, a level deeper. */
export class Opener {
  readonly #detector: Detector;
  readonly #budget: Budget;
  readonly #passwords: readonly string[];
  #spool: Spool | undefined;
  readonly #outer: Opener | undefined;

  constructor(
    detector: Detector,
    budget: Budget = new Budget(),
    passwords: readonly string[] = [],
    outer?: Opener,
  ) {
    this.#detector = detector;
    this.#budget = budget;
    this.#passwords = passwords;
    this.#outer = outer;
  }

  /** @param reading of the unit */
  async *open(
    reading: Omit<TextReading, 'stream'>,
    places: readonly PackedPlace[],
    unit: ScanUnit,
  ): AsyncGenerator<Opened> {
    const [{ isWritten }, { openWritten }] = await Promise.all([
      import('../sources/archive/written-signs.js'),
      import('../sources/archive/written.js'),
    ]);
    const find = (bytes: Uint8Array) => this.#detector.packed(this.#detector.find(bytes));
    const options = { budget: this.#budget, spool: this.spool, passwords: this.#passwords, find };
    for (const place of places) {
      // Most of what only looks so is told from what is by its first bytes: a text may be full of it.
      if (!isWritten(reading.peek(place.at), place, find)) continue;
      for await (const opened of openWritten(reading.text(place.at), place, unit, endOf(unit), options)) {
        yield { item: opened.item, opener: this.#deeper(opened) };
      }
    }
  }

  /** A stream, read so that what is written in it can be opened. */
  reading(stream: ByteStream, unit: ScanUnit, session: ScanSession): TextReading {
    const known = textOf(stream);
    if (known !== undefined) return { stream, ...known };
    const { memory } = this.#budget.limits;
    const ahead = new Lookahead(stream, memory);
    const text = (at: number) =>
      ahead.ahead(session.bytesFrom(at), () => {
        const detail = `what is packed and written as text at byte ${at} is longer than the ${memory} bytes that are kept of a stream (--max-memory): put it into a file to have all of it opened`;
        return new SourceFault(diagnostic(unit.provenance, 'budget', detail));
      });
    return { stream: ahead, text, peek: (at) => session.bytesFrom(at).subarray(0, PEEK) };
  }

  close(): void {
    this.#spool?.close();
    this.#spool = undefined;
  }

  private get spool(): Spool {
    if (this.#outer !== undefined) return this.#outer.spool;
    this.#spool ??= new Spool(this.#budget.limits.memory);
    return this.#spool;
  }

  #deeper({ budget }: OpenedUnit): Opener {
    return new Opener(this.#detector, budget, this.#passwords, this);
  }
}

/** As `isWritten` has it, which is loaded only where it is needed. */
const PEEK = 4 * 1024;

/** The text of a content from any place on, where it can be read at any place. */
export function textOf(content: Uint8Array | ByteStream): Omit<TextReading, 'stream'> | undefined {
  const access = accessOf(content);
  if (access === undefined) return undefined;
  return {
    text: (at) => new AccessStream(new WindowAccess(access, at, access.size - at)),
    peek: (at) => bytesAt(access, at, PEEK),
  };
}

function accessOf(content: Uint8Array | ByteStream): RandomAccess | undefined {
  if (content instanceof Uint8Array) return new MemoryAccess(content, true);
  return content instanceof AccessStream || content instanceof PartStream || content instanceof Feed
    ? content.access
    : undefined;
}

/** The same of a stream that was read to its end: what was kept of it meanwhile, too. */
export function accessAfter(stream: ByteStream): RandomAccess | undefined {
  return stream instanceof CopyingStream ? stream.access : accessOf(stream);
}

/** Where a unit ends, where that is known. */
function endOf({ content }: ScanUnit): number {
  return accessOf(content)?.size ?? Number.MAX_SAFE_INTEGER;
}
