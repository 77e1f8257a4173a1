import { guard } from '../workflows/guard.js';
import { environment } from './environment.js';
import { readIgnoreLists } from './ignore-lists.js';

const ADVICE = `
Take it out of what is staged (git restore --staged FILE). A token that was in a file has usually leaked already:
have it revoked. To commit nevertheless: git commit --no-verify
`;

/** Exit code 0 lets the commit through. Says nothing when there is nothing to say. */
export async function runHook(options: { strict?: boolean; ignoreFile: readonly string[] }): Promise<number> {
  const report = await guard({
    staged: { directory: process.cwd(), environment, all: false },
    ignore: readIgnoreLists(options.ignoreFile),
    strict: options.strict ?? false,
  });
  if (report.exit_code === 0) return 0;
  const { text } = await import('../reporting/text.js');
  for (const chunk of text(report, { color: process.stderr.isTTY === true })) process.stderr.write(chunk);
  process.stderr.write(
    report.exit_code === 1
      ? ADVICE
      : `\nThe commit was stopped: not everything that is staged could be checked.\n`,
  );
  return report.exit_code;
}
