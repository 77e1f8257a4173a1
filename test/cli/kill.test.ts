import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inProcess } from '../support/in-process.js';
import { SCENARIOS, type Scenario } from '../support/kill-scenarios.js';
import type { Run } from '../support/kill-world.js';
import { type Ended, PROGRAM } from '../support/program.js';

/** `all`: every mode at every call, and the program itself to finish each: `npm run prove:kills`. */
const ALL = process.env.GUARDSWEEP_KILLS === 'all';
const INJECTOR = join(import.meta.dirname, '../support/fault-injector.mjs');
const AT_ONCE = 3;

/** How a run can be ended at a call. Ended after one call is ended before the next. */
const KILLS: Readonly<Record<string, readonly string[]>> = {
  write: ['kill-after', 'short-kill'],
  send: ['kill-after', 'short-kill'],
};
/** What else can go wrong there, and whether the disk does again what it did before. */
const FAULTS: Readonly<Record<string, readonly string[]>> = {
  write: ['EIO', 'short', 'ENOSPC', 'full'],
  fsync: ['EIO', 'ENOSPC'],
  rename: ['EIO', 'ENOSPC'],
  link: ['EIO', 'ENOSPC'],
  truncate: ['EIO'],
  send: ['cut-before', 'cut-after', 'cut-half'],
};

interface Fault {
  readonly at: number;
  readonly kind: string;
  readonly mode: string;
}

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'guardsweep-kill-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const done = { kills: 0, faults: 0, calls: 0 };

for (const [turn, scenario] of SCENARIOS.entries()) {
  test(`${scenario.name}: killed or failed at every write, fsync, rename and send, and run again`, async () => {
    const kinds = await callsOf(scenario);
    done.calls += kinds.length;
    await inParallel(faultsAt(kinds, scenario.thorough === true, turn), async (fault, index) => {
      try {
        await suffer(scenario, fault, ALL || index % 16 === 0 ? run : inProcess);
      } catch (error) {
        const { mode, at, kind } = fault;
        throw new Error(`${scenario.name}: ${mode} at call ${at} of ${kinds.length} (${kind})`, {
          cause: error,
        });
      }
    });
  }, 3_600_000);
}

test('the campaign was as large as it claims to be', () => {
  process.stdout.write(`${done.kills} kills and ${done.faults} other faults at ${done.calls} calls\n`);
  expect(done.kills).toBeGreaterThanOrEqual(300);
  expect(done.faults).toBeGreaterThanOrEqual(150);
});

/** Lets one call of a run go wrong, and holds what is left to what it promised, before and after it is finished. */
async function suffer(scenario: Scenario, { mode, at }: Fault, finisher: Run): Promise<void> {
  const world = await scenario.prepare(root, inProcess);
  try {
    const failed = await run(world.args, { ...world.env, FAULT_AT: String(at), FAULT_MODE: mode });
    if (mode.includes('kill')) {
      expect(failed.code, failed.stderr).toBeNull();
      done.kills += 1;
    } else {
      expect([0, 1, 2, 3, 4], failed.stderr).toContain(failed.code);
      expect(failed.stderr).not.toContain('this is a defect');
      done.faults += 1;
    }
    await world.finish(finisher, failed);
  } finally {
    await world.service.close();
    rmSync(world.env.HOME!, { recursive: true, force: true });
  }
}

/**
 * Every call of a thorough scenario is where some run is killed and another one fails, two calls in three of the others,
 * which go the same road, where one is killed; with `all`, every call of each, in every way.
 */
function faultsAt(kinds: readonly string[], thorough: boolean, turn: number): Fault[] {
  const modes = (kind: string, index: number) => {
    const kills = KILLS[kind] ?? ['kill-after'];
    const faults = FAULTS[kind] ?? [];
    if (ALL) return [...kills, ...faults];
    if (!thorough && index % 3 === turn % 3) return [];
    // Some calls are cut short as well, and the ways to fail take turns.
    const cut = index % 4 === 1 ? 2 : 1;
    return [
      ...kills.slice(0, cut),
      ...(thorough && faults.length > 0 ? [faults[index % faults.length]!] : []),
    ];
  };
  return kinds.flatMap((kind, index) => modes(kind, index).map((mode) => ({ at: index + 1, kind, mode })));
}

/** The kinds of all calls of an undisturbed run, in their order. */
async function callsOf(scenario: Scenario): Promise<string[]> {
  const world = await scenario.prepare(root, inProcess);
  try {
    const trace = join(world.env.HOME!, 'trace');
    const ended = await run(world.args, { ...world.env, FAULT_TRACE: trace });
    expect([0, 1], ended.stderr).toContain(ended.code);
    const kinds = readFileSync(trace, 'utf8').split('\n');
    for (const kind of ['write', 'fsync', 'send']) expect(kinds).toContain(kind);
    return kinds;
  } finally {
    await world.service.close();
  }
}

async function inParallel<T>(
  tasks: readonly T[],
  one: (task: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < tasks.length; index = next++) await one(tasks[index]!, index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Runs the built program, with the injector where the environment has work for it. */
function run(...[args, env]: Parameters<Run>): Promise<Ended> {
  const injected = env.FAULT_AT !== undefined || env.FAULT_TRACE !== undefined;
  const command = [...(injected ? ['--import', INJECTOR] : []), PROGRAM, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { env, cwd: env.HOME }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ code, stdout, stderr });
    });
  });
}
