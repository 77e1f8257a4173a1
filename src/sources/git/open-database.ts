import { type Diagnostic, diagnostic } from '../../model/diagnostic.js';
import { SourceFault } from '../../model/source.js';
import type { FileTree } from '../file-tree.js';
import { parseConfig } from './config.js';
import { commonFolderOf, objectFolders } from './layout.js';
import { ObjectDatabase } from './object-database.js';
import { type ObjectFormat, SHA1, SHA256 } from './object-format.js';
import { joinPath, readPlainText } from './plain-file.js';

export interface OpenedDatabase {
  readonly database: ObjectDatabase;
  /** The folder that holds objects and refs: the git folder, or the one a linked worktree belongs to. */
  readonly commonDir: string;
  readonly faults: readonly Diagnostic[];
}

/**
 * Finds the objects of the repository at `gitDir`.
 *
 * @param largest bytes of the largest object that is read whole.
 * @param more further folders that hold objects.
 */
export function openDatabase(
  tree: FileTree,
  gitDir: string,
  largest: number,
  more: readonly string[] = [],
): OpenedDatabase {
  const faults: Diagnostic[] = [];
  const attempt = <T>(step: () => T): T | undefined => {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof SourceFault)) throw error;
      faults.push(error.diagnostic);
      return undefined;
    }
  };
  let commonDir = attempt(() => commonFolderOf(tree, gitDir));
  if (commonDir === undefined) {
    const detail = 'belongs to a repository outside of what is scanned: scan that repository, too';
    faults.push(diagnostic(tree.whereOf(joinPath(gitDir, 'commondir')), 'unsupported', detail));
    commonDir = gitDir;
  }
  const folders: string[] = [...more];
  for (const folder of attempt(() => objectFolders(tree, commonDir)) ?? [joinPath(commonDir, 'objects')]) {
    if (typeof folder === 'string') folders.push(folder);
    else faults.push(folder);
  }
  const format = attempt(() => configuredFormat(tree, commonDir)) ?? SHA1;
  const database = new ObjectDatabase(tree, folders, format, largest);
  return { database, commonDir, faults: [...faults, ...database.faults] };
}

/** The format of objects by the configuration. Throws `SourceFault` where that can't be read. */
export function configuredFormat(tree: FileTree, commonDir: string): ObjectFormat {
  const config = parseConfig(readPlainText(tree, joinPath(commonDir, 'config')) ?? '');
  return config.get('extensions.objectformat') === 'sha256' ? SHA256 : SHA1;
}
