import { DataFault } from '../../model/data-fault.js';
import type { Diagnostic } from '../../model/diagnostic.js';
import type { PagedBytes } from './paged-bytes.js';
import type { OpenRevisions, Revisions } from './revisions.js';
import type { RevisionFile } from './store-layout.js';
import { applyWindow, readWindow, SvndiffFault, type Window } from './svndiff.js';

const HEAD = /^(?:PLAIN|DELTA(?: (\d+) (\d+) \d+)?)\n/;
const LONGEST_HEAD = 80;
const END = 'ENDREP\n';
/** Texts unfold further than archives: of a large one, a line changes at a time. */
const UNFOLDING = { ratio: 30_000, floor: 1024 ** 3 };
/** Bases of bases: Subversion takes care that there are few; where it did not, nobody has as many revisions of a file. */
const DEEPEST = 10_000;

/** A text, a list of properties or a folder as it is written: whole, or by what it has of another. */
export interface Representation {
  readonly file: RevisionFile;
  readonly start: number;
  /** Where its windows begin. */
  readonly content: number;
  /** Behind its last line. */
  readonly end: number;
  /** The version of its windows; undefined where it stands there as it is. */
  readonly version: number | undefined;
  readonly base: { readonly revision: number; readonly item: number } | undefined;
}

/** What a representation becomes, or what of it could be had and why not all. */
export interface Rebuilt {
  readonly bytes: Buffer;
  readonly problem?: { readonly reason: Diagnostic['reason']; readonly detail: string };
}

/** Puts representations together; the last ones are kept, for others to build on. */
export class Representations {
  readonly #revisions: Revisions;
  readonly #largest: number;
  readonly #kept = new Map<string, Buffer>();
  #keptBytes = 0;
  #left = UNFOLDING.floor;

  /** @param largest bytes of the largest text that is put together, and of all that are kept. */
  constructor(revisions: Revisions, largest: number) {
    this.#revisions = revisions;
    this.#largest = largest;
  }

  /** So many bytes of revisions more are read: what they may become is put together. */
  allow(packed: number): void {
    this.#left += packed * UNFOLDING.ratio;
  }

  /** What a representation becomes; where something is missing, what it adds. */
  rebuilt(representation: Representation): Rebuilt {
    try {
      return { bytes: this.#textOf(representation) };
    } catch (error) {
      if (!(error instanceof DataFault)) throw error;
      const detail = `${error.message}: only what it adds to what it builds on was scanned`;
      return { bytes: this.#addedBy(representation), problem: { reason: reasonOf(error), detail } };
    }
  }

  /** The bases first, without a call each: a chain may be long. */
  #textOf(wanted: Representation): Buffer {
    const chain = [wanted];
    const keys = new Set([keyOf(wanted)]);
    let base: Buffer | undefined;
    for (let last = wanted; base === undefined && last.base !== undefined; last = chain.at(-1)!) {
      const next = this.#find(last.base);
      const key = keyOf(next);
      base = this.#kept.get(key);
      if (keys.has(key)) throw new SvndiffFault('it builds on itself');
      keys.add(key);
      if (base === undefined) chain.push(next);
      if (chain.length > DEEPEST) throw new SvndiffFault('it builds on too many others');
    }
    let text = base ?? Buffer.alloc(0);
    for (const each of chain.reverse()) text = this.#built(each, text);
    return text;
  }

  #find({ revision, item }: NonNullable<Representation['base']>): Representation {
    const place = this.#revisions.find(revision, item);
    const opened = place === undefined ? undefined : this.#revisions.open(place.file);
    const found = opened === undefined ? undefined : representationAt(opened, place!.at);
    if (found === undefined)
      throw new SvndiffFault(`what it builds on, of revision ${revision}, is not there`);
    return found;
  }

  #built(representation: Representation, base: Buffer): Buffer {
    const { bytes } = this.#revisions.open(representation.file)!;
    if (representation.version === undefined) {
      const length = representation.end - END.length - representation.content;
      if (length > this.#largest) throw new TooLarge();
      return this.#keep(representation, Buffer.from(bytes.slice(representation.content, length)));
    }
    const pieces: Buffer[] = [];
    let length = 0;
    for (const window of windowsOf(bytes, representation)) {
      const { sourceAt, sourceLength } = window;
      pieces.push(applyWindow(window, base.subarray(sourceAt, sourceAt + sourceLength)));
      length += window.length;
      this.#left -= window.length;
      if (length > this.#largest) throw new TooLarge();
      if (this.#left < 0) throw new TooMuch();
    }
    return this.#keep(representation, pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, length));
  }

  #addedBy(representation: Representation): Buffer {
    if (representation.version === undefined) return Buffer.alloc(0);
    const pieces: Buffer[] = [];
    let length = 0;
    try {
      for (const { added } of windowsOf(this.#revisions.open(representation.file)!.bytes, representation)) {
        length += added.length;
        if (length > this.#largest) break;
        pieces.push(added);
      }
    } catch (error) {
      if (!(error instanceof DataFault)) throw error;
    }
    return Buffer.concat(pieces);
  }

  #keep(representation: Representation, text: Buffer): Buffer {
    const key = keyOf(representation);
    if (this.#kept.has(key)) return text;
    this.#kept.set(key, text);
    this.#keptBytes += text.length;
    for (const [oldest, { length }] of this.#kept) {
      if (this.#keptBytes <= this.#largest || oldest === key) break;
      this.#kept.delete(oldest);
      this.#keptBytes -= length;
    }
    return text;
  }
}

function reasonOf(error: DataFault): Diagnostic['reason'] {
  if (error instanceof TooMuch) return 'budget';
  return error instanceof TooLarge ? 'too_large' : 'corrupt';
}

class TooMuch extends DataFault {
  constructor() {
    super(`the texts are more than ${UNFOLDING.ratio} times what they take up`);
  }
}

class TooLarge extends DataFault {
  constructor() {
    super('is larger than what is held in memory (--max-memory)');
  }
}

function keyOf({ file, start }: Representation): string {
  return `${start} ${file.path}`;
}

/** The representation that begins at a place, or undefined where none does. */
export function representationAt({ bytes, file }: OpenRevisions, start: number): Representation | undefined {
  const head = HEAD.exec(bytes.slice(start, LONGEST_HEAD).toString('latin1'));
  if (head === null) return undefined;
  const [line, revision, item] = head;
  const begins = start + line.length;
  if (line === 'PLAIN\n') {
    const end = bytes.indexOf(END, begins);
    return end < 0
      ? undefined
      : { file, start, content: begins, end: end + END.length, version: undefined, base: undefined };
  }
  const magic = bytes.slice(begins, 4);
  const version = magic[3];
  if (magic.toString('latin1', 0, 3) !== 'SVN' || version === undefined || version > 2) return undefined;
  const base = revision === undefined ? undefined : { revision: Number(revision), item: Number(item) };
  const found = { file, start, content: begins + 4, version, base };
  const end = endOfWindows(bytes, found.content);
  return end === undefined ? undefined : { ...found, end: end + END.length };
}

/** Behind the last window, found by what they say of their lengths. */
function endOfWindows(bytes: PagedBytes, start: number): number | undefined {
  let at = start;
  while (at < bytes.size) {
    if (bytes.slice(at, END.length).toString('latin1') === END) return at;
    const lengths: number[] = [];
    for (let value = 0; lengths.length < 5; ) {
      const byte = bytes.at(at++);
      value = value * 128 + (byte & 127);
      if (byte < 0 || value > Number.MAX_SAFE_INTEGER / 128) return undefined;
      if (byte >= 128) continue;
      lengths.push(value);
      value = 0;
    }
    at += lengths[3]! + lengths[4]!;
  }
  return undefined;
}

function* windowsOf(bytes: PagedBytes, { content, end, version }: Representation): Generator<Window> {
  for (let at = content; at < end - END.length; ) {
    const window = readWindow(bytes, at, version!);
    yield window;
    at = window.end;
  }
}
