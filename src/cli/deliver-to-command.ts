import { type ChildProcess, spawn } from 'node:child_process';
import { Misuse } from '../model/misuse.js';
import { environment } from './environment.js';
import { duration } from './numbers.js';

/** What the command has no business with: it gets one token, not the credential that makes them. */
const WITHHELD = ['TAKUMI_BOT_API_KEY', 'TAKUMI_BOT_API_KEY_FILE', 'TAKUMI_BOT_ID'];

/** How long it may take. Meanwhile two tokens live. */
const PATIENCE = '10m';

/**
 * What is left on standard input when the command has ended well was not read: then the token is nowhere. It is counted,
 * not kept: a shell that traces what it does (SHELLOPTS=xtrace) would print it.
 */
const READ_TO_THE_END =
  'sh -c "$1"; code=$?; [ "$code" = 0 ] || exit "$code"; [ "$(wc -c)" -eq 0 ] || exit 125';
const UNREAD = 125;

/** Runs what the user typed, with `text` on its standard input. @throws {Misuse} unless it read that and ended well. */
export function toCommand(command: string, text: string, userIdentifier: string): Promise<void> {
  const within = environment.GUARDSWEEP_COMMAND_TIMEOUT || PATIENCE;
  const patience = duration('GUARDSWEEP_COMMAND_TIMEOUT', '1d')(within);
  const child = start(command, {
    ...Object.fromEntries(Object.entries(environment).filter(([name]) => !WITHHELD.includes(name))),
    GUARDSWEEP_USER_IDENTIFIER: userIdentifier,
  });
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Misuse(`the command ${why}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(`did not end within ${within} (GUARDSWEEP_COMMAND_TIMEOUT); it may still be running`);
    }, patience);
    let unread: Error | undefined;
    child.stdin?.on('error', (error) => {
      unread = error;
    });
    child.on('error', (error) => fail(`could not be started: ${error.message}`));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0 && unread === undefined) resolve();
      else if (code === UNREAD || code === 0)
        fail('did not read the token that it was given on standard input');
      else fail(`ended with ${code ?? signal}`);
    });
    child.stdin?.end(text);
  });
}

function start(command: string, env: NodeJS.ProcessEnv): ChildProcess {
  const options = { env, stdio: ['pipe', 'inherit', 'inherit'] as ['pipe', 'inherit', 'inherit'] };
  if (process.platform === 'win32') return spawn(command, { ...options, shell: true });
  return spawn('sh', ['-c', READ_TO_THE_END, 'sh', command], options);
}
