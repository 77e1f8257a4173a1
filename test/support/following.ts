import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Report } from '../../src/model/report.js';
import { type Call, start } from './program.js';
import { findingOf, reportOf } from './report.js';

/** `guardsweep scan --follow`, as it runs. */
export class Following {
  stdout = '';
  stderr = '';
  readonly child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<number | null>;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    child.stdout.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.#ended = new Promise((resolve) => child.once('close', resolve));
  }

  /** Waits until it has said something. */
  async says(what: string | RegExp): Promise<void> {
    for (let waited = 0; waited < 20_000; waited += 20) {
      const said = this.stdout + this.stderr;
      if (typeof what === 'string' ? said.includes(what) : what.test(said)) return;
      await pause(20);
    }
    expect.fail(`it did not say ${what}, but:\n${this.stdout}\n${this.stderr}`);
  }

  /** Ends it as Ctrl-C does. */
  async end(
    signal: NodeJS.Signals = 'SIGINT',
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    this.child.kill(signal);
    const code = await this.#ended;
    return { code, stdout: this.stdout, stderr: this.stderr };
  }

  /** Ends it, and reads the JSON report. */
  async report(): Promise<Report> {
    const ended = await this.end();
    const report = reportOf(ended);
    expect(ended.stdout + ended.stderr).not.toMatch(/tg_org_[A-Za-z0-9_-]{12}/);
    expect(ended.code).toBe(report.exit_code);
    return report;
  }

  /** How often it has told of a token, by the end of it. */
  tellings(token: string): number {
    return (this.stdout + this.stderr)
      .split('\n')
      .filter((line) => line.includes(`  FOUND  `) && line.includes(`…${token.slice(-4)}  `)).length;
  }
}

/** Follows logs in a folder; returns when it has begun. */
export async function following(
  args: readonly string[],
  call: Call & { readonly cwd: string },
): Promise<Following> {
  const running = new Following(start(['scan', '--follow', '--format', 'json', ...args], call));
  await running.says('Following ');
  return running;
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Where a token was seen: which file, line, column, offset. */
export function placesOf(report: Report, token: string): string[] {
  return (findingOf(report, token)?.sightings ?? []).map(({ where, line, column, offset }) => {
    const name = where.kind === 'file' ? (where.now_at ?? where.path) : '?';
    return `${name}:${line}:${column} @${offset}`;
  });
}

/** The log that the tests write, in the folder that the program runs in. */
export function logIn(cwd: string): string {
  return join(cwd, 'app.log');
}
