import { Misuse } from '../model/misuse.js';
import { readText } from './environment.js';
import { problemOf } from './system-error.js';

/**
 * The text of a file that the user named.
 * @param option the option that names it
 * @throws {Misuse} where it can't be read
 */
export function readNamed(file: string, option?: string): string {
  try {
    return readText(file);
  } catch (error) {
    throw new Misuse(
      `${option === undefined ? '' : `${option} `}${file} cannot be read: ${problemOf(error)}`,
    );
  }
}
