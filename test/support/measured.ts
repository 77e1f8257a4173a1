import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PROGRAM } from './program.js';

export interface Measured {
  readonly code: number | null;
  readonly stdout: string;
  /** Bytes, at most; threads included. */
  readonly memory: number;
  readonly milliseconds: number;
}

/** Runs the built program and measures it; it is killed after `patience` milliseconds, and then has no code. */
export async function measured(args: readonly string[], cwd: string, patience: number): Promise<Measured> {
  const started = Date.now();
  const child = spawn(
    process.execPath,
    ['--import', join(import.meta.dirname, 'peak-memory.mjs'), PROGRAM, ...args],
    {
      cwd,
      env: { PATH: process.env.PATH ?? '', HOME: cwd, TMPDIR: cwd },
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
      timeout: patience,
      killSignal: 'SIGKILL',
    },
  );
  const parts: Buffer[] = [];
  let memory = '';
  child.stdout!.on('data', (part: Buffer) => parts.push(part));
  child.stdio[3]!.on('data', (part: Buffer) => {
    memory += part.toString();
  });
  const code = await new Promise<number | null>((done) => child.on('close', done));
  const milliseconds = Date.now() - started;
  return { code, stdout: Buffer.concat(parts).toString(), memory: Number(memory), milliseconds };
}
