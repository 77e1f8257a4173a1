import { Misuse } from '../model/misuse.js';
import type { CallFailure } from '../model/token.js';
import { visible } from '../reporting/visible.js';
import { environment } from './environment.js';

/**
 * An error for the person who reads it; the stack only where it helps us, on request. It may name what others named, so
 * that no token is left in it, nothing that a terminal obeys, and no line that is a command to a CI system.
 */
export function present(error: unknown): string {
  const text = textOf(error).replace(TOKEN, '$1…');
  return text.split(/\r?\n/).map(visible).join('\n| ');
}

const TOKEN = /(tg_org_|tg_anon_|shisho_apikey_)[A-Za-z0-9_-]{16,}/g;

function textOf(error: unknown): string {
  if (error instanceof Misuse) return error.message;
  if (!(error instanceof Error)) return `failed: ${String(error)}`;
  const trace = environment.GUARDSWEEP_TRACE === undefined ? '' : `\n${error.stack ?? ''}`;
  return `${error.message}${trace}`;
}

/**
 * What ends a command with an error was either the call or the credential, or something that was left undone. Once
 * anything was done, commands report it instead of ending with an error.
 */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Misuse) return 3;
  const { kind, cause } = (error ?? {}) as { kind?: unknown; cause?: unknown };
  return Math.max(exitCodeOfFailure(kind), exitCodeOfFailure(cause));
}

/** Of a call that did nothing: whether the same one may do better later, or something has to be fixed first. */
export function exitCodeOfFailure(failure: unknown): 2 | 3 {
  return NEEDS_MENDING.has(failure) ? 3 : 2;
}

const NEEDS_MENDING: ReadonlySet<unknown> = new Set<CallFailure>([
  'unauthorized',
  'forbidden',
  'not_found',
  'refused',
]);
