import type { TokenRecord, TokenStatus } from '../model/token.js';
import { nameOf, readTokenId, readUser, refuseErrors, wordOf } from './fields.js';
import {
  booleanOf,
  type Field,
  find,
  isObject,
  type JsonObject,
  kindOf,
  missingField,
  type NameTrace,
  objectAt,
  ShapeError,
  stringOf,
} from './json-shape.js';
import { type Extent, readExtent } from './more-pages.js';
import { withoutTokens } from './quote.js';
import { CURSOR_QUERY, NAMES, type NextPage } from './wire.js';

export interface ListPage {
  readonly records: readonly TokenRecord[];
  readonly next?: NextPage;
  readonly extent: Extent;
  /** Whether it says, in any way, that it is the last one, or how much there is. */
  readonly endSaid: boolean;
}

/**
 * @param headers what the headers of the answer say of pages.
 * @throws {ShapeError} also when anything hints at more pages in a way that is not understood: half a list is none.
 */
export function readListPage(
  answer: unknown,
  trace: NameTrace = () => {},
  headers: JsonObject = {},
): ListPage {
  const aside = readExtent({ path: 'headers', value: headers }, undefined, () => false);
  if (Array.isArray(answer)) {
    trace('rows', '(a bare array)');
    const records = readRows({ path: '$', value: answer }, trace);
    return { records, extent: aside, endSaid: isExtent(aside) };
  }
  const root = objectAt(answer, '$');
  const rows = find(root, NAMES.rows, '$');
  trace('rows', nameOf(rows));
  if (rows === undefined) throw missingField(NAMES.rows, '$');
  const records = readRows(rows, trace);
  refuseErrors(root);
  const inner = NAMES.paging.map((name) => find(root, [name], '$')).filter((field) => field !== undefined);
  const places: readonly Field[] = [{ path: '$', value: root }, ...inner];
  const next = readNextPage(places, trace);
  const within = readExtent({ path: '$', value: root }, rows.value, (path, name) =>
    isFollowed(places, path, name),
  );
  const extent = { ...aside, ...within };
  return {
    records,
    ...(next === undefined ? {} : { next }),
    extent,
    endSaid: isExtent(extent) || places.some(({ value }) => isObject(value) && saysEnd(value)),
  };
}

/** What is said of the number of rows or pages can be checked; how many fit on one says nothing of the end. */
function isExtent({ rows, pages }: Extent): boolean {
  return rows !== undefined || pages !== undefined;
}

function saysEnd(place: JsonObject): boolean {
  return [...NAMES.nextPage, ...NAMES.hasMore].some((name) => Object.hasOwn(place, name));
}

function isFollowed(places: readonly Field[], path: string, name: string): boolean {
  const names: readonly string[] = [...NAMES.nextPage, ...NAMES.hasMore];
  return names.includes(name) && places.some((place) => place.path === path);
}

function readRows(rows: Field, trace: NameTrace): TokenRecord[] {
  if (!Array.isArray(rows.value)) throw new ShapeError(`${rows.path} is ${kindOf(rows.value)}, not an array`);
  return rows.value.map((row: unknown, index) => readRow(row, `${rows.path}[${index}]`, trace));
}

function readRow(value: unknown, path: string, trace: NameTrace): TokenRecord {
  const row = objectAt(value, path);
  const tokenId = readTokenId(row, path, trace);
  if (tokenId === undefined) throw missingField(NAMES.tokenId, path);
  const userIdentifier = readUser(row, path, trace);
  if (userIdentifier === undefined) throw missingField(NAMES.userIdentifier, path);
  const optional = (field: 'createdAt' | 'lastUsedAt' | 'hint' | 'hash'): string | undefined => {
    const found = find(row, NAMES[field], path);
    trace(field, nameOf(found));
    return typeof found?.value === 'string' ? found.value : undefined;
  };
  const createdAt = optional('createdAt');
  const lastUsedAt = optional('lastUsedAt');
  const hint = hintOf(optional('hint'));
  const hash = hashOf(optional('hash'));
  return {
    tokenId,
    userIdentifier,
    status: readStatus(row, path, trace),
    ...(createdAt === undefined ? {} : { createdAt: withoutTokens(createdAt) }),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt: withoutTokens(lastUsedAt) }),
    ...(hint === undefined ? {} : { hint }),
    ...(hash === undefined ? {} : { hash }),
  };
}

/** A row whose state can't be told is kept as `unknown`: dropping it could make another row look like the only one. */
function readStatus(row: JsonObject, path: string, trace: NameTrace): TokenStatus {
  const status = find(row, NAMES.status, path);
  const active = find(row, NAMES.active, path);
  const revokedAt = find(row, NAMES.revokedAt, path);
  trace('status', nameOf(status ?? active ?? revokedAt));
  const said: (TokenStatus | 'foreign')[] = [];
  if (status !== undefined) said.push(wordOf(status.value) ?? 'unknown');
  if (active !== undefined)
    said.push(active.value === true ? 'active' : active.value === false ? 'revoked' : 'unknown');
  if (revokedAt !== undefined) said.push('revoked');
  else if (said.length === 0 && NAMES.revokedAt.some((name) => Object.hasOwn(row, name))) said.push('active');
  const [first] = said;
  const agreed = first !== undefined && said.every((state) => state === first);
  return agreed && first !== 'foreign' ? first : 'unknown';
}

/**
 * The visible end of a masked token: `tg_org_****x9Zk`, `…x9Zk` and `x9Zk` say the same. Under four characters it is no
 * evidence, nor is the visible beginning.
 */
function hintOf(text: string | undefined): string | undefined {
  if (text !== undefined && /^tg_[A-Za-z0-9_-]*$/.test(text)) return undefined;
  const tail = text === undefined ? undefined : /[A-Za-z0-9_-]*$/.exec(text)?.[0];
  return tail !== undefined && tail.length >= 4 && tail.length <= 12 ? tail : undefined;
}

function hashOf(text: string | undefined): string | undefined {
  return text !== undefined && /^[0-9a-f]{64}$/i.test(text) ? text.toLowerCase() : undefined;
}

function readNextPage(places: readonly Field[], trace: NameTrace): NextPage | undefined {
  let next: NextPage | undefined;
  let more: Field | undefined;
  for (const { path, value } of places) {
    if (!isObject(value)) continue;
    for (const name of NAMES.nextPage) {
      const found = find(value, [name], path);
      if (found === undefined || found.value === '') continue;
      if (next === undefined) trace('nextPage', name);
      next ??= { query: CURSOR_QUERY[name], cursor: stringOf(found) };
    }
    const flag = find(value, NAMES.hasMore, path);
    if (flag !== undefined && saysYes(flag)) more = flag;
  }
  if (more !== undefined && next === undefined) {
    throw new ShapeError(
      `${more.path} is true, but no field says where the next page is (accepted: ${NAMES.nextPage.join(', ')})`,
    );
  }
  return next;
}

/** A flag that is no boolean is read as one where it can only be meant so. */
function saysYes(flag: Field): boolean {
  if ([true, 'true', 1].includes(flag.value as string)) return true;
  if ([false, 'false', 0, ''].includes(flag.value as string)) return false;
  return booleanOf(flag);
}
