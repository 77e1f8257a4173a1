import { type Diagnostic, diagnostic } from '../../model/diagnostic.js';
import { type FileTree, joinPath } from '../file-tree.js';
import { attempt } from './attempt.js';
import { parseConfig } from './config.js';
import { commonFolderOf, objectFolders } from './layout.js';
import { type LfsStore, lfsStore } from './lfs.js';
import { ObjectDatabase } from './object-database.js';
import { type ObjectFormat, SHA1, SHA256 } from './object-format.js';
import { readPlainText } from './plain-file.js';

export interface OpenedDatabase {
  readonly database: ObjectDatabase;
  /** The folder that holds objects and refs: the git folder, or the one a linked worktree belongs to. */
  readonly commonDir: string;
  readonly faults: readonly Diagnostic[];
  readonly lfs: LfsStore;
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
  let commonDir = attempt(() => commonFolderOf(tree, gitDir), faults);
  if (commonDir === undefined) {
    const detail = 'belongs to a repository outside of what is scanned: scan that repository, too';
    faults.push(diagnostic(tree.whereOf(joinPath(gitDir, 'commondir')), 'unsupported', detail));
    commonDir = gitDir;
  }
  const folders: string[] = [...more];
  const held = attempt(() => objectFolders(tree, commonDir), faults) ?? [joinPath(commonDir, 'objects')];
  for (const folder of held) {
    if (typeof folder === 'string') folders.push(folder);
    else faults.push(folder);
  }
  const config = attempt(() => readConfig(tree, commonDir), faults) ?? new Map<string, string>();
  const database = new ObjectDatabase(tree, folders, formatOf(config), largest);
  const lfs = lfsStore(tree, commonDir, folders, config.get('lfs.storage'));
  return { database, commonDir, faults: [...faults, ...database.faults], lfs };
}

/** The format of objects by the configuration. Throws `SourceFault` where that can't be read. */
export function configuredFormat(tree: FileTree, commonDir: string): ObjectFormat {
  return formatOf(readConfig(tree, commonDir));
}

function formatOf(config: ReadonlyMap<string, string>): ObjectFormat {
  return config.get('extensions.objectformat') === 'sha256' ? SHA256 : SHA1;
}

function readConfig(tree: FileTree, commonDir: string): ReadonlyMap<string, string> {
  return parseConfig(readPlainText(tree, joinPath(commonDir, 'config')) ?? '');
}
