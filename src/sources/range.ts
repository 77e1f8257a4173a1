import type { Source } from '../model/source.js';
import type { ExpansionOptions } from './archive/expansion-options.js';
import { DiskTree } from './disk-tree.js';
import { expandedItems } from './expanded-items.js';
import { type Range, RangeSource } from './git/range-source.js';
import { gitDirectoryOf } from './git-directory.js';

export type { Range };

/**
 * What a range of commits of the repository that `target` belongs to brings in, and what is in those blobs that are
 * containers.
 * @throws {TargetError} where there is no repository
 * @throws {UnknownRevision}
 */
export function openRange(target: string, range: Range, options: ExpansionOptions): Source {
  const gitDir = gitDirectoryOf(target, undefined, '--since and --range need one');
  // A linked worktree's folder and the objects lie far apart: the root of the tree is the root of the disk.
  const tree = new DiskTree('/', { followsLinks: true });
  const path = Buffer.from(gitDir).toString('latin1').replace(/^\/+/, '');
  const where = { kind: 'file', path: gitDir } as const;
  const source = new RangeSource({ tree, gitDir: path, where, budget: options.budget }, range);
  return {
    units: () => expandedItems(source.items(), options),
    close: () => {
      source.close();
      options.spool.close();
    },
  };
}
