import { Misuse } from '../model/misuse.js';
import { readText } from './environment.js';

/** The passwords of a file, a line each; an empty line is none. They are tried in this order. */
export function readPasswords(file: string): string[] {
  let text: string;
  try {
    text = readText(file);
  } catch (error) {
    throw new Misuse(`--password-file ${file} can not be read (${(error as NodeJS.ErrnoException).code})`);
  }
  return text.split(/\r?\n/).filter((line) => line !== '');
}
