import { containerOf, type Provenance } from '../model/provenance.js';

/**
 * A text that two provenances share only when they are the same place. Its order is the order of a report: files before
 * history, history that a ref leads to before what nothing names, older commits before newer ones, containers before
 * their members.
 */
export function placeKey(where: Provenance): string {
  return placeKeys(where)[0]!;
}

/** The keys of a place and of all that it lies in, innermost first. */
export function placeKeys(where: Provenance): string[] {
  const container = containerOf(where);
  const around = container === undefined ? [] : placeKeys(container);
  const own = ownKey(where).map(unambiguous).join('\0');
  return [around.length === 0 ? own : `${around[0]}\u0001${own}`, ...around];
}

function ownKey(where: Provenance): string[] {
  switch (where.kind) {
    case 'file':
      return [
        '0',
        where.path,
        ...(where.generation === undefined ? [] : [`${where.generation}`.padStart(9, '0')]),
      ];
    case 'stream':
      return ['1', where.name];
    case 'staged':
      return ['2', where.path, where.blob ?? ''];
    case 'ref':
      return ['3', where.name];
    case 'commit':
      return [where.reachable ? '4' : '5', instant(where.date), where.path, where.commit, where.blob];
    case 'object':
      return [where.reachable ? '6' : '7', where.type, where.object];
    case 'member':
      return ['8', where.path];
  }
}

/** Commit dates carry time zones: as text they only sort once they are all in UTC. */
function instant(date: string): string {
  const milliseconds = Date.parse(date);
  return Number.isNaN(milliseconds) ? date : new Date(milliseconds).toISOString();
}

/** Hostile names may hold the separators: two places must not share a key by that. */
function unambiguous(part: string): string {
  return part.replace(/[\0-\x02]/g, (separator) => `\x02${separator.charCodeAt(0)}`);
}
