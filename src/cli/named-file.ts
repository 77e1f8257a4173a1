import { mkdirSync } from 'node:fs';
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

/**
 * A folder for what is written by itself, made where there is none.
 * @throws {Misuse} where it can't be
 */
export function ownFolder(path: string, instead: string): string {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  } catch (error) {
    throw new Misuse(`the folder ${path} can not be made (${codeOf(error)}); ${instead}`);
  }
}

/** The system's name for what went wrong, or what we say of it ourselves. */
export function codeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}

/** Why a file can't be read, in words where there are any. */
export function problemOf(error: unknown): string {
  const code = codeOf(error);
  switch (code) {
    case 'ENOENT':
      return 'no such file';
    case 'EACCES':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return code;
  }
}
