import type { Provenance } from '../model/provenance.js';
import { visible } from './visible.js';

const KEPT = {
  stash: '; a stash keeps it',
  reflog: '; a reflog keeps it',
  index: '; the index keeps it',
  nothing: '; nothing keeps it from being collected',
};

/** How long something of a repository was there, which refs lead to it, or what keeps it: a few words, on one line. */
export function describeHistory(where: Provenance): string {
  if (where.kind !== 'commit' && where.kind !== 'object') return '';
  if (!where.reachable)
    return ` (no branch or tag leads there${where.held === undefined ? '' : KEPT[where.held]})`;
  const [first] = where.refs?.names ?? [];
  const more = (where.refs?.total ?? 0) - 1;
  const others = more > 0 ? ` and ${more} more ref${more === 1 ? '' : 's'}` : '';
  const refs = first === undefined ? [] : [`in ${visible(first)}${others}`];
  return ` (${[...lifetime(where), ...refs].join(', ')})`.replace(' ()', '');
}

function lifetime(where: Provenance): string[] {
  if (where.kind !== 'commit') return [];
  if (where.head === true) return ['still at HEAD'];
  const { last } = where;
  return last === undefined
    ? []
    : [`until ${visible(last.commit.slice(0, 12))}, ${visible(last.date.slice(0, 10))}`];
}
