import { formatBytes } from './numbers.js';

/** What a scan has done so far. */
export interface ProgressState {
  readonly stage: string;
  readonly bytes: number;
  readonly units: number;
  readonly findings: number;
}

const DELAY_MS = 1_000;
const EVERY_MS = 200;
const ERASE_LINE = '\r\u001b[2K';

/**
 * One line on a terminal, rewritten in place, that appears only when the work takes over a second. It draws when it is
 * told of progress, not by a timer: a scan reads synchronously and would never let one run.
 */
export class Progress {
  readonly #enabled: boolean;
  readonly #started = Date.now();
  #drawn = 0;

  constructor(enabled: boolean) {
    this.#enabled = enabled;
  }

  update(state: () => ProgressState): void {
    if (!this.#enabled) return;
    const now = Date.now();
    if (now - this.#started < DELAY_MS || now - this.#drawn < EVERY_MS) return;
    this.#drawn = now;
    const { stage, bytes, units, findings } = state();
    const rate = formatBytes((bytes * 1_000) / (now - this.#started));
    const line = `${stage}  ${formatBytes(bytes)}  ${rate}/s  ${units} units  ${findings} found`;
    process.stderr.write(ERASE_LINE + line.slice(0, (process.stderr.columns ?? 80) - 1));
  }

  stop(): void {
    if (this.#drawn > 0) process.stderr.write(ERASE_LINE);
    this.#drawn = 0;
  }
}
