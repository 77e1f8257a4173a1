import { createHash } from 'node:crypto';

/** What the codes of a font stand for, as it says it itself (ISO 32000-1, 9.10.3): many have codes of their own. */
export interface CodeMap {
  /** Bytes a code. */
  readonly width: number;
  /** By code: characters as bytes, what is no byte as a question mark. */
  readonly texts: ReadonlyMap<number, Buffer>;
  /** The same for maps that say the same. */
  readonly id: string;
}

const LONGEST = 4 * 1024 * 1024;
/** A range holds no more codes than two bytes tell apart. */
const MOST_CODES = 0x10000;
/** A code stands for a ligature at most. */
const LONGEST_TEXT = 8;
const SECTION = /begin(codespacerange|bfchar|bfrange)/g;
const CHAR = /<([0-9A-Fa-f\s]+)>\s*<([0-9A-Fa-f\s]*)>/g;
const RANGE = /<([0-9A-Fa-f\s]+)>\s*<([0-9A-Fa-f\s]+)>\s*(?:<([0-9A-Fa-f\s]*)>|\[([^\]]*)\])/g;

/** The map that a stream is; `undefined` where it is none. */
export function codeMapOf(content: Buffer): CodeMap | undefined {
  if (content.length > LONGEST || !content.includes('begincodespacerange')) return undefined;
  const texts = new Map<number, Buffer>();
  let width = 0;
  for (const [section, body] of sectionsOf(content.toString('latin1'))) {
    if (section === 'codespacerange') width ||= Math.ceil(digitsOf(/<([^>]*)>/.exec(body)?.[1]).length / 2);
    else if (section === 'bfchar') {
      for (const [, code, text] of body.matchAll(CHAR)) texts.set(numberOf(code), textOf(digitsOf(text)));
    } else for (const range of body.matchAll(RANGE)) addRange(texts, range);
  }
  if (width < 1 || width > 2 || texts.size === 0) return undefined;
  const id = createHash('sha256').update(content).digest('hex');
  return { width, texts, id };
}

function* sectionsOf(text: string): Generator<readonly [name: string, body: string]> {
  let end = 0;
  for (const { 1: name = '', index } of text.matchAll(SECTION)) {
    if (index < end) continue;
    end = text.indexOf('end', index);
    if (end < 0) return;
    yield [name, text.slice(index, end)];
  }
}

function addRange(texts: Map<number, Buffer>, [, first, last, start, list]: RegExpExecArray): void {
  const from = numberOf(first);
  const count = Math.min(numberOf(last) - from + 1, MOST_CODES);
  const listed = [...(list ?? '').matchAll(/<([0-9A-Fa-f\s]*)>/g)];
  const digits = digitsOf(start);
  for (let at = 0; at < count && texts.size < MOST_CODES; at++) {
    if (list === undefined) texts.set(from + at, textOf(digits, at));
    else if (listed[at] !== undefined) texts.set(from + at, textOf(digitsOf(listed[at]![1])));
  }
}

/** What is written in UTF-16; in a range, its last unit counts up. */
function textOf(digits: string, more = 0): Buffer {
  const units = (digits.match(/.{4}/g) ?? []).slice(0, LONGEST_TEXT).map((unit) => Number.parseInt(unit, 16));
  if (units.length > 0) units[units.length - 1]! += more;
  return Buffer.from(units.map((unit) => (unit < 0x100 ? unit : 0x3f)));
}

function digitsOf(text = ''): string {
  return text.replace(/\s/g, '');
}

function numberOf(text: string | undefined): number {
  return Number.parseInt(digitsOf(text), 16);
}
