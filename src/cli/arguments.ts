import { existsSync } from 'node:fs';
import { Misuse } from '../model/misuse.js';

const SECRET = /^(?:--[a-z-]+=)?(tg_org_|tg_anon_|shisho_apikey_)[A-Za-z0-9_-]{16,}(:\S+)?$/;

/** @throws {Misuse} for what can be nobody's identifier: a variable that was not set, or more than one line of it. */
export function userIdentifier(text: string): string {
  if (text.trim() !== '' && !/\p{Cc}/u.test(text)) return text;
  throw new Misuse(
    'the user identifier is empty or holds control characters; name one, such as alice-laptop',
  );
}

/**
 * No command takes a token or a key as an argument, so that it is not repeated in a message, a report or a journal.
 *
 * @throws {Misuse} for one. The name of a file that there is may look like it.
 */
export function refuseSecrets(args: readonly string[]): void {
  const at = args.findIndex((each) => SECRET.test(each) && !existsSync(each));
  if (at < 0) return;
  throw new Misuse(
    `argument ${at + 1} is a token or a key. Arguments are visible to every process of this machine: treat it as leaked. Tokens come in on standard input (guardsweep tokens probe - < FILE), or are named by their fingerprint or ID`,
  );
}
