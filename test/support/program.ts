import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export const PROGRAM = join(import.meta.dirname, '../../dist/cli.js');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Call {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
}

/** Runs the built program as a user would, with an environment that holds nothing of the machine's but the path. */
export async function guardsweep(args: readonly string[], call: Call = {}): Promise<Ended> {
  const child = start(args, call);
  child.stdin.on('error', () => {});
  child.stdin.end(call.stdin ?? '');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const code = child.exitCode ?? (await new Promise<number | null>((done) => child.on('close', done)));
  return { code, stdout, stderr };
}

/** Starts it and leaves it running; the test's end kills it. */
export function start(args: readonly string[], call: Call = {}): ChildProcessWithoutNullStreams {
  const home = call.env?.HOME ?? folder();
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: call.cwd ?? home,
    env: { PATH: process.env.PATH ?? '', HOME: home, ...call.env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** A folder that goes away with the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'guardsweep-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
