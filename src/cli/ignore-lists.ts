import { type IgnoreList, parseIgnoreList } from '../findings/suppress.js';
import { readNamed } from './named-file.js';

/** The lists of fingerprints that the user named. */
export function readIgnoreLists(files: readonly string[]): IgnoreList[] {
  return files.map((file) => {
    const text = readNamed(file, '--ignore-file');
    return parseIgnoreList(text, file);
  });
}
