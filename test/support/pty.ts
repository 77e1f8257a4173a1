import { execFileSync, spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { type Call, folder, PROGRAM } from './program.js';

/** util-linux's `script` gives a program a terminal of its own. */
export const hasTerminal = (() => {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8' }).includes('util-linux');
  } catch {
    return false;
  }
})();
if (!hasTerminal) {
  process.stderr.write('“script” of util-linux is missing: what is asked on a terminal is not tested\n');
}

export interface TerminalRun {
  /** What it showed so far. */
  readonly screen: () => string;
  /** Waits until it shows this. */
  shows(what: RegExp): Promise<void>;
  type(text: string): void;
  readonly ended: Promise<number | null>;
}

/** Runs the built program on a terminal. */
export function onTerminal(args: readonly string[], call: Call = {}): TerminalRun {
  const home = call.env?.HOME ?? folder();
  const command = [process.execPath, PROGRAM, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'], {
    cwd: call.cwd ?? home,
    env: { PATH: process.env.PATH ?? '', HOME: home, TERM: 'xterm', ...call.env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  const ended = new Promise<number | null>((done) => child.on('close', done));
  return {
    screen: () => text,
    shows: async (what) => {
      const deadline = Date.now() + 30_000;
      while (!what.test(text)) {
        if (Date.now() > deadline || child.exitCode !== null) throw new Error(`no ${what} in:\n${text}`);
        await new Promise((wake) => setTimeout(wake, 20));
      }
    },
    type: (keys) => void child.stdin.write(keys),
    ended,
  };
}
