import { readNamed } from './named-file.js';

/** The passwords of a file, one per line; an empty line is none. They are tried in this order. */
export function readPasswords(file: string): string[] {
  const text = readNamed(file, '--password-file');
  return text.split(/\r?\n/).filter((line) => line !== '');
}
