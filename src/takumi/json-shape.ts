/** A JSON object as parsed. */
export type JsonObject = { readonly [name: string]: unknown };

/** An answer is JSON, but not of a shape that can be read. The message names the JSON path at fault. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** Is told which of a field's accepted names an answer used, `undefined` when none. */
export type NameTrace = (field: string, name: string | undefined) => void;

/** A field found under one of its names. */
export interface Field {
  readonly path: string;
  readonly value: unknown;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectAt(value: unknown, path: string): JsonObject {
  if (!isObject(value)) throw new ShapeError(`${path} is ${kindOf(value)}, not an object`);
  return value;
}

/** The first of `names` that `object` has, unless it is null. */
export function find(object: JsonObject, names: readonly string[], path: string): Field | undefined {
  for (const name of names) {
    const value = Object.hasOwn(object, name) ? object[name] : undefined;
    if (value !== undefined && value !== null) return { path: `${path}.${name}`, value };
  }
  return undefined;
}

/** The error for a field that had to be there. */
export function missingField(names: readonly string[], path: string): ShapeError {
  const [first, ...others] = names;
  const also = others.length > 0 ? ` (also accepted: ${others.join(', ')})` : '';
  return new ShapeError(`${path}.${first} is missing${also}`);
}

export function stringOf(field: Field): string {
  if (typeof field.value !== 'string') {
    throw new ShapeError(`${field.path} is ${kindOf(field.value)}, not a string`);
  }
  return field.value;
}

export function booleanOf(field: Field): boolean {
  if (typeof field.value !== 'boolean') {
    throw new ShapeError(`${field.path} is ${kindOf(field.value)}, not true or false`);
  }
  return field.value;
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'absent';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
