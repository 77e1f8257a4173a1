import { DataFault } from '../../model/data-fault.js';
import type { Diagnostic } from '../../model/diagnostic.js';
import { ChainFault, DeltaChains } from '../delta-chains.js';
import type { PagedBytes } from './paged-bytes.js';
import type { OpenRevisions, Revisions } from './revisions.js';
import type { RevisionFile } from './store-layout.js';
import { applyWindow, readWindow, type Window } from './svndiff.js';

const HEAD = /^(?:PLAIN|DELTA(?: (\d+) (\d+) \d+)?)\n/;
const LONGEST_HEAD = 80;
const END = 'ENDREP\n';
/** Bases whose place is remembered. */
const MOST_FOUND = 100_000;

/** How many bytes were walked through that begin like a representation and are none. */
export interface Waste {
  bytes: number;
}

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

/** Puts representations together. */
export class Representations {
  readonly #revisions: Revisions;
  readonly #largest: number;
  readonly #chains: DeltaChains<Representation>;
  readonly #found = new Map<string, Representation>();

  /** @param largest bytes of the largest text that is put together, and of all that are kept. */
  constructor(revisions: Revisions, largest: number) {
    this.#revisions = revisions;
    this.#largest = largest;
    const links = {
      keyOf,
      baseOf: ({ base }: Representation) => base && this.#find(base),
      build: (each: Representation, base = Buffer.alloc(0)) => this.#built(each, base),
    };
    this.#chains = new DeltaChains(links, largest);
  }

  /** So many bytes of revisions more are read. */
  allow(packed: number): void {
    this.#chains.allow(packed);
  }

  /** What a representation becomes; where something is missing, what it adds. */
  rebuilt(representation: Representation): Rebuilt {
    try {
      return { bytes: this.#chains.textOf(representation) };
    } catch (error) {
      if (!(error instanceof DataFault)) throw error;
      const reason = error instanceof ChainFault ? error.reason : 'corrupt';
      const detail = `${error.message}: only what it adds to what it builds on was scanned`;
      return { bytes: this.#addedBy(representation), problem: { reason, detail } };
    }
  }

  #find({ revision, item }: NonNullable<Representation['base']>): Representation {
    const name = `${revision} ${item}`;
    const known = this.#found.get(name);
    if (known !== undefined) return known;
    const place = this.#revisions.find(revision, item);
    const opened = place === undefined ? undefined : this.#revisions.open(place.file);
    const found = opened === undefined ? undefined : representationAt(opened, place!.at);
    if (found === undefined) throw new ChainFault(`what it builds on, of revision ${revision}, is not there`);
    if (this.#found.size >= MOST_FOUND) this.#found.clear();
    this.#found.set(name, found);
    return found;
  }

  #built(representation: Representation, base: Buffer): Buffer {
    const { bytes } = this.#revisions.open(representation.file)!;
    if (representation.version === undefined) {
      const length = representation.end - END.length - representation.content;
      if (length > this.#largest) throw tooLarge();
      return Buffer.from(bytes.slice(representation.content, length));
    }
    const pieces: Buffer[] = [];
    let length = 0;
    for (const window of windowsOf(bytes, representation)) {
      const { sourceAt, sourceLength } = window;
      pieces.push(applyWindow(window, base.subarray(sourceAt, sourceAt + sourceLength)));
      length += window.length;
      if (length > this.#largest) throw tooLarge();
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, length);
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
}

function tooLarge(): ChainFault {
  return new ChainFault('is larger than what is held in memory (--max-memory)', 'too_large');
}

function keyOf({ file, start }: Representation): string {
  return `${start} ${file.path}`;
}

/** The representation that begins at a place, or undefined where none does. */
export function representationAt(
  { bytes, file }: OpenRevisions,
  start: number,
  waste: Waste = { bytes: 0 },
): Representation | undefined {
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
  const end = endOfWindows(bytes, found.content, waste);
  return end === undefined ? undefined : { ...found, end: end + END.length };
}

/** Behind the last window, found by what they say of their lengths. */
function endOfWindows(bytes: PagedBytes, start: number, waste: Waste): number | undefined {
  let at = start;
  while (at < bytes.size) {
    if (bytes.slice(at, END.length).toString('latin1') === END) return at;
    const lengths: number[] = [];
    for (let value = 0; lengths.length < 5 && at < bytes.size; at++) {
      const byte = bytes.at(at);
      value = value * 128 + (byte & 127);
      if (byte >= 128 && value < Number.MAX_SAFE_INTEGER / 256) continue;
      lengths.push(value);
      value = 0;
    }
    at += (lengths[3] ?? 0) + (lengths[4] ?? 0);
  }
  waste.bytes += Math.min(at, bytes.size) - start;
  return undefined;
}

function* windowsOf(bytes: PagedBytes, { content, end, version }: Representation): Generator<Window> {
  for (let at = content; at < end - END.length; ) {
    const window = readWindow(bytes, at, version!);
    yield window;
    at = window.end;
  }
}
