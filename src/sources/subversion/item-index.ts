import type { PagedBytes } from './paged-bytes.js';

const BEGINS = 'L2P-INDEX\n';
/** The last byte tells how long the line before it is, which tells where the index begins. */
const LONGEST_FOOTER = 255;
/** Pages of an index; a crafted one may claim any number. */
const MOST_PAGES = 4_000_000;

/** Where the items of a file of revisions lie, by their numbers (Subversion 1.9 and newer). */
export class ItemIndex {
  readonly #bytes: PagedBytes;
  readonly #first: number;
  readonly #pageSize: number;
  /** Of each revision, its first page; one more than there are. */
  readonly #pagesOf: readonly number[];
  /** Of each page, where it begins and how many items it has. */
  readonly #pages: readonly { readonly at: number; readonly count: number }[];

  private constructor(
    bytes: PagedBytes,
    first: number,
    pageSize: number,
    pagesOf: readonly number[],
    pages: readonly { readonly at: number; readonly count: number }[],
  ) {
    this.#bytes = bytes;
    this.#first = first;
    this.#pageSize = pageSize;
    this.#pagesOf = pagesOf;
    this.#pages = pages;
  }

  /** Undefined where there is none that makes sense. */
  static of(bytes: PagedBytes): ItemIndex | undefined {
    const length = bytes.at(bytes.size - 1);
    if (length <= 0 || length > LONGEST_FOOTER) return undefined;
    const footer = bytes.slice(bytes.size - 1 - length, length).toString('latin1');
    const start = Number(/^(\d+) /.exec(footer)?.[1] ?? Number.NaN);
    if (!(start >= 0) || bytes.slice(start, BEGINS.length).toString('latin1') !== BEGINS) return undefined;
    const reader = new Numbers(bytes, start + BEGINS.length);
    const [first, pageSize, revisions, pageCount] = [
      reader.next(),
      reader.next(),
      reader.next(),
      reader.next(),
    ];
    if (pageSize === 0 || revisions > MOST_PAGES || pageCount > MOST_PAGES) return undefined;
    const pagesOf = [0];
    for (let index = 0; index < revisions; index++) pagesOf.push(pagesOf[index]! + reader.next());
    const sizes = Array.from({ length: pageCount }, () => ({ size: reader.next(), count: reader.next() }));
    let { at } = reader;
    const pages = sizes.map(({ size, count }) => {
      at += size;
      return { at: at - size, count };
    });
    return new ItemIndex(bytes, first, pageSize, pagesOf, pages);
  }

  /** Where an item begins in the file, or -1. */
  placeOf(revision: number, item: number): number {
    const index = revision - this.#first;
    const from = this.#pagesOf[index];
    const number = (from ?? 0) + Math.floor(item / this.#pageSize);
    const page = this.#pages[number];
    if (from === undefined || page === undefined || number >= (this.#pagesOf[index + 1] ?? 0)) return -1;
    const inPage = item % this.#pageSize;
    if (inPage >= page.count) return -1;
    const reader = new Numbers(this.#bytes, page.at);
    let place = 0;
    for (let entry = 0; entry <= inPage; entry++) {
      const value = reader.next();
      place += value % 2 === 1 ? -(value + 1) / 2 : value / 2;
    }
    return place - 1;
  }
}

/** Numbers of seven bits a byte, the lowest first. */
class Numbers {
  readonly #bytes: PagedBytes;
  at: number;

  constructor(bytes: PagedBytes, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** 0 behind the end: an index is a hint. */
  next(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 53; scale *= 128) {
      const byte = this.#bytes.at(this.at++);
      value += (Math.max(byte, 0) & 127) * scale;
      if (byte < 128) break;
    }
    return value;
  }
}
