import { DeliveryError } from './config-format.js';

/** A header `[a.b]` or `[[a.b]]`, or an assignment. */
export interface TomlStatement {
  readonly kind: 'table' | 'tables' | 'value';
  /** From the root of the document: an assignment's with the table that it stands in. */
  readonly path: readonly string[];
  /** How many parts of the path its own line writes: all of them where it stands in no table. */
  readonly written: number;
  /** Where its line begins. */
  readonly start: number;
  /** What is assigned, half-open, without white space and comments around it; empty and at its end for a header. */
  readonly value: { readonly start: number; readonly end: number };
}

const SPACE = /[ \t]*/y;
const OPENING = /\[\[?/y;
const PART = /[ \t]*(?:([A-Za-z0-9_-]+)|"([^"\\\r\n]*)"|'([^'\r\n]*)')[ \t]*/y;
const LINE_END = /[ \t]*(?:#[^\n]*)?\r?(?:\n|$)/y;
/** What a value is made of. */
const PIECE =
  /"""(?:[^\\]|\\[\s\S])*?"{3,5}|'''[\s\S]*?'{3,5}|"(?:[^"\\\r\n]|\\.)*"|'[^'\r\n]*'|#[^\n]*|[[{]|[\]}]|\r?\n|[ \t]+|[^\s"'#[\]{}]+/y;

/**
 * What a TOML document says, as far as it takes to tell what is there already and where a line may be put.
 *
 * @throws {DeliveryError} for what can't be followed.
 */
export function tomlStatements(text: string, name: string): TomlStatement[] {
  const reader = new Reader(text, name);
  const statements: TomlStatement[] = [];
  let table: readonly string[] = [];
  while (!reader.ended) {
    if (reader.take(LINE_END) !== undefined) continue;
    const start = reader.at;
    reader.take(SPACE);
    const opening = reader.take(OPENING)?.[0];
    const path = reader.path(opening === undefined ? '=' : ']'.repeat(opening.length));
    const written = path.length;
    if (opening === undefined) {
      statements.push({ kind: 'value', path: [...table, ...path], written, start, value: reader.value() });
    } else {
      const value = { start: reader.at, end: reader.at };
      statements.push({ kind: opening === '[' ? 'table' : 'tables', path, written, start, value });
      table = path;
    }
    if (reader.take(LINE_END) === undefined) throw reader.lost();
  }
  return statements;
}

/** Whether `path` is `above`, or lies under it. */
export function isUnder(path: readonly string[], ...above: readonly string[]): boolean {
  return above.every((part, index) => path[index] === part);
}

class Reader {
  readonly #text: string;
  readonly #name: string;
  at = 0;

  constructor(text: string, name: string) {
    this.#text = text;
    this.#name = name;
  }

  get ended(): boolean {
    return this.at >= this.#text.length;
  }

  lost(): DeliveryError {
    return new DeliveryError(`${this.#name} is written in a way that cannot be followed; change it yourself`);
  }

  /** Goes past what `pattern` matches here. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text) ?? undefined;
    this.at += found?.[0].length ?? 0;
    return found;
  }

  /** A dotted key, up to and past `until`. */
  path(until: string): string[] {
    const path: string[] = [];
    do {
      const part = this.take(PART);
      if (part === undefined) throw this.lost();
      path.push(part[1] ?? part[2] ?? part[3]!);
    } while (this.take(/\./y) !== undefined);
    if (!this.#text.startsWith(until, this.at)) throw this.lost();
    this.at += until.length;
    return path;
  }

  value(): TomlStatement['value'] {
    this.take(SPACE);
    const start = this.at;
    let end = start;
    for (let depth = 0; !this.ended && !(depth === 0 && this.#ends()); ) {
      const piece = this.take(PIECE)?.[0];
      if (piece === undefined) throw this.lost();
      if (piece === '[' || piece === '{') depth++;
      if (piece === ']' || piece === '}') depth--;
      if (depth < 0 || (depth > 0 && this.ended)) throw this.lost();
      if (!/^[\s#]/.test(piece)) end = this.at;
    }
    if (end === start) throw this.lost();
    this.at = end;
    return { start, end };
  }

  #ends(): boolean {
    return /[\r\n#]/.test(this.#text[this.at]!);
  }
}
