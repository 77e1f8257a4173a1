import type { FileProvenance, Provenance } from '../model/provenance.js';
import { visible } from './visible.js';

/** A place as people read it: `leak.zip!app/.git!3f2a…:.npmrc`. Containers stand before `!`. Safe on one line. */
export function describeWhere(where: Provenance): string {
  switch (where.kind) {
    case 'file':
      return nameOf(where);
    case 'stream':
      return where.name === '-' ? 'standard input' : visible(where.name);
    case 'member':
      return `${describeWhere(where.container)}!${visible(where.path)}${volumesOf(where)}`;
    case 'staged':
      // Always of the repository that one stands in: paths as git shows them.
      return `${visible(where.path)} (staged)`;
    case 'commit':
      return `${inside(where.repository)}${visible(where.commit)}:${visible(where.path)}`;
    case 'object':
      return `${inside(where.repository)}${where.type} ${visible(where.object)}`;
    case 'ref':
      return `${inside(where.repository)}${visible(where.name)}`;
  }
}

function inside(repository: Provenance | undefined): string {
  return repository === undefined ? '' : `${describeWhere(repository)}!`;
}

/** Of a log that was followed, the file as it is called now; where that is not known, which it was. */
function nameOf({ path, generation, volumes, now_at: now }: FileProvenance): string {
  return generation === undefined || now !== undefined
    ? `${visible(now ?? path)}${volumesOf({ volumes })}`
    : `${visible(path)} (file ${generation})`;
}

function volumesOf({ volumes }: { readonly volumes?: number | undefined }): string {
  return volumes === undefined ? '' : ` (${volumes} volumes)`;
}
