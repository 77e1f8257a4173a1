import { Misuse } from '../model/misuse.js';
import { environment } from './environment.js';

/** An error for the person who reads it; the stack only where it helps us, on request. */
export function present(error: unknown): string {
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
  return error instanceof Misuse || isCredentialFailure(error) ? 3 : 2;
}

function isCredentialFailure(error: unknown): boolean {
  const { kind, cause } = (error ?? {}) as { kind?: unknown; cause?: unknown };
  return [kind, cause].some((failure) => failure === 'unauthorized' || failure === 'forbidden');
}
