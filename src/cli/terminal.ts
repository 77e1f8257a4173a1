import type { WriteStream } from 'node:tty';
import { environment } from './environment.js';

/** Where a command writes. Standard output carries the result alone; everything said along the way goes to standard error. */
export interface Terminal {
  readonly color: boolean;
  /** Whether lines on standard error may have colours. */
  readonly colorAside: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly progress: boolean;
  out(text: string): void;
  /** A line on standard error, unless `--quiet`. */
  say(line: string): void;
  /** A line on standard error with `--verbose` only. */
  detail(line: string): void;
}

export interface TerminalOptions {
  readonly color?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  readonly progress?: boolean;
}

export function terminal(options: TerminalOptions = {}): Terminal {
  const quiet = options.quiet ?? false;
  const verbose = options.verbose ?? false;
  return {
    color: (options.color ?? true) && wantsColor(process.stdout),
    colorAside: (options.color ?? true) && wantsColor(process.stderr),
    verbose,
    quiet,
    progress: (options.progress ?? true) && !quiet && process.stderr.isTTY === true,
    out: (text) => void process.stdout.write(text),
    say: (line) => void (quiet || process.stderr.write(`${line}\n`)),
    detail: (line) => void (verbose && process.stderr.write(`${line}\n`)),
  };
}

/** https://no-color.org and the usual `FORCE_COLOR`. */
function wantsColor(stream: WriteStream): boolean {
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR) return true;
  return stream.isTTY === true;
}
