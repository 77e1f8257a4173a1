import type { TokenRecord } from '../model/token.js';
import { ShapeError } from './json-shape.js';
import { nextOfLink } from './link-header.js';
import { type ListPage, readListPage } from './list-page.js';
import type { Answer } from './transport.js';
import { type ListFilter, listQuery } from './wire.js';

const MOST_PAGES = 10_000;

/** Puts the pages of one listing together, and notices when they can't be the whole of it. */
export class PageCollector {
  readonly #rows = new Map<string, TokenRecord>();
  readonly #visited = new Set<string>();
  readonly #filter: ListFilter;
  readonly #list: URL;

  /** @param list the address of the list, without a query. */
  constructor(filter: ListFilter, list: URL) {
    this.#filter = filter;
    this.#list = list;
  }

  /**
   * Takes the page that `query` asked for.
   *
   * @returns the query of the next page, `undefined` after the last.
   * @throws {ShapeError} when the page can't be read, leads back or away, or the pages do not add up.
   */
  add(query: string, answer: Answer): string | undefined {
    this.#visited.add(query);
    const page = readListPage(answer.json, undefined, answer.paging);
    for (const record of page.records) this.#keep(record);
    const next =
      page.next === undefined ? nextOfLink(answer.link, this.#list) : listQuery(this.#filter, page.next);
    if (next === undefined) this.#checkWhole(page, answer.link !== undefined);
    else if (this.#visited.has(next)) {
      throw new ShapeError('the next page is one that was read already, so the list never ends');
    } else if (this.#visited.size >= MOST_PAGES) {
      throw new ShapeError(`the list has more than ${MOST_PAGES} pages`);
    }
    return next;
  }

  /** The rows that fit the filter: the service's own matches prefixes, and may be missing. */
  records(): TokenRecord[] {
    const { userIdentifier, userIdentifierPrefix, status } = this.#filter;
    return [...this.#rows.values()].filter(
      (record) =>
        (userIdentifier === undefined || record.userIdentifier === userIdentifier) &&
        (userIdentifierPrefix === undefined || record.userIdentifier.startsWith(userIdentifierPrefix)) &&
        (status === undefined || record.status === status || record.status === 'unknown'),
    );
  }

  /** A row may come twice when the list changes while it is read; the later one is the truer. */
  #keep(record: TokenRecord): void {
    const before = this.#rows.get(record.tokenId);
    if (before !== undefined && before.userIdentifier !== record.userIdentifier) {
      throw new ShapeError(`two rows have the ID ${record.tokenId}, of different users`);
    }
    this.#rows.set(record.tokenId, record);
  }

  /** Under a filter the count of rows may be of what passes it or of everything, which nobody can tell. */
  #checkWhole({ extent: { rows, pages, perPage }, records, endSaid }: ListPage, linked: boolean): void {
    const whole = Object.keys(this.#filter).length === 0;
    if (whole && rows !== undefined && rows > this.#rows.size) {
      throw new ShapeError(`the service counts ${rows} tokens, but its pages held ${this.#rows.size}`);
    }
    if (pages !== undefined && pages > this.#visited.size) {
      throw new ShapeError(
        `the service counts ${pages} pages, but names no way from page ${this.#visited.size} to the next`,
      );
    }
    if (perPage !== undefined && records.length >= Math.max(1, perPage) && !endSaid && !linked) {
      throw new ShapeError(
        `the page is as full as one may be (${perPage} rows), and nothing says whether it is the last`,
      );
    }
  }
}
