import { Misuse } from '../model/misuse.js';

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
    case 'ENOTDIR':
      return 'what it should lie in is no folder';
    default:
      return code;
  }
}

/** What to say where a file can't be written. */
export function unwritable(path: string, error: unknown): Misuse {
  const isMissing = codeOf(error) === 'ENOENT';
  const problem = isMissing ? 'its folder, or what it links to, does not exist' : problemOf(error);
  return new Misuse(`${path} cannot be written: ${problem}`);
}
