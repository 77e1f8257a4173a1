import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { verifyJournal } from '../../src/audit/verify.js';
import {
  finishedBy,
  halfDone,
  holds,
  idsOf,
  inFile,
  LEAKED,
  living,
  NEIGHBOUR,
  OLD,
  prepared,
  type Run,
  resumed,
  sentAsRecorded,
  strays,
  type World,
} from './kill-world.js';

/** A command, the world that it is run in, and what has to be true once it was killed there and run again. */
export interface Scenario {
  readonly name: string;
  /** Others go the same road: here every call fails in some way also in the short campaign. */
  readonly thorough?: true;
  prepare(root: string, run: Run): Promise<World>;
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'scan --revoke',
    thorough: true,
    prepare: async (root) => {
      const world = await prepared(root, LEAKED);
      const { leak, journal, dir } = world;
      const scan = ['scan', '--revoke', '--yes', '--journal', journal];
      const args = [...scan, '--report', `json=${join(dir, 'report.json')}`, leak];
      return {
        ...world,
        args,
        finish: async (run) => {
          await resumed(world, run);
          if (living(world.service, LEAKED) > 0) expect((await run([...scan, leak], world.env)).code).toBe(1);
          holds(world);
        },
      };
    },
  },
  {
    name: 'apply',
    prepare: async (root, run) => {
      const world = await prepared(root, LEAKED);
      const { leak, journal, dir, env } = world;
      const plan = join(dir, 'plan.json');
      const planned = await run(['plan', leak, '--output', plan, '--quiet'], env);
      expect(planned.code, planned.stderr).toBe(0);
      const args = ['apply', plan, '--yes', '--journal', journal];
      return {
        ...world,
        args,
        finish: async (again) => {
          await resumed(world, again);
          // What the killed run had not come to write down is still approved.
          if (living(world.service, LEAKED) > 0) expect((await again(args, env)).code).toBe(1);
          holds(world);
        },
      };
    },
  },
  {
    name: 'resume',
    prepare: async (root) => {
      const world = await prepared(root, LEAKED);
      const { service, journal, leak } = world;
      halfDone(service, journal, leak);
      return {
        ...world,
        args: ['resume', journal, '--yes', '--format', 'json'],
        finish: async (run) => {
          await resumed(world, run);
          expect(living(service, LEAKED)).toBe(0);
          holds(world);
        },
      };
    },
  },
  {
    name: 'tokens revoke',
    thorough: true,
    prepare: async (root) => {
      const world = await prepared(root, LEAKED);
      const { service, journal } = world;
      const ids = idsOf(service, LEAKED);
      const args = ['tokens', 'revoke', ...ids, '--yes', '--journal', journal];
      return {
        ...world,
        args,
        finish: (run) => finishedBy(args, world, run),
      };
    },
  },
  {
    name: 'offboard',
    prepare: async (root) => {
      const world = await prepared(root, LEAKED);
      const { journal } = world;
      const args = ['offboard', 'user-0', 'user-1', '--yes', '--journal', journal];
      return {
        ...world,
        args,
        finish: (run) => finishedBy(args, world, run),
      };
    },
  },
  {
    name: 'ensure',
    thorough: true,
    prepare: async (root) => {
      const world = await prepared(root, [OLD]);
      const { dir, env, journal, service } = world;
      const npmrc = join(dir, '.npmrc');
      writeFileSync(npmrc, `//npm.flatt.tech/:_authToken=${OLD}\n`);
      const ensure = (age: string, ...more: string[]) => [
        ...['ensure', 'user-0', '--max-age', age, '--write-to', npmrc, '--journal', journal],
        ...more,
      ];
      return {
        ...world,
        args: ensure('1ms'),
        finish: async (run) => {
          expect(inFile(service, npmrc), 'at every moment the machine has a token that works').toBe('active');
          const next = await run(ensure('30d'), env);
          expect(inFile(service, npmrc)).toBe('active');
          const others = strays(service, npmrc);
          if (others.length > 0) {
            // What can't be told apart is left alive, and named.
            expect(next.code, next.stderr).toBe(4);
            for (const id of others) expect(next.stderr).toContain(id);
            const swept = await run(ensure('30d', '--revoke-all-of-user'), env);
            expect(swept.code, swept.stderr).toBe(0);
          } else expect(next.code, next.stderr).toBe(0);
          expect(strays(service, npmrc), 'no token that nobody needs is alive').toEqual([]);
          expect(inFile(service, npmrc)).toBe('active');
          expect(living(service, [NEIGHBOUR])).toBe(1);
          sentAsRecorded(world);
          const last = verifyJournal(journal);
          expect({ ok: last.ok, open: last.open }).toEqual({ ok: true, open: [] });
        },
      };
    },
  },
  {
    name: 'rotate',
    thorough: true,
    prepare: async (root) => {
      const world = await prepared(root, [OLD]);
      const { dir, env, journal, service } = world;
      const npmrc = join(dir, '.npmrc');
      writeFileSync(npmrc, `//npm.flatt.tech/:_authToken=${OLD}\n`);
      const [id] = idsOf(service, [OLD]);
      return {
        ...world,
        args: ['rotate', id!, '--yes', '--write-to', npmrc, '--journal', journal],
        finish: async (run, failed) => {
          expect(inFile(service, npmrc), 'at every moment the file holds a token that works').toBe('active');
          const next = existsSync(journal) ? await run(['resume', journal, '--yes'], env) : undefined;
          expect(inFile(service, npmrc)).toBe('active');
          for (const stray of strays(service, npmrc)) {
            expect(`${failed.stderr}${next?.stderr}`, 'what lives on is named').toContain(stray);
          }
          expect(living(service, [NEIGHBOUR])).toBe(1);
          sentAsRecorded(world);
        },
      };
    },
  },
];
