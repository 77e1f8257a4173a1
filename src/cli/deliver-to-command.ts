import { spawn } from 'node:child_process';
import { Misuse } from '../model/misuse.js';
import { environment } from './environment.js';

/** What the command has no business with: it gets one token, not the credential that makes them. */
const WITHHELD = ['TAKUMI_BOT_API_KEY', 'TAKUMI_BOT_API_KEY_FILE', 'TAKUMI_BOT_ID'];

/** Runs what the user typed, with `text` on its standard input. @throws {Misuse} unless it read that and ended well. */
export function toCommand(command: string, text: string, userIdentifier: string): Promise<void> {
  const env = {
    ...Object.fromEntries(Object.entries(environment).filter(([name]) => !WITHHELD.includes(name))),
    GUARDSWEEP_USER_IDENTIFIER: userIdentifier,
  };
  const child = spawn(command, { shell: true, env, stdio: ['pipe', 'inherit', 'inherit'] });
  return new Promise((resolve, reject) => {
    let unread: Error | undefined;
    child.stdin.on('error', (error) => {
      unread = error;
    });
    child.on('error', (error) => reject(new Misuse(`the command could not be started: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0 && unread === undefined) resolve();
      else
        reject(
          new Misuse(`the command ended with ${unread === undefined ? (code ?? signal) : unread.message}`),
        );
    });
    child.stdin.end(text);
  });
}
