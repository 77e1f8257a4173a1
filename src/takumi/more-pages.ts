import { type Field, isObject, type JsonObject, ShapeError } from './json-shape.js';
import { withoutTokens } from './quote.js';

/*
 * Half a list that passes for the whole one makes another token look like the only one of its user. How the service
 * pages its list is an assumption (wire.ts), so every other way in which APIs say that there is more is known here as
 * well: not to follow it, but to refuse the list.
 */

/** Leads to another page, unless it is one of the names that are followed. */
const LEADS_ON = /^(?!prev)(?=.*(next|cursor|more|continu))/i;
/** Of names without separators, in lower case: says no, or yes, where something is missing. */
const WHOLE = /^(is)?(last(page)?|complete|final)$/;
const CUT = /^(is)?(truncated|partial|incomplete(results)?)$/;
/** How many pages there are, how many rows there are on all of them, and how many one page holds at most. */
const PAGES = /^(pages|(total|num|numberof)pages|pages?(count|total)|lastpage)$/;
const ROWS =
  /^(total|count|(total|items?|rows?|records?|results?|elements?|tokens?)(count|size|total)|total(items|rows|records|results|elements|tokens|hits))$/;
const LARGEST = /^(limit|(page|max)size|(per|max)page|max(results|items|rows))$/;

/** Headers that say such things; `Link` is followed instead. */
const HEADERS = [
  'x-next-page',
  'x-next-page-token',
  'x-next-cursor',
  'x-next-token',
  'x-continuation-token',
  'x-has-more',
  'x-has-next',
  'x-total',
  'x-total-count',
  'x-total-pages',
  'x-page-count',
];

const DEEPEST = 6;

/** What an answer says of how much there is. */
export interface Extent {
  /** On all pages; the largest that is named. */
  readonly rows?: number;
  readonly pages?: number;
  /** How many rows a page holds at most. */
  readonly perPage?: number;
}

/** What the headers of an answer say of pages, as fields; empty where they say nothing. */
export function pagingHeaders(header: (name: string) => string): JsonObject {
  const said = HEADERS.map((name) => [name, header(name)] as const);
  const total = /\/(\d+)\s*$/.exec(header('content-range'))?.[1] ?? '';
  return Object.fromEntries([...said, ['total', total] as const].filter(([, value]) => value !== ''));
}

/**
 * Looks through an answer for whatever says that there is more than it holds.
 *
 * @param rows the field that holds the rows; it is not looked into.
 * @param followed whether a name, at this path of an object, is read and followed elsewhere.
 * @throws {ShapeError} naming what may lead to a page that nobody would read.
 */
export function readExtent(
  { path, value }: Field,
  rows: unknown,
  followed: (path: string, name: string) => boolean,
): Extent {
  const extent: { -readonly [name in keyof Extent]: Extent[name] } = {};
  const look = (value: unknown, path: string, depth: number): void => {
    if (value === rows || typeof value !== 'object' || value === null) return;
    if (depth > DEEPEST) throw new ShapeError(`${path} is nested too deep to be read`);
    if (isObject(value) && /\bnext\b/i.test(String(value.rel))) throw unread(path, 'rel');
    for (const [name, inner] of Object.entries(value)) {
      if (!Array.isArray(value) && !followed(path, name)) weigh(path, name, inner);
      look(inner, `${path}${Array.isArray(value) ? `[${name}]` : `.${name}`}`, depth + 1);
    }
  };
  const weigh = (path: string, name: string, value: unknown): void => {
    const word = name.toLowerCase().replace(/^x-|[^a-z]/g, '');
    const no = value === false || value === 'false';
    const yes = value === true || value === 'true';
    if (LEADS_ON.test(name) && !no && saysSomething(value)) throw unread(path, name);
    if ((WHOLE.test(word) && no) || (CUT.test(word) && yes)) {
      throw new ShapeError(`${path}.${shown(name)} says that this is not the whole list`);
    }
    const number = numberOf(value);
    if (number === undefined) return;
    if (PAGES.test(word)) extent.pages = Math.max(number, extent.pages ?? 0);
    else if (ROWS.test(word)) extent.rows = Math.max(number, extent.rows ?? 0);
    else if (LARGEST.test(word)) extent.perPage = number;
  };
  look(value, path, 0);
  return extent;
}

/** Whether anything in it is neither empty nor zero. */
function saysSomething(value: unknown): boolean {
  return typeof value === 'object' && value !== null
    ? Object.values(value).some(saysSomething)
    : Boolean(value);
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value);
  return typeof value === 'number' ? value : undefined;
}

function unread(path: string, name: string): ShapeError {
  return new ShapeError(`${path}.${shown(name)} may lead to another page, but is not understood`);
}

function shown(name: string): string {
  return withoutTokens(name).slice(0, 60);
}
