import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PlanFile } from '../../src/remediation/plan-file.js';
import { emulator, type RunningEmulator, type Seed } from '../support/emulator.js';
import { folder, guardsweep } from '../support/program.js';
import { findingOf, fingerprintOf, reportOf } from '../support/report.js';
import { botKey, orgToken } from '../support/tokens.js';

const A = orgToken('plan a');
const B = orgToken('plan b');
const NEW = orgToken('plan new');
const SEED: Seed[] = [
  { token: A, user_identifier: 'alice', status: 'active' },
  { token: B, user_identifier: 'bob', status: 'active' },
  { token: NEW, user_identifier: 'carol', status: 'active' },
];

describe('plan, approve, apply', () => {
  test('scan --plan writes what would be done and does none of it; apply does exactly that', async () => {
    const { service, leak, plan } = await leaked([A, B]);
    const planned = await guardsweep(['scan', '--plan', plan, '--format', 'json', leak], {
      env: service.env,
    });
    expect(planned.code).toBe(1);
    expect(reportOf(planned).findings.map(({ remediation }) => remediation.state)).toEqual([
      'planned',
      'planned',
    ]);
    expect(await deleted(service)).toEqual([]);
    const text = readFileSync(plan, 'utf8');
    expect(statSync(plan).mode & 0o777).toBe(0o600);
    for (const token of [A, B]) expect(text).not.toContain(token.slice(7, 19));
    const file = JSON.parse(text) as PlanFile;
    expect(file.revocations.map(({ user_identifier: user }) => user).sort()).toEqual(['alice', 'bob']);
    expect(file.revocations[0]).toMatchObject({
      evidence: 'probe_id',
      breaks: expect.stringMatching(/stops/),
    });

    // Since then another token leaked to the same place. Nobody approved that one.
    writeFileSync(leak, `${A}\n${B}\n${NEW}\n`);
    const applied = await guardsweep(['apply', plan, '--yes', '--format', 'json'], { env: service.env });
    const report = reportOf(applied);
    for (const token of [A, B]) expect(findingOf(report, token)!.remediation.state).toBe('verified_revoked');
    expect(findingOf(report, NEW)).toMatchObject({
      verdict: { state: 'active' },
      remediation: { state: 'none' },
    });
    expect(report.plan).toEqual({ approved: 2, drifted: [] });
    expect(applied.code).toBe(1);
    expect(await deleted(service)).toHaveLength(2);

    // Applying it again changes nothing: what was approved is dead.
    const again = await guardsweep(['apply', plan, '--yes', '--format', 'json'], { env: service.env });
    expect(findingOf(reportOf(again), A)!.remediation.state).toBe('already_revoked');
    expect(again.code).toBe(1);
    expect(await deleted(service)).toHaveLength(2);
  });

  test('plan REPORT.json scans the targets of the report again, for the tokens that it names', async () => {
    const { service, leak, plan, dir } = await leaked([A]);
    const saved = join(dir, 'report.json');
    await guardsweep(['scan', '--report', `json=${saved}`, leak], { env: service.env });
    writeFileSync(leak, `${A}\n${NEW}\n`);
    const planned = await guardsweep(['plan', saved, '--output', plan], { env: service.env });
    expect(planned.stderr).not.toMatch(/guardsweep: /);
    expect(planned.code).toBe(0);
    const shown = await guardsweep(['plan', saved], { env: service.env });
    for (const text of [readFileSync(plan, 'utf8'), shown.stdout]) {
      expect((JSON.parse(text) as PlanFile).revocations.map((each) => each.fingerprint)).toEqual([
        fingerprintOf(A),
      ]);
    }
    expect((await guardsweep(['apply', plan, '--yes'], { env: service.env })).code).toBe(1);
    expect(await deleted(service)).toHaveLength(1);
  });

  test('JSON that is no report is scanned; a plan for ever is a wrong call', async () => {
    const { service, dir } = await leaked([]);
    const config = join(dir, 'config.json');
    writeFileSync(config, JSON.stringify({ token: A }));
    const planned = await guardsweep(['plan', config], { env: service.env });
    expect(planned.code).toBe(0);
    expect((JSON.parse(planned.stdout) as PlanFile).revocations).toHaveLength(1);
    const long = await guardsweep(['plan', config, '--valid-for', '99999999999d'], { env: service.env });
    expect(long.code).toBe(3);
    expect(long.stderr).toContain('90d at most');
  });

  test('what arrived on standard input has to be given again', async () => {
    const { service, plan } = await leaked([]);
    await guardsweep(['scan', '--plan', plan, '-'], { env: service.env, stdin: A });
    const without = await guardsweep(['apply', plan, '--yes'], { env: service.env });
    expect(without.code).toBe(3);
    expect(without.stderr).toMatch(/standard input/);
    const applied = await guardsweep(['apply', plan, '-', '--yes', '--format', 'json'], {
      env: service.env,
      stdin: A,
    });
    expect(findingOf(reportOf(applied), A)!.remediation.state).toBe('verified_revoked');
  });

  test('apply asks: without a terminal and without --yes nothing is done', async () => {
    const { service, leak, plan } = await leaked([A]);
    await guardsweep(['scan', '--plan', plan, leak], { env: service.env });
    expect((await guardsweep(['apply', plan], { env: service.env })).code).toBe(3);
    expect(await deleted(service)).toEqual([]);
  });

  test('over a cap nothing is revoked, and the plan is left for approval', async () => {
    const { service, leak } = await leaked([A, B]);
    const home = folder();
    const ended = await guardsweep(['scan', '--revoke', '--yes', '--max-revocations', '1', leak], {
      env: { ...service.env, HOME: home },
    });
    expect(ended.code).toBe(4);
    expect(await deleted(service)).toEqual([]);
    const plan = /guardsweep apply (\S+\.json)/.exec(ended.stderr)?.[1];
    expect(plan).toBeDefined();
    const applied = await guardsweep(['apply', plan!, '--yes', '--format', 'json'], {
      env: { ...service.env, HOME: home },
    });
    expect(reportOf(applied).findings.map(({ remediation }) => remediation.state)).toEqual([
      'verified_revoked',
      'verified_revoked',
    ]);
  });
});

describe('apply refuses', () => {
  test('a plan that was changed, or is of another credential, or is none: exit code 3, nothing sent', async () => {
    const { service, leak, plan, dir } = await leaked([A]);
    await guardsweep(['scan', '--plan', plan, leak], { env: service.env });
    const before = (await service.log()).length;
    const changed = join(dir, 'changed.json');
    writeFileSync(changed, readFileSync(plan, 'utf8').replace('alice', 'malice'));
    const other = { ...service.env, TAKUMI_BOT_API_KEY: botKey('another bot') };
    for (const [args, env] of [
      [['apply', changed, '--yes'], service.env],
      [['apply', plan, '--yes'], other],
      [['apply', leak, '--yes'], service.env],
      [['apply', join(dir, 'none'), '--yes'], service.env],
    ] as const) {
      const ended = await guardsweep(args, { env });
      expect(ended.code, ended.stderr).toBe(3);
    }
    expect(await service.log()).toHaveLength(before);
  });

  test('what drifted: the token of that user is another one now', async () => {
    const { service, leak, plan } = await leaked([A], []);
    await guardsweep(['scan', '--plan', plan, leak], { env: service.env });
    // The evidence was that alice has one active token. Now she has two.
    await guardsweep(['tokens', 'issue', 'alice'], { env: service.env });
    const applied = await guardsweep(['apply', plan, '--yes', '--format', 'json'], { env: service.env });
    expect(applied.code).toBe(4);
    expect(reportOf(applied).plan!.drifted).toMatchObject([{ user_identifier: 'alice' }]);
    expect(findingOf(reportOf(applied), A)!.remediation.state).toBe('refused');
    expect(await deleted(service)).toEqual([]);
  });

  test('what is no longer found where it leaked: nobody could prove that it is dead', async () => {
    const { service, leak, plan } = await leaked([A]);
    await guardsweep(['scan', '--plan', plan, leak], { env: service.env });
    writeFileSync(leak, 'nothing\n');
    const applied = await guardsweep(['apply', plan, '--yes', '--format', 'json'], { env: service.env });
    expect(applied.code).toBe(4);
    expect(reportOf(applied).plan!.drifted).toMatchObject([
      { fingerprint: fingerprintOf(A), reason: expect.stringMatching(/not found/) },
    ]);
    rmSync(leak);
    expect((await guardsweep(['apply', plan, '--yes'], { env: service.env })).code).toBe(3);
    expect(await deleted(service)).toEqual([]);
  });
});

async function leaked(tokens: readonly string[], args: readonly string[] = ['--dialect', 'id']) {
  const service = await emulator(SEED, args);
  const dir = folder();
  const leak = join(dir, 'leak.log');
  writeFileSync(leak, tokens.map((token) => `${token}\n`).join(''));
  return { service, leak, dir, plan: join(dir, 'plan.json') };
}

async function deleted(service: RunningEmulator) {
  return (await service.log()).filter(({ method }) => method === 'DELETE');
}
