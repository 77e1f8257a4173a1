import type { DecoderName } from '../decode/encoding.js';
import { LONGEST } from './disguise.js';
import { type Literal, literalsOf } from './literals.js';
import { unpack } from './pack.js';
import { WRITINGS } from './packed.js';
import { TABLE } from './table.generated.js';
import { buildImage, chooseWindows } from './table.js';

/** The literals of a set of prefixes, as the kernels need them: by index, a byte each. */
export interface Table {
  readonly image: Uint8Array;
  /** What undoes the outermost layer: an index of {@link OUTERS}. */
  readonly outers: Uint8Array;
  /** For a prefix as it is, the index of its rule; for what is packed, how it is written. */
  readonly rules: Uint8Array;
  readonly groups: Uint8Array;
  readonly lengths: Uint8Array;
}

/** The last of a table, which no window leads to: what `Prefilter.findZlib` finds. */
const ZLIB: Literal = {
  text: 'eJw'.padEnd(LONGEST, '?'),
  rule: WRITINGS.indexOf('base64'),
  outer: 'packed',
  group: 0,
};

export const OUTERS: readonly (DecoderName | 'plain' | 'packed')[] = [
  'plain',
  'base64',
  'utf16',
  'utf32',
  'hex',
  'percent',
  'escape',
  'html-entity',
  'quoted-printable',
  'base32',
  'byte-list',
  'hex-words',
  'octal-dump',
  'utf7',
  'invisible',
  'markup',
  'packed',
  'concatenation',
  'css',
  'cut-lines',
  'folded',
  'rtf',
  'ansi',
  'adjacency',
  'number-words',
  'characters',
  'binary',
  'ebcdic',
  'overstrike',
  'fullwidth',
  'rot13',
  'rot47',
  'base85',
  'yenc',
  'reversed',
];

let last: { readonly key: string; readonly table: Table } | undefined;

/** The built-in rules' table was made when the program was built; those of others take a moment. */
export function tableFor(prefixes: readonly string[]): Table {
  const key = prefixes.join(' ');
  if (last?.key !== key) {
    last = { key, table: key === TABLE.prefixes ? unpack(TABLE.packed) : buildTable(prefixes) };
  }
  return last.table;
}

export function buildTable(prefixes: readonly string[]): Table {
  return tableOf(literalsOf(prefixes));
}

export function tableOf(all: readonly Literal[]): Table {
  const windowed = chooseWindows(all);
  const literals = [...all, ZLIB];
  return {
    image: buildImage(windowed),
    outers: Uint8Array.from(literals, ({ outer }) => OUTERS.indexOf(outer)),
    rules: Uint8Array.from(literals, ({ rule }) => Math.max(rule, 0)),
    groups: Uint8Array.from(literals, ({ group }) => group),
    lengths: Uint8Array.from(literals, ({ text }) => text.length),
  };
}
