import type { Provenance } from '../../model/provenance.js';
import { type Expansion, type Found, item, missed, placeIn } from './found.js';
import { type CodeMap, codeMapOf } from './pdf-fonts.js';
import type { Pieces } from './pdf-pieces.js';
import { isPage, piecesOf } from './pdf-text.js';

/** How much is read, as a multiple of what may be held: each page with the codes of each font. */
const MOST_READ = 8;

/**
 * The pages of one PDF, for fonts that have codes of their own: only when all was read is it known what those stand for. Which
 * font a string is set in is not asked: read by the codes of another it is no word.
 */
export class Pages {
  readonly #pages: Pieces[] = [];
  readonly #maps = new Map<string, CodeMap>();
  readonly #most: number;
  #size = 0;
  #isWhole = true;

  /** @param most bytes of pages that are kept */
  constructor(most: number) {
    this.#most = most;
  }

  /** Takes a stream that may be a page, or what the codes of a font stand for. @returns what it shows, if it is a page */
  add(content: Buffer): Pieces | undefined {
    const map = codeMapOf(content);
    if (map !== undefined) this.#maps.set(map.id, map);
    if (map !== undefined || !isPage(content)) return undefined;
    const pieces = piecesOf(content);
    this.#isWhole &&= this.#size + pieces.size <= this.#most;
    if (this.#isWhole) {
      this.#size += pieces.size;
      this.#pages.push(pieces);
    }
    return pieces;
  }

  /** What the pages show. */
  *told(container: Provenance, size: number, { budget }: Expansion): Generator<Found> {
    let left = MOST_READ * this.#most;
    for (const map of this.#maps.values()) {
      left -= this.#size;
      if (left < 0) break;
      const text = Buffer.concat(this.#pages.map((page) => page.text(map)));
      budget.entry();
      budget.expand(text.length, 0);
      const where = placeIn(container, 'text of its pages', ['stream', 'pdf pages'], { start: 0, end: size });
      yield item({ type: 'unit', provenance: where, content: text });
    }
    if (this.#maps.size > 0 && (left < 0 || !this.#isWhole)) {
      const detail =
        'too many pages, or too many fonts that have codes of their own: what some show was not read (--max-memory)';
      yield missed(container, 'budget', detail);
    }
  }
}
