/** What a scan has done so far; the same object is updated as it goes. */
export interface ProgressState {
  readonly bytes: number;
  readonly units: number;
  readonly findings: number;
  readonly stage: string;
}

const DELAY_MS = 1_000;
const EVERY_MS = 200;
const ERASE_LINE = '\r\u001b[2K';

/** One line on a terminal, rewritten in place, that appears only when the work takes over a second. */
export class Progress {
  readonly #started = Date.now();
  #timer: NodeJS.Timeout | undefined;
  #shown = false;

  constructor(enabled: boolean, state: () => ProgressState) {
    if (!enabled) return;
    this.#timer = setInterval(() => this.#draw(state()), EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.#shown) process.stderr.write(ERASE_LINE);
    this.#shown = false;
  }

  #draw(state: ProgressState): void {
    const elapsed = Date.now() - this.#started;
    if (elapsed < DELAY_MS) return;
    this.#shown = true;
    const rate = state.bytes / (elapsed / 1000);
    const line = `${state.stage}  ${size(state.bytes)}  ${size(rate)}/s  ${state.units} units  ${state.findings} found`;
    process.stderr.write(ERASE_LINE + line.slice(0, (process.stderr.columns ?? 80) - 1));
  }
}

function size(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 'B';
  for (const next of units) {
    if (value < 1024) break;
    value /= 1024;
    unit = next;
  }
  return `${value.toFixed(1)} ${unit}`;
}
