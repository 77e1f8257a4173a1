import { createInterface } from 'node:readline/promises';
import { Misuse } from '../model/misuse.js';
import { environment } from './environment.js';
import { duration } from './numbers.js';

/** How long a question waits: what it is about was looked up before, and gets old. */
const PATIENCE = '10m';

/** Whether there is somebody to ask. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * @param targets of what is read: where one is standard input, the answer can't come from there.
 * @throws {Misuse} where a command has to ask and nobody is there, before it does anything.
 */
export function needSomebodyToAsk(
  command: string,
  targets: readonly string[],
  { yes }: { readonly yes?: boolean },
): void {
  if (yes || (canAsk() && !targets.includes('-'))) return;
  throw new Misuse(
    `${command} has nobody to ask here: there is no terminal. Give --yes to go on without asking`,
  );
}

/**
 * Asks on the terminal; only a typed “yes” is one. Everything else is a no: another word, the end of input, Ctrl-C, and
 * no answer at all. The run goes on and reports what it found.
 */
export async function ask(question: string): Promise<boolean> {
  const within = environment.GUARDSWEEP_PROMPT_TIMEOUT || PATIENCE;
  const signal = AbortSignal.timeout(duration('GUARDSWEEP_PROMPT_TIMEOUT', '1d')(within));
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} Type “yes” to go on: `, { signal });
    return answer.trim().toLowerCase() === 'yes';
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AbortError')) throw error;
    process.stderr.write(signal.aborted ? `\nNo answer within ${within}: taken as a no\n` : '\n');
    return false;
  } finally {
    terminal.close();
  }
}
