import type { Share } from '../model/share.js';
import type { ScanItem } from '../model/source.js';
import { expand } from './archive/expand.js';
import type { ExpansionOptions } from './archive/expansion-options.js';
import { mayExpand } from './archive/look-into.js';
import type { FileTree } from './file-tree.js';
import { repositoryItems, revisionStoreItems } from './repository-items.js';
import { isRevisionStore } from './subversion/store-layout.js';

/**
 * Every object of a repository of git, or those of one share, or every text of one of Subversion, and what is in those that are containers.
 *
 * @param named the folder that reports name the repository by.
 */
export async function* readRepository(
  tree: FileTree,
  gitDir: string,
  options: ExpansionOptions,
  share?: Share,
  named = gitDir,
): AsyncGenerator<ScanItem> {
  // Whoever looks for compressed streams in what is no container has to see every object.
  const screening = options.deep !== true;
  const items = isRevisionStore(tree, gitDir)
    ? await revisionStoreItems(tree, gitDir, options.budget, share)
    : await repositoryItems(tree, gitDir, options.budget, { ...options, screening, share, named });
  for (const item of items) {
    if (item.type === 'unit' && mayExpand(item, options)) yield* expand(item, options);
    else yield item;
  }
}
