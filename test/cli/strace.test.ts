import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SCENARIOS } from '../support/kill-scenarios.js';
import type { Run } from '../support/kill-world.js';
import { type Ended, PROGRAM } from '../support/program.js';
import { randomNumbers } from '../support/random.js';

/** How many runs the kernel kills or fails, where strace is there to make it: `npm run prove:strace` does thousands. */
const RUNS = Number(process.env.GUARDSWEEP_STRACE ?? 8);
const SEED = Number(process.env.GUARDSWEEP_SEED ?? 1);
const AT_ONCE = 2;

const hasStrace = (() => {
  try {
    execFileSync('strace', ['-qq', '-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write('strace is missing or not allowed here: its campaign is skipped\n');
    return false;
  }
})();

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'guardsweep-strace-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.skipIf(!hasStrace)(
  `${RUNS} runs killed or failed by the kernel at a system call, and run again`,
  async () => {
    let hit = 0;
    let at = 0;
    const worker = async () => {
      for (let index = at++; index < RUNS; index = at++) if (await suffer(index)) hit += 1;
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    process.stdout.write(`strace: ${hit} of ${RUNS} faults hit something (seed ${SEED})\n`);
    expect(hit, 'most faults have to hit something').toBeGreaterThan(RUNS / 3);
  },
  7_200_000,
);

/** @returns whether the fault came to pass. */
async function suffer(index: number): Promise<boolean> {
  const next = randomNumbers(SEED * 1_000_003 + index);
  const scenario = SCENARIOS[index % SCENARIOS.length]!;
  const world = await scenario.prepare(root, run);
  const fault = faultFor(next, world.journal);
  try {
    const { injected, ...failed } = await traced(fault.args, world.args, world.env);
    await world.finish(run, failed);
    return injected;
  } catch (error) {
    throw new Error(`${scenario.name}: ${fault.name} (run ${index}, GUARDSWEEP_SEED=${SEED})`, {
      cause: error,
    });
  } finally {
    await world.service.close();
    rmSync(world.env.HOME!, { recursive: true, force: true });
  }
}

interface Fault {
  readonly name: string;
  readonly args: readonly string[];
}

/** Which system call goes wrong, and how. The journal's own are told apart by its path. */
function faultFor(next: () => number, path: string): Fault {
  const below = (limit: number) => 1 + Math.floor(next() * limit);
  const kinds: readonly (() => readonly [string, number, boolean])[] = [
    () => ['fsync:signal=SIGKILL', below(14), true],
    () => ['write:signal=SIGKILL', below(12), true],
    () => ['fsync:error=EIO', below(14), true],
    () => ['write:error=ENOSPC', below(12), true],
    () => ['fsync:signal=SIGKILL', below(16), false],
    () => ['fsync:error=EIO', below(16), false],
    () => ['connect:signal=SIGKILL', below(5), false],
    () => ['rename:signal=SIGKILL', 1, false],
    () => ['rename:error=ENOSPC', 1, false],
    () => ['write,writev:signal=SIGKILL', below(40), false],
  ];
  const [inject, when, journalOnly] = kinds[Math.floor(next() * kinds.length)]!();
  const call = inject.split(':')[0]!;
  return {
    name: `${inject}:when=${when}${journalOnly ? ' of the journal' : ''}`,
    args: [...(journalOnly ? ['-P', path] : ['-e', `trace=${call}`]), '-e', `inject=${inject}:when=${when}`],
  };
}

async function traced(
  inject: readonly string[],
  ...[args, env]: Parameters<Run>
): Promise<Ended & { readonly injected: boolean }> {
  const trace = join(env.HOME!, 'trace');
  const command = ['-f', '-qq', '-o', trace, ...inject, process.execPath, PROGRAM, ...args];
  const ended = await execute('strace', command, env);
  return { ...ended, injected: /INJECTED|killed by SIGKILL/.test(readFileSync(trace, 'utf8')) };
}

function run(...[args, env]: Parameters<Run>): Promise<Ended> {
  return execute(process.execPath, [PROGRAM, ...args], env);
}

function execute(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(file, args, { env, cwd: env.HOME }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ code, stdout, stderr });
    });
  });
}
