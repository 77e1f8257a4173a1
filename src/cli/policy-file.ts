import { realpathSync } from 'node:fs';
import { relative } from 'node:path';
import { Misuse } from '../model/misuse.js';
import { readUserPolicy, type UserPolicy } from '../rules/user-policy.js';
import { readNamed } from './named-file.js';

/** The user's policy. @throws {Misuse} for one that lies in what is scanned: whoever leaked must not decide what follows. */
export async function readPolicy(file: string, targets: readonly string[]): Promise<UserPolicy> {
  const text = readNamed(file, '--policy');
  const inside = targets.find((target) => lies(file, target));
  if (inside !== undefined) {
    throw new Misuse(
      `--policy ${file} lies in ${inside}, which is scanned; a policy must come from elsewhere`,
    );
  }
  return readUserPolicy(text, file);
}

function lies(file: string, target: string): boolean {
  try {
    const way = relative(realpathSync(target), realpathSync(file));
    return !way.startsWith('..') && !way.startsWith('/');
  } catch {
    return false;
  }
}
