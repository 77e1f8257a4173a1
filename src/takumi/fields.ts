import {
  type Field,
  find,
  isObject,
  type JsonObject,
  type NameTrace,
  ShapeError,
  stringOf,
} from './json-shape.js';
import { withoutTokens } from './quote.js';
import { checkedId } from './token-id.js';
import { NAMES, STATUS_WORDS, type StatusWord } from './wire.js';

export function readTokenId(
  object: JsonObject,
  path: string,
  trace: NameTrace = () => {},
): string | undefined {
  const found = find(object, NAMES.tokenId, path);
  trace('tokenId', nameOf(found));
  return found === undefined ? undefined : checkedId(found);
}

export function readUser(object: JsonObject, path: string, trace: NameTrace = () => {}): string | undefined {
  const found = find(object, NAMES.userIdentifier, path);
  trace('userIdentifier', nameOf(found));
  return found === undefined ? undefined : withoutTokens(stringOf(found));
}

/** A state in any of the spellings that APIs use: `active`, `ACTIVE`, `TOKEN_STATUS_ACTIVE`. */
export function wordOf(value: unknown): StatusWord | undefined {
  if (typeof value !== 'string') return undefined;
  const word = value.toLowerCase().replace(/^(token_)?(status|state)_/, '');
  return Object.hasOwn(STATUS_WORDS, word) ? STATUS_WORDS[word] : undefined;
}

/** The object that holds one of `names`: the answer itself, or what it is wrapped in. */
export function unwrap(
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

/** An answer that tells of an error as well is none, whatever else it says. */
export function refuseErrors(root: JsonObject): void {
  for (const name of ['error', 'errors']) {
    const value = root[name];
    const empty = typeof value === 'object' && value !== null ? Object.keys(value).length === 0 : !value;
    if (!empty) throw new ShapeError(`$.${name} is there`);
  }
}

export function nameOf(field: Field | undefined): string | undefined {
  return field?.path.slice(field.path.lastIndexOf('.') + 1);
}
