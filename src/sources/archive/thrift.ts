import { NumberReader } from './number-reader.js';

/** Structures nest no deeper in anything that is read here. */
const DEEPEST = 16;
/** As many as are held in memory: some for each chunk of a column. */
const MOST = 300_000;
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const MAP = 11;
const STRUCT = 12;

type Value = number | boolean | Struct | readonly Value[] | undefined;

/** The fields of a structure by their numbers; texts are passed over. */
export class Struct {
  readonly #fields = new Map<number, Value>();

  set(id: number, value: Value): void {
    this.#fields.set(id, value);
  }

  number(id: number): number | undefined {
    const value = this.#fields.get(id);
    return typeof value === 'number' ? value : undefined;
  }

  isFalse(id: number): boolean {
    return this.#fields.get(id) === false;
  }

  struct(id: number): Struct | undefined {
    const value = this.#fields.get(id);
    return value instanceof Struct ? value : undefined;
  }

  structs(id: number): Struct[] {
    const value = this.#fields.get(id);
    return Array.isArray(value) ? value.filter((each) => each instanceof Struct) : [];
  }
}

/** Reads structures as the compact protocol of Thrift writes them (thrift-compact-protocol.md). */
export class ThriftReader extends NumberReader {
  #count = 0;

  /** The structure that begins here; `undefined` where there is none. */
  struct(depth = 0): Struct | undefined {
    if (++this.#count > MOST) return undefined;
    const struct = new Struct();
    let id = 0;
    while (depth < DEEPEST) {
      const head = this.bytes[this.at++];
      if (head === undefined) return undefined;
      if (head === 0) return struct;
      id = head >> 4 === 0 ? this.zigzag() : id + (head >> 4);
      const type = head & 15;
      const value = type === TRUE || type === FALSE ? type === TRUE : this.#value(type, depth);
      if (this.at > this.bytes.length || (value === undefined && type === STRUCT)) return undefined;
      struct.set(id, value);
    }
    return undefined;
  }

  #value(type: number, depth: number): Value {
    if (type === BYTE || type === TRUE || type === FALSE) this.at += 1;
    else if (type === DOUBLE) this.at += 8;
    else if (type === BINARY) this.#skipText();
    else if (type === LIST || type === SET) return this.#list(depth);
    else if (type === MAP) this.#map(depth);
    else if (type === STRUCT) return this.struct(depth + 1);
    else if (type > BYTE && type < DOUBLE) return this.zigzag();
    else this.at = Number.POSITIVE_INFINITY;
    return undefined;
  }

  #skipText(): void {
    const length = this.unsigned();
    this.at += length;
  }

  #list(depth: number): readonly Value[] {
    const head = this.bytes[this.at++] ?? 0;
    const count = head >> 4 === 15 ? this.unsigned() : head >> 4;
    const values: Value[] = [];
    for (let left = count; left > 0 && this.at < this.bytes.length; left--) {
      const value = this.#value(head & 15, depth + 1);
      if (value instanceof Struct) values.push(value);
      else if ((head & 15) === STRUCT) this.at = Number.POSITIVE_INFINITY;
    }
    return values;
  }

  #map(depth: number): void {
    const count = this.unsigned();
    const types = count === 0 ? 0 : (this.bytes[this.at++] ?? 0);
    for (let left = count; left > 0 && this.at < this.bytes.length; left--) {
      this.#value(types >> 4, depth + 1);
      this.#value(types & 15, depth + 1);
    }
  }
}
