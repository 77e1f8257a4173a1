import { resolve } from 'node:path';

/** Targets as they are found again from any working directory. Standard input and URLs stay as they are. */
export function absoluteTargets(targets: readonly string[], staged = false): string[] {
  if (staged) return [process.cwd()];
  return targets.map((target) =>
    target === '-' || /^[a-z][a-z0-9+.-]*:\/\//i.test(target) ? target : resolve(target),
  );
}
