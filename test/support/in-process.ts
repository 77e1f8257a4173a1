import { run as program } from '../../src/cli/program.js';
import type { Ended, Run } from './kill-scenarios.js';

let turn: Promise<unknown> = Promise.resolve();

/** Runs a command of the program here, one at a time: a tenth of what it costs to start one. */
export const inProcess: Run = (args, env) => {
  const ended = turn.then(() => once(args, env));
  turn = ended.catch(() => {});
  return ended;
};

async function once(...[args, env]: Parameters<Run>): Promise<Ended> {
  const before = Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]));
  const { stdout, stderr } = process;
  const written = { stdout: '', stderr: '' };
  const real = [stdout.write, stderr.write] as const;
  const keeping = (name: keyof typeof written) =>
    ((text: string | Uint8Array) => {
      written[name] += typeof text === 'string' ? text : Buffer.from(text).toString();
      return true;
    }) as typeof stdout.write;
  Object.assign(process.env, env);
  stdout.write = keeping('stdout');
  stderr.write = keeping('stderr');
  try {
    return { code: await program(args), ...written };
  } finally {
    [stdout.write, stderr.write] = real;
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
