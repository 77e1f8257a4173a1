import { type Field, ShapeError, stringOf } from './json-shape.js';
import { withoutTokens } from './quote.js';

const LONGEST_ID = 256;

/** An ID goes into a path and into reports: nothing that a URL reads as a way up, nothing that may be a token itself. */
export function checkedId(field: Field): string {
  const id = Number.isSafeInteger(field.value) ? String(field.value) : stringOf(field);
  if (
    !/^[\x21-\x7e]+$/.test(id) ||
    id.length > LONGEST_ID ||
    /^\.{1,2}$/.test(id) ||
    withoutTokens(id) !== id
  ) {
    throw new ShapeError(`${field.path} cannot be an ID`);
  }
  return id;
}
