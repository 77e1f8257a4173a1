import { type Bot, ISSUER } from '../../src/emulator/bots.js';
import type { Emulator } from '../../src/emulator/emulator.js';
import type { Approved } from '../../src/model/plan.js';
import { SecretValue } from '../../src/model/secret.js';
import { TakumiClient, type TakumiClientOptions } from '../../src/takumi/client.js';
import { readCredential } from '../../src/takumi/credential.js';
import type { Timing } from '../../src/takumi/timing.js';

/** A client of `emulator` that waits in virtual time; `options` may override anything. */
export function connect(
  emulator: Emulator,
  options: Partial<TakumiClientOptions> & { readonly bot?: Bot; readonly url?: string } = {},
): TakumiClient {
  const bot = options.bot ?? { orgId: emulator.orgId, botId: emulator.botId, botApiKey: emulator.botApiKey };
  const credential = readCredential(
    {
      TAKUMI_ORG_ID: bot.orgId,
      TAKUMI_BOT_ID: bot.botId,
      TAKUMI_BOT_API_KEY: bot.botApiKey,
      TAKUMI_API_URL: options.url ?? emulator.url,
    },
    () => '',
  );
  if (credential === undefined) throw new Error('no credential');
  return new TakumiClient({ credential, timing: virtualTime(), ...options });
}

/** A clock that only sleeping moves. Whoever sleeps a thousand times will do so for ever. */
export function virtualTime(random = 0.5): Timing & { readonly slept: number[] } {
  let now = 0;
  const slept: number[] = [];
  return {
    slept,
    monotonic: () => now,
    wall: () => Date.now() + now,
    sleep: async (milliseconds) => {
      if (slept.push(milliseconds) > 1_000) throw new Error('it sleeps for ever');
      now += milliseconds;
    },
    random: () => random,
  };
}

export function secret(token: string): SecretValue {
  return new SecretValue(token, 'tg_org_'.length);
}

/** Stands in for what policy approves: what the client says to a revocation is asked here, not whether it may be sent. */
export function approved(tokenId: string): Approved {
  return { tokenId } as Approved;
}

export { ISSUER };
