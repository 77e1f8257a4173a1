import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The one place where the environment of the process is read. */
export const environment = process.env as Readonly<Record<string, string | undefined>>;

/** Reads a file that the user named, as text. */
export function readText(path: string): string {
  return readFileSync(path, 'utf8');
}

/** Where journals go when none is named: the XDG state folder, which survives a reboot and is nobody's work tree. */
export function stateFolder(): string {
  return join(environment.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'guardsweep');
}
