import { statSync } from 'node:fs';
import { join } from 'node:path';
import { commonFolderOf, gitFolderOf } from './git-folder.js';

/** Whether a target is a clone that was cut off on purpose (`--depth`): what was committed before is nowhere in it. */
export function isShallow(target: string): boolean {
  const shallow = join(commonFolderOf(gitFolderOf(target) ?? target), 'shallow');
  try {
    return statSync(shallow).size > 0 && statSync(join(shallow, '../objects')).isDirectory();
  } catch {
    return false;
  }
}
