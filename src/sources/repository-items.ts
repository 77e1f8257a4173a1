import type { Budget } from '../model/budget.js';
import type { ScanItem } from '../model/source.js';
import type { FileTree } from './file-tree.js';

/** Every object of the repository at `gitDir`, as it is. The reader is loaded when a repository is met. */
export async function repositoryItems(
  tree: FileTree,
  gitDir: string,
  budget: Budget,
): Promise<Iterable<ScanItem>> {
  const { RepositorySource } = await import('./git/repository-source.js');
  return new RepositorySource({ tree, gitDir, where: tree.whereOf(gitDir), budget }).items();
}
