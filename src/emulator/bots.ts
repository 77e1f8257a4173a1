import { timingSafeEqual } from 'node:crypto';
import { randomText } from './random-text.js';

export type Role = 'organization/takumi_guard_token_issuer' | 'organization/takumi_manager';

export const ISSUER: Role = 'organization/takumi_guard_token_issuer';
export const MANAGER: Role = 'organization/takumi_manager';

/** Who calls, as an organization's console would create it. */
export interface Bot {
  readonly orgId: string;
  readonly botId: string;
  readonly botApiKey: string;
  readonly roles: readonly Role[];
}

/** The bots of all organizations. Their keys are made when the emulator starts and never twice the same. */
export class Bots {
  readonly #bots: Bot[] = [];

  create(orgId: string, roles: readonly Role[]): Bot {
    const bot: Bot = {
      orgId,
      botId: `BT01${randomText(24).toUpperCase()}`,
      botApiKey: `shisho_apikey_${randomText(43)}`,
      roles,
    };
    this.#bots.push(bot);
    return bot;
  }

  /** The bot that an `Authorization` header proves, if any. */
  authenticate(header: string | undefined): Bot | undefined {
    const given = /^Bearer ([^\s:]+):([^\s:]+)$/.exec(header ?? '');
    const [, key, id] = given ?? [];
    if (key === undefined || id === undefined) return undefined;
    return this.#bots.find((bot) => bot.botId === id && same(bot.botApiKey, key));
  }
}

function same(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
