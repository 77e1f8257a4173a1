import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolder } from './environment.js';

/** Where the actions of a run are recorded: where the user says, or a file a run in the state folder. */
export function journalFile(named: string | undefined, run: string): string {
  if (named !== undefined) return named;
  const folder = join(stateFolder(), 'journals');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return join(folder, `${run}.jsonl`);
}
