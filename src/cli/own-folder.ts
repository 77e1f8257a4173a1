import { Misuse } from '../model/misuse.js';
import { makeFolders } from './make-folders.js';
import { codeOf } from './system-error.js';

/**
 * A folder for what is written by itself, made where there is none.
 * @param instead what its user can do where it can't be
 * @throws {Misuse} then
 */
export function ownFolder(path: string, instead: string): string {
  try {
    makeFolders(path);
    return path;
  } catch (error) {
    throw new Misuse(`the folder ${path} cannot be made (${codeOf(error)}); ${instead}`);
  }
}
