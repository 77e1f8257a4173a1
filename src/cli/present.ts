import { Misuse } from '../model/misuse.js';
import { environment } from './environment.js';

/** An error for the person who reads it; the stack only where it helps us, on request. */
export function present(error: unknown): string {
  if (error instanceof Misuse) return error.message;
  if (!(error instanceof Error)) return `failed: ${String(error)}`;
  const trace = environment.GUARDSWEEP_TRACE === undefined ? '' : `\n${error.stack ?? ''}`;
  return `${error.message}${trace}`;
}

/** What ends a command with an error was either the call, or something that was left undone. */
export function exitCodeOf(error: unknown): number {
  return error instanceof Misuse ? 3 : 2;
}
