import { nameOf, readTokenId, readUser, refuseErrors, unwrap, wordOf } from './fields.js';
import {
  booleanOf,
  type Field,
  find,
  isObject,
  type JsonObject,
  missingField,
  type NameTrace,
  objectAt,
  ShapeError,
  stringOf,
} from './json-shape.js';
import { NAMES } from './wire.js';

export type ProbeReading =
  | { readonly state: 'active'; readonly tokenId?: string; readonly userIdentifier?: string }
  | { readonly state: 'inactive' | 'foreign' | 'inactive_or_foreign' };

export interface IssueReading {
  readonly plaintext: string;
  readonly tokenId?: string;
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
        : isOurs(organization, orgId);
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

/** @throws {ShapeError} for one that is only written otherwise: a token of ours would pass for another's, and live on. */
function isOurs(organization: Field, orgId: string): boolean {
  const named = Number.isSafeInteger(organization.value)
    ? String(organization.value)
    : stringOf(organization);
  if (named === orgId) return true;
  if (named.toLowerCase() !== orgId.toLowerCase()) return false;
  throw new ShapeError(`${organization.path} and TAKUMI_ORG_ID differ in upper and lower case only`);
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
  if (word === undefined) throw new ShapeError(`${status.path} is not a known state`);
  if (flag !== undefined && flag !== (word === 'active')) {
    throw new ShapeError(`${active?.path} and ${status.path} contradict each other`);
  }
  return word === 'revoked' ? 'dead' : word;
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
  if (!/^[\x21-\x7e]{8,4096}$/.test(text)) throw new ShapeError(`${plaintext.path} is not a token`);
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

/** The service's own explanation of an error, `undefined` for an envelope of another shape. */
export function readErrorText(answer: unknown): string | undefined {
  if (!isObject(answer)) return undefined;
  const inner = isObject(answer.error) ? answer.error : answer;
  const parts = [find(inner, NAMES.errorCode, '')?.value, find(inner, NAMES.errorMessage, '')?.value];
  const texts = parts.filter((part) => typeof part === 'string' || typeof part === 'number');
  return texts.length === 0 ? undefined : texts.join(': ');
}
