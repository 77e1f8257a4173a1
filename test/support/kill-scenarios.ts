import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Journal } from '../../src/audit/journal.js';
import type { JournalLine } from '../../src/audit/line.js';
import { verifyJournal } from '../../src/audit/verify.js';
import { type Emulator, startEmulator } from '../../src/emulator/emulator.js';
import type { Ended } from './program.js';
import { fingerprintOf } from './report.js';
import { orgToken } from './tokens.js';

/** Runs the program to its end, in whatever way a campaign runs it. */
export type Run = (args: readonly string[], env: Readonly<Record<string, string>>) => Promise<Ended>;

/** A command, the world that it is run in, and what has to be true once it was killed there and run again. */
export interface Scenario {
  readonly name: string;
  /** Others go the same road: here every call fails in some way also in the short campaign. */
  readonly thorough?: true;
  prepare(root: string, run: Run): Promise<World>;
}

export interface World {
  readonly service: Emulator;
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly journal: string;
  /** Holds what was killed or failed, finishes it with `run`, and holds what came of that. */
  finish(run: Run, failed: Ended): Promise<void>;
}

const LEAKED = ['a', 'b'].map((seed) => orgToken(`kill ${seed}`));
const NEIGHBOUR = orgToken('kill neighbour');
const OLD = orgToken('kill old');

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
      const { service, journal, env } = world;
      const ids = idsOf(service, LEAKED);
      const args = ['tokens', 'revoke', ...ids, '--yes', '--journal', journal];
      return {
        ...world,
        args,
        finish: async (run) => {
          await resumed(world, run);
          if (living(service, LEAKED) > 0) expect((await run(args, env)).code).toBe(0);
          holds(world);
        },
      };
    },
  },
  {
    name: 'offboard',
    prepare: async (root) => {
      const world = await prepared(root, LEAKED);
      const { service, journal, env } = world;
      const args = ['offboard', 'user-0', 'user-1', '--yes', '--journal', journal];
      return {
        ...world,
        args,
        finish: async (run) => {
          await resumed(world, run);
          if (living(service, LEAKED) > 0) expect((await run(args, env)).code).toBe(0);
          holds(world);
        },
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

interface Prepared extends Omit<World, 'args' | 'finish'> {
  readonly dir: string;
  readonly leak: string;
}

async function prepared(root: string, tokens: readonly string[]): Promise<Prepared> {
  const dir = mkdtempSync(join(root, 'world-'));
  const service = await startEmulator({
    dialect: 'id',
    seed: [...tokens, NEIGHBOUR].map((token, at) => ({
      token,
      user_identifier: `user-${at}`,
      status: 'active',
      created_at: '2020-01-01T00:00:00Z',
    })),
  });
  const leak = join(dir, 'leak.log');
  writeFileSync(leak, tokens.map((token) => `${token}\n`).join(''));
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: dir,
    XDG_STATE_HOME: join(dir, 'state'),
    TAKUMI_API_URL: service.url,
    TAKUMI_ORG_ID: service.orgId,
    TAKUMI_BOT_API_KEY: service.botApiKey,
    TAKUMI_BOT_ID: service.botId,
  };
  return { dir, service, leak, journal: join(dir, 'journal.jsonl'), env };
}

/** The journal of a run that was killed when its first request was on its way. */
function halfDone(service: Emulator, file: string, leak: string): void {
  const journal = Journal.open(file, { redact: (text) => text });
  const ids = idsOf(service, LEAKED);
  const about = (at: number) => ({
    run: 'killed',
    action: 'revoke' as const,
    fingerprint: fingerprintOf(LEAKED[at]!),
    tokenId: ids[at]!,
    userIdentifier: `user-${at}`,
    evidence: 'probe_id',
  });
  journal.append({ event: 'RUN', run: 'killed', targets: [leak] });
  for (const at of LEAKED.keys()) journal.append({ event: 'PLANNED', ...about(at) });
  journal.append({ event: 'INTENT', ...about(0) });
  journal.close();
}

/** Finishes what the journal says was left undone. */
async function resumed({ journal, env }: Prepared, run: Run): Promise<void> {
  if (!existsSync(journal)) return;
  expect(verifyJournal(journal).ok).toBe(true);
  const { code, stderr } = await run(['resume', journal, '--yes'], env);
  expect([0, 1], stderr).toContain(code);
}

/** The service and the journal agree that everything that leaked is dead and nothing else is. */
function holds(world: Prepared): void {
  for (const { token, status } of world.service.tokens()) {
    expect(status).toBe(LEAKED.includes(token) ? 'revoked' : 'active');
  }
  const { ok, truncated, open } = verifyJournal(world.journal);
  expect({ ok, truncated, open }).toEqual({ ok: true, truncated: 0, open: [] });
  const events = sentAsRecorded(world);
  for (const id of idsOf(world.service, LEAKED)) {
    expect(events.get(id), 'nothing is lost').toContain('VERIFIED');
  }
}

/** Nothing was sent that was not written down before, and nothing twice but where it was not known what came of it. */
function sentAsRecorded({ service, journal }: Pick<World, 'service' | 'journal'>): Map<string, string[]> {
  const events = new Map<string, string[]>();
  const lines = existsSync(journal) ? readFileSync(journal, 'utf8').trimEnd().split('\n') : [];
  for (const text of lines) {
    if (text === '') continue;
    const { token_id: id, event, action } = JSON.parse(text) as JournalLine & { token_id?: string };
    if (id !== undefined && action === 'revoke') events.set(id, [...(events.get(id) ?? []), event]);
  }
  for (const known of events.values()) {
    for (const [index, event] of known.entries()) {
      const before = known.slice(0, index).findLast((each) => each !== 'PLANNED');
      if (event === 'INTENT')
        expect([undefined, 'INTENT', 'UNKNOWN', 'UNVERIFIED', 'REJECTED'], `${known}`).toContain(before);
    }
  }
  for (const { method, path } of service.log()) {
    if (method !== 'DELETE') continue;
    const id = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
    const known = events.get(id) ?? [];
    const sent = service.log().filter((each) => each.method === 'DELETE' && each.path === path).length;
    expect(sent, `${id}: ${known}`).toBeLessThanOrEqual(known.filter((each) => each === 'INTENT').length);
  }
  return events;
}

function idsOf(service: Emulator, tokens: readonly string[]): string[] {
  return tokens.map((token) => service.tokens().find((each) => each.token === token)!.tokenId);
}

function living(service: Emulator, tokens: readonly string[]): number {
  return service.tokens().filter(({ token, status }) => tokens.includes(token) && status === 'active').length;
}

/** Whether the token in a configuration works. */
function inFile(service: Emulator, file: string): string | undefined {
  const held = /tg_org_[A-Za-z0-9_-]+/.exec(readFileSync(file, 'utf8'))?.[0];
  return service.tokens().find(({ token }) => token === held)?.status;
}

/** The IDs of living tokens of the machine's user that it does not hold. */
function strays(service: Emulator, file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return service
    .tokens()
    .filter(({ status, userIdentifier }) => status === 'active' && userIdentifier === 'user-0')
    .filter(({ token }) => !text.includes(token))
    .map(({ tokenId }) => tokenId);
}
