import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { emulator, type RunningEmulator } from '../support/emulator.js';
import { folder, guardsweep, start } from '../support/program.js';
import { findingOf, reportOf } from '../support/report.js';
import { deleted, probe } from '../support/service-tokens.js';
import { orgToken } from '../support/tokens.js';

const TOKENS = ['one', 'two', 'three'].map((seed) => orgToken(`resume ${seed}`));
const NEIGHBOUR = orgToken('resume neighbour');

describe('a run killed while a revocation is on its way', () => {
  for (const when of ['before', 'after'] as const) {
    test(`is finished by resume: the request hung ${when} it took effect`, async () => {
      const { service, leak, journal } = await prepared([
        { endpoint: 'revoke', nth: 2, delay_ms: 30_000, when },
      ]);
      await killedAt(
        ['scan', '--revoke', '--yes', '--journal', journal, leak],
        service,
        journal,
        'INTENT',
        2,
      );
      expect((await guardsweep(['audit', 'verify', journal])).code).toBe(2);

      const other = { ...service.env, TAKUMI_ORG_ID: 'another' };
      const elsewhere = await guardsweep(['resume', journal, '--yes'], { env: other });
      expect(elsewhere.code, 'a living token is none of another organization’s').toBe(3);
      expect(elsewhere.stderr).toContain('/o/another; set that of the other');

      const before = await deleted(service);
      const resumed = await guardsweep(['resume', journal, '--yes', '--format', 'json'], {
        env: service.env,
      });
      const report = reportOf(resumed);
      for (const token of TOKENS)
        expect(findingOf(report, token)!.remediation.state).toMatch(/^(verified|already)_revoked$/);
      expect(report.findings).toHaveLength(3);
      expect(resumed.code).toBe(1);
      expect(await probe(service, [...TOKENS, NEIGHBOUR])).toEqual(['dead', 'dead', 'dead', 'active']);
      expect((await guardsweep(['audit', 'verify', journal])).code).toBe(0);
      // What the killed run had proven is not sent again.
      const first = before[0]!;
      expect((await deleted(service)).filter((path) => path === first)).toHaveLength(1);

      const again = await guardsweep(['resume', journal, '--yes'], { env: service.env });
      expect(again.code).toBe(0);
      expect(again.stderr).toMatch(/nothing was left undone/);
    });
  }
});

test('a run that came to its end leaves nothing to resume, and what it left alive is not called done', async () => {
  const { service, leak, journal } = await prepared([{ endpoint: 'revoke', nth: 1, status: 403 }]);
  const revoke = ['scan', '--revoke', '--yes', '--journal', journal, leak];
  expect((await guardsweep(revoke, { env: service.env })).code).toBe(4);
  const alive = await guardsweep(['resume', journal], { env: service.env });
  expect(alive.code).toBe(4);
  expect(alive.stderr).toMatch(/does not prove that these are dead\..* guardsweep tokens revoke gtk_\S+/);
  expect((await guardsweep(revoke, { env: service.env })).code).toBe(1);
  const done = await guardsweep(['resume', journal], { env: service.env });
  expect([done.code, done.stderr]).toEqual([0, `${journal}: nothing was left undone\n`]);
});

test('revocations by ID are finished by the list: there is no plaintext', async () => {
  const { service, journal } = await prepared([
    { endpoint: 'revoke', nth: 1, delay_ms: 30_000, when: 'before' },
  ]);
  const ids = (await guardsweep(['tokens', 'list', '--format', 'ids'], { env: service.env })).stdout
    .trim()
    .split('\n');
  await killedAt(
    ['tokens', 'revoke', '--yes', '--journal', journal, ids[0]!, ids[1]!],
    service,
    journal,
    'INTENT',
    1,
  );
  const resumed = await guardsweep(['resume', journal, '--yes'], { env: service.env });
  expect(resumed.code).toBe(0);
  const list = await guardsweep(['tokens', 'list', '--status', 'revoked', '--format', 'ids'], {
    env: service.env,
  });
  expect(list.stdout.trim().split('\n').sort()).toEqual([ids[0], ids[1]].sort());
  expect((await guardsweep(['audit', 'verify', journal])).code).toBe(0);
});

test('what is no journal is a wrong call', async () => {
  const { service, leak } = await prepared([]);
  expect((await guardsweep(['resume', '/nonexistent', '--yes'], { env: service.env })).code).toBe(3);
  expect((await guardsweep(['resume', leak, '--yes'], { env: service.env })).code).toBe(3);
});

async function prepared(faults: readonly object[]) {
  const dir = folder();
  const file = join(dir, 'faults.json');
  writeFileSync(file, JSON.stringify(faults));
  const seed = [...TOKENS, NEIGHBOUR].map((token, at) => ({
    token,
    user_identifier: `user-${at}`,
    status: 'active' as const,
  }));
  const service = await emulator(seed, ['--dialect', 'id', '--faults', file]);
  const leak = join(dir, 'leak.log');
  writeFileSync(leak, TOKENS.map((token) => `${token}\n`).join(''));
  return { service, leak, journal: join(dir, 'journal.jsonl') };
}

/** Runs the program and kills it as soon as its journal holds `count` lines of `event`. */
async function killedAt(
  args: readonly string[],
  service: RunningEmulator,
  journal: string,
  event: string,
  count: number,
): Promise<void> {
  const child = start(args, { env: service.env });
  const ended = new Promise((done) => child.once('exit', done));
  for (let waited = 0; waited < 20_000; waited += 20) {
    const text = existsSync(journal) ? readFileSync(journal, 'utf8') : '';
    if (text.split(`"event":"${event}"`).length > count) break;
    await sleep(20);
  }
  // The request is on its way once the line is on disk; give it the time to arrive.
  await sleep(300);
  child.kill('SIGKILL');
  await ended;
}
