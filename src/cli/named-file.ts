import { Misuse } from '../model/misuse.js';
import { readText } from './environment.js';

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
      `${option === undefined ? '' : `${option} `}${file} can not be read: ${problemOf(error)}`,
    );
  }
}

function problemOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'no such file';
    case 'EACCES':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return code ?? 'no reason was given';
  }
}
