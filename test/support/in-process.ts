import { Readable } from 'node:stream';
import { run as program } from '../../src/cli/program.js';
import type { Run } from './kill-world.js';
import { type Call, type Ended, folder } from './program.js';

let turn: Promise<unknown> = Promise.resolve();

/**
 * Runs a command of the program here, one at a time: a tenth of what it costs to start one. It finds the environment,
 * the folder and the standard input that a program of its own would; what it writes by the descriptor it writes to ours.
 */
export function guardsweep(args: readonly string[], call: Call = {}): Promise<Ended> {
  const ended = turn.then(() => once(args, call));
  turn = ended.catch(() => {});
  return ended;
}

/** The same, for campaigns that run commands in several ways. */
export const inProcess: Run = (args, env) => guardsweep(args, { env, cwd: process.cwd() });

async function once(args: readonly string[], { env = {}, cwd, stdin = '' }: Call): Promise<Ended> {
  const home = env.HOME ?? folder();
  const restore = [
    inEnvironment({ PATH: process.env.PATH ?? '', HOME: home, ...env }),
    inFolder(cwd ?? home),
    withInput(stdin),
  ];
  const [stdout, stderr] = [kept(process.stdout), kept(process.stderr)];
  try {
    return { code: await program(args), stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    for (const back of [...restore, stdout.restore, stderr.restore]) back();
  }
}

function inEnvironment(env: Readonly<Record<string, string>>): () => void {
  const before = { ...process.env };
  const become = (next: NodeJS.ProcessEnv) => {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, next);
  };
  become(env);
  return () => become(before);
}

function inFolder(path: string): () => void {
  const before = process.cwd();
  process.chdir(path);
  return () => process.chdir(before);
}

function withInput(text: string | Uint8Array): () => void {
  const before = Object.getOwnPropertyDescriptor(process, 'stdin')!;
  const input = Readable.from(text.length === 0 ? [] : [Buffer.from(text)]);
  Object.defineProperty(process, 'stdin', { configurable: true, enumerable: true, value: input });
  return () => void Object.defineProperty(process, 'stdin', before);
}

function kept(stream: NodeJS.WriteStream): { text: () => string; restore: () => void } {
  const real = stream.write;
  const chunks: Buffer[] = [];
  stream.write = ((chunk: string | Uint8Array) => {
    chunks.push(Buffer.from(chunk as Uint8Array));
    return true;
  }) as typeof stream.write;
  return {
    text: () => Buffer.concat(chunks).toString(),
    restore: () => {
      stream.write = real;
    },
  };
}
