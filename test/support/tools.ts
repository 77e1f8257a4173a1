import { spawnSync } from 'node:child_process';

/**
 * For tests whose very point is another program: which of them are not here, as an ending of the test's name; empty
 * where all are. Give it to `test.skipIf` too.
 */
export function lacking(...programs: readonly string[]): string {
  const absent = programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
  return absent.length === 0 ? '' : ` (skipped: there is no ${absent.join(', ')} here)`;
}
