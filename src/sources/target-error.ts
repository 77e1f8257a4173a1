import { Misuse } from '../model/misuse.js';

/** A target can't be opened at all: nothing of it was scanned. The message says why and what to do. */
export class TargetError extends Misuse {
  override readonly name = 'TargetError';
  readonly target: string;

  constructor(target: string, problem: string, options?: ErrorOptions) {
    super(`${target === '' ? '“”' : target}: ${problem}`, options);
    this.target = target;
  }
}
