import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emulatorHere, type RunningEmulator, type Seed } from '../support/emulator.js';
import { guardsweep } from '../support/in-process.js';
import { folder, guardsweep as started } from '../support/program.js';
import { idOf, probe } from '../support/service-tokens.js';
import { orgToken } from '../support/tokens.js';

const TOKENS = Array.from({ length: 12 }, (_, at) => orgToken(`rotate gates ${at}`));
const SEED: Seed[] = TOKENS.map((token, at) => ({ token, user_identifier: `user-${at}`, status: 'active' }));

describe('what holds a revocation back holds a rotation back: the old token dies', () => {
  test('over --max-revocations nothing is replaced; the plan that is left is carried out once approved', async () => {
    const { service, env, report, fleet } = await leaked(TOKENS.slice(0, 11));
    const stopped = await rotate(['--from-report', report, ...fleet], env);
    expect(stopped.code).toBe(4);
    expect(stopped.stderr).toMatch(/11 wait for your approval/);
    expect(await changes(service)).toEqual([]);

    const plan = /Read (\S+),/.exec(stopped.stderr)![1]!;
    expect(readFileSync(plan, 'utf8')).not.toContain(TOKENS[0]!.slice(7));
    const asRevocation = await guardsweep(['apply', plan, '--yes'], { env });
    expect(asRevocation.code, 'to replace is not to revoke').toBe(3);
    expect(asRevocation.stderr).toMatch(/rotate --approved/);
    expect(await changes(service)).toEqual([]);

    const approved = await started(['rotate', '--approved', plan, ...fleet, '--yes'], { env });
    expect(approved.stderr).toMatch(/rotated/);
    expect(approved.code).toBe(0);
    expect((await changes(service)).filter((each) => each === 'DELETE')).toHaveLength(11);
    expect(await probe(service, TOKENS)).toEqual([...Array(11).fill('dead'), 'active']);
    const again = await rotate(['--approved', plan, ...fleet], env);
    expect(again.code, 'nothing is left of it, and all are dead').toBe(0);
    expect((await changes(service)).filter((each) => each === 'POST')).toHaveLength(11);
  });

  test('a plan to revoke does not allow to issue; a changed one allows nothing', async () => {
    const { service, env, leak, dir, fleet } = await leaked(TOKENS.slice(0, 1));
    const plan = join(dir, 'plan.json');
    await guardsweep(['plan', leak, '--output', plan], { env });
    expect((await rotate(['--approved', plan, ...fleet], env)).code).toBe(3);
    writeFileSync(
      plan,
      readFileSync(plan, 'utf8').replace('"guardsweep-plan/1"', '"guardsweep-plan/1","action":"rotate"'),
    );
    expect((await rotate(['--approved', plan, ...fleet], env)).code).toBe(3);
    expect(await changes(service)).toEqual([]);
  });

  test('--max-share, in any mode: one token always fits, two need the share', async () => {
    const { service, env, report, fleet } = await leaked(TOKENS.slice(0, 2));
    expect((await rotate(['--from-report', report, '--max-share', '10%', ...fleet], env)).code).toBe(4);
    expect(await changes(service)).toEqual([]);
    expect((await rotate(['--from-report', report, '--max-share', '20%', ...fleet], env)).code).toBe(0);
  });

  test('protected users, by fingerprint, by ID and by policy', async () => {
    const { service, env, report, fleet, dir } = await leaked(TOKENS.slice(0, 2));
    const one = await rotate(['--from-report', report, '--protect', 'user-0', ...fleet], env);
    expect(one.code).toBe(4);
    expect(one.stderr).toMatch(/user-0 are protected/);
    expect(await probe(service, TOKENS.slice(0, 2))).toEqual(['active', 'dead']);
    const id = await idOf(service, TOKENS[0]!);
    const byId = await rotate([id, '--protect', 'user-*', ...fleet], env);
    expect(byId.code).toBe(4);
    const policy = join(dir, 'policy.yml');
    writeFileSync(policy, 'protect: [user-0]\n');
    expect((await rotate([id, '--policy', policy, ...fleet], env)).code).toBe(4);
    expect(await probe(service, TOKENS.slice(0, 1))).toEqual(['active']);
  });

  test('a policy: rotate is done, plan waits for approval, notify is left', async () => {
    const { service, env, report, fleet, dir } = await leaked(TOKENS.slice(0, 3));
    const policy = join(dir, 'policy.yml');
    writeFileSync(
      policy,
      'rules:\n  - { user: user-0, do: rotate }\n  - { user: user-1, do: plan }\notherwise: notify\n',
    );
    const ended = await rotate(['--from-report', report, '--policy', policy, ...fleet], env);
    expect(ended.code).toBe(4);
    expect(await probe(service, TOKENS.slice(0, 3))).toEqual(['dead', 'active', 'active']);
    expect(ended.stderr).toMatch(/1 wait for your approval/);
  });

  test('what this job uses is replaced where the new one goes; elsewhere with --include-own only, and last', async () => {
    const { service, env, report, fleet, dir } = await leaked(TOKENS.slice(0, 2));
    const own = { ...env, NPM_TOKEN: TOKENS[0]! };
    const left = await rotate(['--from-report', report, ...fleet], own);
    expect(left.code).toBe(4);
    expect(left.stderr).toMatch(/this very job uses it/);
    expect(await probe(service, TOKENS.slice(0, 2))).toEqual(['active', 'dead']);
    const id = await idOf(service, TOKENS[0]!);
    expect((await rotate([id, ...fleet], own)).code).toBe(4);
    expect(await probe(service, [TOKENS[0]!])).toEqual(['active']);

    const npmrc = join(dir, '.npmrc');
    writeFileSync(npmrc, `//npm.flatt.tech/:_authToken=${TOKENS[0]}\n`);
    const inPlace = { ...env, NPM_CONFIG_USERCONFIG: npmrc };
    expect((await rotate([id, ...fleet], inPlace)).code, 'the file keeps the old one').toBe(4);
    expect((await rotate([id, '--write-to', npmrc], inPlace)).code).toBe(0);
    expect(await probe(service, [TOKENS[0]!])).toEqual(['dead']);

    const meant = { ...env, NPM_TOKEN: TOKENS[3]! };
    const order = await rotate(
      ['--from-report', await reportOn([TOKENS[3]!, TOKENS[4]!], service, env), '--include-own', ...fleet],
      meant,
    );
    expect(order.code).toBe(0);
    expect(order.stderr.indexOf('user-4: rotated')).toBeLessThan(order.stderr.indexOf('user-3: rotated'));
  });

  test('several new tokens never go to one file: each would take the place of the one before', async () => {
    const { service, env, report, dir } = await leaked(TOKENS.slice(0, 2));
    for (const where of [
      ['--to-file', join(dir, 'token')],
      ['--write-to', join(dir, '.npmrc')],
    ]) {
      const ended = await rotate(['--from-report', report, ...where], env);
      expect(ended.code).toBe(3);
      expect(ended.stderr).toMatch(/to one place/);
    }
    expect(await changes(service)).toEqual([]);
  });

  test('a credential that may not revoke ends it after the first: one new token, not one for each', async () => {
    const { service, env, report, fleet } = await leaked(TOKENS.slice(0, 3), [
      { endpoint: 'revoke', status: 403 },
    ]);
    const ended = await rotate(['--from-report', report, ...fleet], env);
    expect(ended.code).toBe(4);
    expect(ended.stderr).toMatch(/takumi_manager/);
    expect((await changes(service)).filter((each) => each === 'POST')).toHaveLength(1);
    expect(ended.stderr.match(/not attempted/g)).toHaveLength(2);
  });
});

describe('by ID: tokens revoke and offboard', () => {
  test('protected users and own tokens are left, over the caps nothing is revoked', async () => {
    const { service, env } = await leaked([]);
    const ids = await Promise.all(TOKENS.slice(0, 3).map((token) => idOf(service, token)));
    const left = await started(
      ['tokens', 'revoke', ...ids, '--yes', '--protect', 'user-0', '--format', 'json'],
      {
        env: { ...env, NPM_TOKEN: TOKENS[1]! },
      },
    );
    expect(left.code).toBe(4);
    expect((JSON.parse(left.stdout) as { state: string }[]).map(({ state }) => state)).toEqual([
      'refused',
      'refused',
      'revoked',
    ]);
    expect(await probe(service, TOKENS.slice(0, 3))).toEqual(['active', 'active', 'dead']);
    for (const cap of [
      ['--max-revocations', '1'],
      ['--max-share', '15%'],
    ]) {
      const capped = await guardsweep(['tokens', 'revoke', ids[0]!, ids[1]!, '--yes', ...cap], { env });
      expect(capped.code).toBe(4);
      expect(await probe(service, TOKENS.slice(0, 2))).toEqual(['active', 'active']);
    }
    const users = ['user-0', 'user-1'];
    const share = await guardsweep(['offboard', ...users, '--yes', '--max-share', '15%'], { env });
    expect(share.code).toBe(4);
    expect(await probe(service, TOKENS.slice(0, 2))).toEqual(['active', 'active']);
    const own = { ...env, NPM_TOKEN: TOKENS[1]! };
    const all = await guardsweep(['tokens', 'revoke', ids[1]!, ids[0]!, '--yes', '--include-own'], {
      env: own,
    });
    expect(all.code).toBe(0);
    const sent = (await service.log()).filter(({ method }) => method === 'DELETE').map(({ path }) => path);
    expect(sent.at(-1), 'its own last').toMatch(ids[1]!);
  });

  test('a credential that is refused half-way, or a list that fails afterwards, costs no result', async () => {
    const { service, env } = await leaked([], [{ endpoint: 'revoke', nth: 2, status: 401 }]);
    const ids = await Promise.all(TOKENS.slice(0, 3).map((token) => idOf(service, token)));
    const ended = await guardsweep(['tokens', 'revoke', ...ids, '--yes', '--format', 'json'], { env });
    expect(ended.code).toBe(4);
    expect(JSON.parse(ended.stdout)).toMatchObject([
      { state: 'revoked' },
      { state: 'failed' },
      { state: 'failed', reason: expect.stringMatching(/^not attempted/) },
    ]);
    const blind = await leaked([], [{ endpoint: 'list', nth: [5, 6, 7, 8, 9, 10, 11, 12], status: 403 }]);
    const [id] = await Promise.all(TOKENS.slice(0, 1).map((token) => idOf(blind.service, token)));
    const unseen = await guardsweep(['tokens', 'revoke', id!, '--yes', '--format', 'json'], {
      env: blind.env,
    });
    expect(unseen.code).toBe(4);
    expect(JSON.parse(unseen.stdout)).toMatchObject([
      { state: 'accepted_unverified', reason: expect.stringMatching(/list could not be read afterwards/) },
    ]);
  });

  test('a wrong credential is exit code 3 as long as nothing was done', async () => {
    const { env } = await leaked([]);
    const wrong = { ...env, TAKUMI_BOT_ID: 'BT01WRONG' };
    for (const args of [
      ['tokens', 'list'],
      ['tokens', 'revoke', 'T1', '--yes'],
      ['offboard', 'user-0', '--yes'],
      ['rotate', 'T1', '--yes', '--to-command', 'cat'],
    ]) {
      expect((await guardsweep(args, { env: wrong })).code, args.join(' ')).toBe(3);
    }
  });
});

/** A service that knows all tokens, a log that some of them leaked in, and a report on it. */
async function leaked(tokens: readonly string[], faults: readonly object[] = []) {
  const dir = folder();
  const service = await emulatorHere(SEED, { dialect: 'id', faults });
  const env = { ...service.env, HOME: dir, XDG_STATE_HOME: join(dir, 'state') };
  const leak = join(dir, 'leak.log');
  writeFileSync(leak, tokens.map((token) => `${token}\n`).join(''));
  const report = tokens.length === 0 ? '' : await reportOn(tokens, service, env);
  // A place that takes any number of tokens.
  const fleet = ['--to-command', `cat >> ${join(dir, 'fleet')}`];
  return { service, env, leak, report, dir, fleet };
}

async function reportOn(
  tokens: readonly string[],
  service: RunningEmulator,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const dir = folder();
  const leak = join(dir, 'leak.log');
  writeFileSync(leak, tokens.map((token) => `${token}\n`).join(''));
  const report = join(dir, 'report.json');
  await guardsweep(['scan', '--report', `json=${report}`, leak], { env: { ...service.env, ...env } });
  return report;
}

function rotate(args: readonly string[], env: Readonly<Record<string, string>>) {
  return guardsweep(['rotate', ...args, '--yes'], { env });
}

/** The requests that issue and revoke. */
async function changes(service: RunningEmulator): Promise<string[]> {
  return (await service.log())
    .filter(({ method, path }) => method === 'DELETE' || (method === 'POST' && !path.endsWith('/probe')))
    .map(({ method }) => method);
}
