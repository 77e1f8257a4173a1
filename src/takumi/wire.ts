import type { TokenRecord, TokenStatus } from '../model/token.js';
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

/*
 * The wire contract. The endpoints, `user_identifier` and the base URL are published; the names below are ASSUMPTIONS,
 * each with the alternatives that are accepted, first the likeliest. Whoever holds the vendor's OpenAPI document
 * changes this file only.
 */

/** Names in answers. */
export const NAMES = {
  rows: ['tokens', 'items', 'org_user_tokens', 'data', 'results'],
  envelope: ['data', 'result', 'org_user_token', 'token'],
  tokenId: ['token_id', 'id'],
  userIdentifier: ['user_identifier'],
  plaintext: ['token', 'plaintext', 'token_value', 'value', 'secret'],
  active: ['active', 'is_active'],
  status: ['status', 'state'],
  owned: ['owned', 'is_owned', 'owned_by_organization'],
  organization: ['org_id', 'organization_id'],
  createdAt: ['created_at', 'issued_at'],
  lastUsedAt: ['last_used_at', 'last_seen_at'],
  revokedAt: ['revoked_at', 'deleted_at'],
  hint: ['hint', 'token_hint', 'last4', 'last_four', 'token_suffix'],
  hash: ['token_hash', 'token_sha256', 'sha256'],
  nextPage: ['next_page_token', 'next_cursor', 'cursor'],
  paging: ['pagination', 'paging', 'page_info', 'meta', 'links', '_links'],
  hasMore: ['has_more', 'has_next', 'has_next_page'],
  errorCode: ['code', 'type', 'error'],
  errorMessage: ['message', 'detail', 'error_description'],
} as const;

/** The query parameter that asks for the next page, by the name under which an answer held its cursor. A `Link` header is read as well. */
const CURSOR_QUERY: Record<(typeof NAMES.nextPage)[number], string> = {
  next_page_token: 'page_token',
  next_cursor: 'cursor',
  cursor: 'cursor',
};

/** Names in requests. */
const QUERY = { prefix: 'user_identifier', status: 'status' } as const;
const ISSUE_BODY = { user: 'user_identifier' } as const;
const PROBE_BODY = { token: 'token' } as const;

type StatusWord = 'active' | 'revoked' | 'foreign';

const STATUS_WORDS: Readonly<Record<string, StatusWord>> = {
  active: 'active',
  revoked: 'revoked',
  inactive: 'revoked',
  disabled: 'revoked',
  deleted: 'revoked',
  expired: 'revoked',
  foreign: 'foreign',
  not_owned: 'foreign',
};

const LONGEST_ID = 256;

export interface ListFilter {
  /** This exact identifier. */
  readonly userIdentifier?: string;
  /** Every identifier that begins with this. */
  readonly userIdentifierPrefix?: string;
  readonly status?: 'active' | 'revoked';
}

export type NextPage = { readonly query: string; readonly cursor: string };

export interface ListPage {
  readonly records: readonly TokenRecord[];
  readonly next?: NextPage;
  readonly extent: Extent;
  /** Whether it says, in any way, that it is the last one, or how much there is. */
  readonly endSaid: boolean;
}

export type ProbeReading =
  | { readonly state: 'active'; readonly tokenId?: string; readonly userIdentifier?: string }
  | { readonly state: 'inactive' | 'foreign' | 'inactive_or_foreign' };

export interface IssueReading {
  readonly plaintext: string;
  readonly tokenId?: string;
}

/** The path of the collection under the base URL. */
export function collectionPath(orgId: string): string {
  return `/o/${encodeURIComponent(orgId)}/guard/org-user-tokens`;
}

export function probePath(orgId: string): string {
  return `${collectionPath(orgId)}/probe`;
}

/** @throws {ShapeError} for an ID that would lead elsewhere when it stands in a path. */
export function tokenPath(orgId: string, tokenId: string): string {
  return `${collectionPath(orgId)}/by-id/${encodeURIComponent(checkedId({ path: 'the token ID', value: tokenId }))}`;
}

export function listQuery(filter: ListFilter, next?: NextPage): string {
  const query = new URLSearchParams();
  const prefix = filter.userIdentifier ?? filter.userIdentifierPrefix;
  if (prefix !== undefined) query.set(QUERY.prefix, prefix);
  if (filter.status !== undefined) query.set(QUERY.status, filter.status);
  if (next !== undefined) query.set(next.query, next.cursor);
  return query.toString();
}

export function issueBody(userIdentifier: string): JsonObject {
  return { [ISSUE_BODY.user]: userIdentifier };
}

export function probeBody(token: string): JsonObject {
  return { [PROBE_BODY.token]: token };
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

/** @throws {ShapeError} when the answer says neither yes nor no, or both. */
export function readProbe(answer: unknown, orgId: string, trace: NameTrace = () => {}): ProbeReading {
  const root = objectAt(answer, '$');
  const { object, path } = unwrap(root, [...NAMES.active, ...NAMES.status]);
  const says = readLiveness(object, path, trace);
  refuseErrors(root);
  const owned = find(object, NAMES.owned, path);
  trace('owned', nameOf(owned));
  const organization = find(object, NAMES.organization, path);
  const ours =
    owned !== undefined
      ? booleanOf(owned)
      : organization === undefined
        ? undefined
        : organization.value === orgId;
  const tokenId = readTokenId(object, path, trace);
  const userIdentifier = readUser(object, path, trace);
  if (says === 'foreign' || ours === false) return { state: 'foreign' };
  if (says === 'active') {
    return {
      state: 'active',
      ...(tokenId === undefined ? {} : { tokenId }),
      ...(userIdentifier === undefined ? {} : { userIdentifier }),
    };
  }
  // A service that still knows whose it was says with that that it was ours.
  const known = ours === true || tokenId !== undefined || userIdentifier !== undefined;
  return { state: known ? 'inactive' : 'inactive_or_foreign' };
}

/** @throws {ShapeError} when there is no plaintext in it, or it names another user than `asked`. */
export function readIssue(answer: unknown, asked: string): IssueReading {
  const { object, path } = unwrap(
    objectAt(answer, '$'),
    NAMES.plaintext,
    (value) => typeof value === 'string',
  );
  const plaintext = find(object, NAMES.plaintext, path);
  if (plaintext === undefined) throw missingField(NAMES.plaintext, path);
  const text = stringOf(plaintext);
  if (!/^[\x21-\x7e]{8,4096}$/.test(text)) throw new ShapeError(`${plaintext.path} is no token`);
  const tokenId = readTokenId(object, path);
  const named = find(object, NAMES.userIdentifier, path);
  if (named !== undefined && named.value !== asked) {
    throw new ShapeError(`${named.path} is not the user that was asked for`);
  }
  return { plaintext: text, ...(tokenId === undefined ? {} : { tokenId }) };
}

/**
 * Checks that the answer to a revocation, `undefined` for an empty one, does not deny that this token is revoked.
 *
 * @throws {ShapeError} when it names another token, another state or an error.
 */
export function checkRevoked(answer: unknown, tokenId: string): void {
  if (answer === undefined) return;
  const root = objectAt(answer, '$');
  for (const name of ['ok', 'success', 'revoked']) {
    if (root[name] === false) throw new ShapeError(`$.${name} is false`);
  }
  refuseErrors(root);
  const { object, path } = unwrap(root, [...NAMES.tokenId, ...NAMES.status, ...NAMES.active]);
  const named = readTokenId(object, path);
  if (named !== undefined && named !== tokenId) throw new ShapeError(`${path} names another token`);
  const active = find(object, NAMES.active, path);
  if (active !== undefined && booleanOf(active)) throw new ShapeError(`${active.path} is still true`);
  const status = find(object, NAMES.status, path);
  if (status !== undefined && wordOf(status.value) === 'active') {
    throw new ShapeError(`${status.path} is still active`);
  }
}

/** An answer that tells of an error as well is none, whatever else it says. */
function refuseErrors(root: JsonObject): void {
  for (const name of ['error', 'errors']) {
    const value = root[name];
    const empty = typeof value === 'object' && value !== null ? Object.keys(value).length === 0 : !value;
    if (!empty) throw new ShapeError(`$.${name} is there`);
  }
}

/** The service's own explanation of an error, `undefined` for an envelope of another shape. */
export function readErrorText(answer: unknown): string | undefined {
  if (!isObject(answer)) return undefined;
  const inner = isObject(answer.error) ? answer.error : answer;
  const parts = [find(inner, NAMES.errorCode, '')?.value, find(inner, NAMES.errorMessage, '')?.value];
  const texts = parts.filter((part) => typeof part === 'string' || typeof part === 'number');
  return texts.length === 0 ? undefined : texts.join(': ');
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

function readLiveness(object: JsonObject, path: string, trace: NameTrace): 'active' | 'dead' | 'foreign' {
  const active = find(object, NAMES.active, path);
  const status = find(object, NAMES.status, path);
  trace('active', nameOf(active ?? status));
  if (active === undefined && status === undefined) {
    throw missingField([...NAMES.active, ...NAMES.status], path);
  }
  const flag = active === undefined ? undefined : booleanOf(active);
  if (status === undefined) return flag ? 'active' : 'dead';
  const word = wordOf(status.value);
  if (word === undefined) throw new ShapeError(`${status.path} is no state that is known`);
  if (flag !== undefined && flag !== (word === 'active')) {
    throw new ShapeError(`${active?.path} and ${status.path} contradict each other`);
  }
  return word === 'revoked' ? 'dead' : word;
}

/** A state in any of the spellings that APIs use: `active`, `ACTIVE`, `TOKEN_STATUS_ACTIVE`. */
function wordOf(value: unknown): StatusWord | undefined {
  if (typeof value !== 'string') return undefined;
  const word = value.toLowerCase().replace(/^(token_)?(status|state)_/, '');
  return Object.hasOwn(STATUS_WORDS, word) ? STATUS_WORDS[word] : undefined;
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

function readTokenId(object: JsonObject, path: string, trace: NameTrace = () => {}): string | undefined {
  const found = find(object, NAMES.tokenId, path);
  trace('tokenId', nameOf(found));
  return found === undefined ? undefined : checkedId(found);
}

/** An ID goes into a path and into reports: nothing that a URL reads as a way up, nothing that may be a token itself. */
function checkedId(field: Field): string {
  const id = Number.isSafeInteger(field.value) ? String(field.value) : stringOf(field);
  if (
    !/^[\x21-\x7e]+$/.test(id) ||
    id.length > LONGEST_ID ||
    /^\.{1,2}$/.test(id) ||
    withoutTokens(id) !== id
  ) {
    throw new ShapeError(`${field.path} can not be an ID`);
  }
  return id;
}

function readUser(object: JsonObject, path: string, trace: NameTrace = () => {}): string | undefined {
  const found = find(object, NAMES.userIdentifier, path);
  trace('userIdentifier', nameOf(found));
  return found === undefined ? undefined : withoutTokens(stringOf(found));
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

/** The object that holds one of `names`: the answer itself, or what it is wrapped in. */
function unwrap(
  root: JsonObject,
  names: readonly string[],
  fits: (value: unknown) => boolean = () => true,
): { object: JsonObject; path: string } {
  const own = find(root, names, '$');
  if (own === undefined || !fits(own.value)) {
    for (const name of NAMES.envelope) {
      const inner = root[name];
      if (isObject(inner)) return { object: inner, path: `$.${name}` };
    }
  }
  return { object: root, path: '$' };
}

function nameOf(field: Field | undefined): string | undefined {
  return field?.path.slice(field.path.lastIndexOf('.') + 1);
}
