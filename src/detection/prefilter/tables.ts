import { literalsOf } from './literals.js';
import { buildImage, chooseWindows, type WindowedLiteral } from './table.js';

/** The literals of a set of prefixes, and the image of them that kernels read. */
export interface Table {
  readonly literals: readonly WindowedLiteral[];
  readonly image: Uint8Array;
}

const known = new Map<string, Table>();

export function tableFor(prefixes: readonly string[]): Table {
  const key = prefixes.join('\n');
  const table = known.get(key) ?? build(prefixes);
  known.set(key, table);
  return table;
}

function build(prefixes: readonly string[]): Table {
  const literals = chooseWindows(literalsOf(prefixes));
  return { literals, image: buildImage(literals) };
}
