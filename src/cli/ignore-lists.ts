import { type IgnoreList, parseIgnoreList } from '../findings/suppress.js';
import { Misuse } from '../model/misuse.js';
import { readText } from './environment.js';

/** The lists of fingerprints that the user named. */
export function readIgnoreLists(files: readonly string[]): IgnoreList[] {
  return files.map((file) => {
    let text: string;
    try {
      text = readText(file);
    } catch (error) {
      throw new Misuse(`--ignore-file ${file} can not be read (${(error as NodeJS.ErrnoException).code})`);
    }
    return parseIgnoreList(text, file);
  });
}
