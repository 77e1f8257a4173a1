import { resolve } from 'node:path';
import { Misuse } from '../model/misuse.js';

/** Targets as they are found again from any working directory. Standard input and URLs stay as they are. */
export function absoluteTargets(targets: readonly string[], staged = false): string[] {
  if (staged) return [process.cwd()];
  return targets.map((target) =>
    target === '-' || /^[a-z][a-z0-9+.-]*:\/\//i.test(target) ? target : resolve(target),
  );
}

/**
 * The targets named now, else those of the record; standard input can't be read a second time.
 *
 * @param command what was typed, to be typed again with the targets.
 * @throws {Misuse} where standard input was one of them.
 */
export function targetsAgain(
  recorded: readonly string[],
  again: readonly string[],
  command: string,
): string[] {
  const targets = absoluteTargets(again.length > 0 ? again : recorded);
  if (again.length === 0 && targets.includes('-')) {
    throw new Misuse(
      `the tokens were found on standard input, which has to be given again: guardsweep ${command} - < FILE`,
    );
  }
  return targets;
}
