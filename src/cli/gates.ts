import type { Command } from 'commander';
import { userGlob } from '../model/user-glob.js';
import type { UserPolicy } from '../rules/user-policy.js';
import type { Gates } from '../workflows/draft.js';
import { count, share } from './numbers.js';

/** What the command line says of what holds a revocation back. */
export interface GateOptions {
  readonly maxRevocations?: number;
  readonly maxShare?: number;
  readonly protect: readonly string[];
  readonly includeOwn?: boolean;
}

/** Caps where nobody named any: of what was found, and of what a person named. */
export const FOUND_AT_MOST = 10;
export const NAMED_AT_MOST = 100;
/** The same of the organization’s active tokens, for people to read; `workflows/draft.ts` holds it. */
export const FOUND_SHARE = '5%, or 10 tokens where that is more';

/** The options of every command after which a token is dead. @param shareByDefault what `--max-share` is when not given. */
export function gating(command: Command, atMost: number, shareByDefault?: string): Command {
  return command
    .option(
      '--max-revocations <n>',
      `revoke nothing at all if there would be more (default: ${atMost})`,
      count('--max-revocations'),
    )
    .option(
      '--max-share <share>',
      `revoke nothing at all if it would be a larger share of the organization’s active tokens${shareByDefault === undefined ? '' : ` (default: ${shareByDefault})`}`,
      share('--max-share'),
    )
    .option(
      '--protect <glob>',
      'leave alone tokens of users whose identifier matches (repeatable)',
      collectUserGlobs,
      [],
    )
    .option('--include-own', 'revoke what this very job uses too, after everything else');
}

/** Of `--protect`, each as it comes. */
export function collectUserGlobs(value: string, previous: readonly string[]): string[] {
  return [...previous, userGlob(value, '--protect')];
}

/** What the command line says goes before what the policy says. */
export function gatesOf(
  options: GateOptions & { readonly revokeAllOfUser?: boolean },
  policy: UserPolicy | undefined,
  atMost = FOUND_AT_MOST,
): Gates & { readonly protectedUsers: readonly string[]; readonly includeOwn: boolean } {
  const most = options.maxShare ?? policy?.max_share;
  return {
    maxRevocations: options.maxRevocations ?? policy?.max_revocations ?? atMost,
    ...(most === undefined ? {} : { maxShare: most }),
    protectedUsers: [...options.protect, ...(policy?.protect ?? [])],
    allOfUser: options.revokeAllOfUser ?? false,
    includeOwn: options.includeOwn ?? false,
    ...(policy === undefined ? {} : { policy }),
  };
}
