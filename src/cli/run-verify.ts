import { type JournalVerification, verifyJournal } from '../audit/verify.js';
import { Misuse } from '../model/misuse.js';
import { problemOf } from './system-error.js';
import { plain } from './table.js';

/** Exit code 0 when the journal is whole and nothing is open, 2 otherwise. */
export async function runVerify(file: string): Promise<number> {
  let verification: JournalVerification;
  try {
    verification = verifyJournal(file);
  } catch (error) {
    throw new Misuse(`${file} cannot be read: ${problemOf(error)}`);
  }
  const { ok, lines, head, broken, truncated, open } = verification;
  const said: string[] = [];
  if (broken !== undefined) said.push(`line ${broken.line}: ${broken.reason}`);
  if (truncated > 0)
    said.push(
      `the last line is cut off (${truncated} bytes): the run was killed while it wrote; what it announced never began`,
    );
  for (const action of open) {
    said.push(
      `line ${action.line}: ${action.action} ${action.tokenId ?? action.userIdentifier ?? ''} ended with ${action.last}: whether it happened is not on record; probe or list to find out`,
    );
  }
  for (const line of said) process.stdout.write(`${plain(line)}\n`);
  const whole = ok && truncated === 0;
  process.stdout.write(
    whole
      ? `${lines} line${lines === 1 ? '' : 's'}, chain whole, last hash ${head}${open.length > 0 ? `; ${open.length} action${open.length === 1 ? '' : 's'} open` : ''}\n`
      : `${lines} good line${lines === 1 ? '' : 's'}; the chain is not whole\n`,
  );
  return whole && open.length === 0 ? 0 : 2;
}
