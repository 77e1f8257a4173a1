import { Misuse } from '../model/misuse.js';
import type { TakumiClient, TakumiClientOptions } from '../takumi/client.js';
import { type Credential, readCredential } from '../takumi/credential.js';
import { environment, readText } from './environment.js';

/** The credential of the environment, or undefined where none is configured. Half a credential is a misuse. */
export function credential(): Credential | undefined {
  return readCredential(environment, readText);
}

/** The credential, for a command that can do nothing without one. */
export function neededCredential(what: string): Credential {
  const configured = credential();
  if (configured !== undefined) return configured;
  throw new Misuse(
    `${what} needs a credential. Set TAKUMI_ORG_ID, TAKUMI_BOT_ID and TAKUMI_BOT_API_KEY (or TAKUMI_BOT_API_KEY_FILE); a bot is made in the console under Settings → Bots.`,
  );
}

export async function connect(
  configured: Credential,
  observer?: TakumiClientOptions['observer'],
): Promise<TakumiClient> {
  const { TakumiClient } = await import('../takumi/client.js');
  return new TakumiClient({
    credential: configured,
    environment,
    ...(observer === undefined ? {} : { observer }),
  });
}
