import { NumberReader } from './number-reader.js';

/** Types nest no deeper in anything that is written by hand. */
const DEEPEST = 64;
/** Values that take no bytes, or few, are no reason to go on for ever. */
const MOST_FOR_A_BYTE = 4;
const LEAST_STEPS = 10_000;
const LONGEST_NUMBER = 8;
const LINE_END = 0x0a;

/** How a value is written, by its schema (Avro 1.12, “Data Serialization and Deserialization”). */
type Shape =
  | { readonly kind: 'number' }
  | { readonly kind: 'text' }
  | { readonly kind: 'bytes'; readonly size: number }
  | { readonly kind: 'parts'; readonly parts: Shape[] }
  | { readonly kind: 'one of'; readonly parts: readonly Shape[] }
  | { readonly kind: 'list'; readonly parts: readonly Shape[] };

const TEXT: Shape = { kind: 'text' };
const NUMBER: Shape = { kind: 'number' };
const PLAIN: Readonly<Record<string, Shape>> = {
  null: { kind: 'bytes', size: 0 },
  boolean: { kind: 'bytes', size: 1 },
  float: { kind: 'bytes', size: 4 },
  double: { kind: 'bytes', size: 8 },
  int: NUMBER,
  long: NUMBER,
  enum: NUMBER,
  bytes: TEXT,
  string: TEXT,
};

/** What makes lines of the texts in a block of `count` values; everything else becomes ends of lines, so that nothing moves. */
export type ValueReader = (content: Buffer, count: number) => Buffer | undefined;

/** A reader for the values of a schema, if all of it is understood. */
export function valueReader(schema: string): ValueReader | undefined {
  try {
    const shape = shapeOf(JSON.parse(schema), new Map(), '', 0);
    return (content, count) => new Walk(content).texts(shape, count);
  } catch {
    return undefined;
  }
}

class NotRead extends Error {}

function shapeOf(schema: unknown, named: Map<string, Shape>, space: string, depth: number): Shape {
  if (depth > DEEPEST) throw new NotRead();
  if (typeof schema === 'string') {
    const known = Object.hasOwn(PLAIN, schema)
      ? PLAIN[schema]
      : (named.get(`${space}.${schema}`) ?? named.get(schema));
    if (known === undefined) throw new NotRead();
    return known;
  }
  const inner = (part: unknown, within = space) => shapeOf(part, named, within, depth + 1);
  if (Array.isArray(schema)) return { kind: 'one of', parts: schema.map((part) => inner(part)) };
  const { type, name, namespace, fields, items, values, size } = schema as Record<string, unknown>;
  if (type === 'array') return { kind: 'list', parts: [inner(items)] };
  if (type === 'map') return { kind: 'list', parts: [TEXT, inner(values)] };
  const isNamed = type === 'record' || type === 'error' || type === 'fixed' || type === 'enum';
  if (!isNamed) return inner(type);
  const own =
    typeof namespace === 'string' ? namespace : String(name).split('.').slice(0, -1).join('.') || space;
  const full = String(name).includes('.') ? String(name) : `${own}.${name}`;
  const parts: Shape[] = [];
  const shape: Shape =
    type === 'enum'
      ? NUMBER
      : type === 'fixed'
        ? { kind: 'bytes', size: sizeOf(size) }
        : { kind: 'parts', parts };
  named.set(full, shape);
  if (shape.kind !== 'parts') return shape;
  if (!Array.isArray(fields)) throw new NotRead();
  for (const { type: part } of fields as Record<string, unknown>[]) parts.push(inner(part, own));
  return shape;
}

function sizeOf(size: unknown): number {
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw new NotRead();
  return size;
}

/** Goes through a block value by value. */
class Walk extends NumberReader {
  readonly #lines: Buffer;
  #left: number;

  constructor(bytes: Buffer) {
    super(bytes);
    this.#lines = Buffer.alloc(bytes.length, LINE_END);
    this.#left = LEAST_STEPS + MOST_FOR_A_BYTE * bytes.length;
  }

  texts(shape: Shape, count: number): Buffer | undefined {
    try {
      for (let left = count; left > 0; left--) this.#value(shape, 0);
      return this.at === this.bytes.length ? this.#lines : undefined;
    } catch (error) {
      if (error instanceof NotRead) return undefined;
      throw error;
    }
  }

  #value(shape: Shape, depth: number): void {
    if (--this.#left < 0 || depth > DEEPEST) throw new NotRead();
    switch (shape.kind) {
      case 'number':
        this.#number();
        return;
      case 'text':
        this.#copy(this.#number());
        return;
      case 'bytes':
        // Numbers of a fixed width are no text; what is longer may be.
        this.#copy(shape.size, shape.size > LONGEST_NUMBER);
        return;
      case 'parts':
        for (const part of shape.parts) this.#value(part, depth + 1);
        return;
      case 'one of': {
        const part = shape.parts[this.#number()];
        if (part === undefined) throw new NotRead();
        this.#value(part, depth + 1);
        return;
      }
      case 'list':
        this.#list(shape.parts, depth);
    }
  }

  /** Blocks of values; a negative count is followed by how many bytes they take. */
  #list(parts: readonly Shape[], depth: number): void {
    for (let count = this.#number(); count !== 0; count = this.#number()) {
      if (count < 0) this.#number();
      for (let left = Math.abs(count); left > 0; left--)
        for (const part of parts) this.#value(part, depth + 1);
    }
  }

  #copy(length: number, isText = true): void {
    const end = this.at + length;
    if (length < 0 || end > this.bytes.length) throw new NotRead();
    if (isText) this.bytes.copy(this.#lines, this.at, this.at, end);
    this.at = end;
  }

  #number(): number {
    const value = this.zigzag();
    if (this.at > this.bytes.length) throw new NotRead();
    return value;
  }
}
