import { join } from 'node:path';
import { Journal } from '../audit/journal.js';
import { word } from '../reporting/trail/shell.js';
import type { Credential } from '../takumi/credential.js';
import { stateFolder } from './environment.js';
import { ownFolder } from './own-folder.js';

/** Where the actions of a run are recorded: where the user says, or one file per run in the state folder. */
export function journalFile(named: string | undefined, run: string): string {
  if (named !== undefined) return named;
  const folder = ownFolder(join(stateFolder(), 'journals'), 'name a file for the journal with --journal');
  return join(folder, `${run}.jsonl`);
}

/** @throws {JournalError} where it can't be opened. */
export function openJournal(file: string, credential: Credential, redact: (text: string) => string): Journal {
  return Journal.open(file, { redact, service: serviceOf(credential) });
}

/** Whose tokens a credential is about. */
export function serviceOf({ apiUrl, orgId }: Credential): string {
  return `${apiUrl.href.replace(/\/$/, '')}/o/${encodeURIComponent(orgId)}`;
}

/** For before the first action: a run that is killed says nothing at its end. */
export function wayBack({ file }: Pick<Journal, 'file'>): string {
  return `If this run is cut off, finish it with: guardsweep resume ${word(file)}`;
}

/** For the end of a run. */
export function recordedIn({ file, failure }: Pick<Journal, 'file' | 'failure'>): string {
  return failure === undefined ? `Every action is recorded in ${file}` : `The record ends early. ${failure}`;
}
