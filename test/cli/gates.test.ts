import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emulator, type RunningEmulator, type Seed } from '../support/emulator.js';
import { folder, guardsweep } from '../support/program.js';
import { findingOf, reportOf } from '../support/report.js';
import { orgToken } from '../support/tokens.js';

const LEAKED = orgToken('leaked');
const MINE = orgToken('mine');
const OTHERS = Array.from({ length: 4 }, (_, at) => orgToken(`other ${at}`));
const SEED: Seed[] = [
  { token: LEAKED, user_identifier: 'alice', status: 'active' },
  { token: MINE, user_identifier: 'ci-runner', status: 'active' },
  ...OTHERS.map((token, at) => ({ token, user_identifier: `user-${at}`, status: 'active' as const })),
];

describe('what the running job needs', () => {
  const homes: Record<string, (home: string) => Record<string, string>> = {
    'in a variable': () => ({ NPM_TOKEN: MINE }),
    'in the URL of a package index': () => ({
      PIP_INDEX_URL: `https://token:${MINE}@pypi.flatt.tech/simple/`,
    }),
    'in ~/.npmrc': (home) => {
      writeFileSync(join(home, '.npmrc'), `//npm.flatt.tech/:_authToken=${MINE}\n`);
      return {};
    },
    'in the file that NPM_CONFIG_USERCONFIG names': (home) => {
      writeFileSync(join(home, 'elsewhere'), `_auth=${Buffer.from(`token:${MINE}`).toString('base64')}\n`);
      return { NPM_CONFIG_USERCONFIG: join(home, 'elsewhere') };
    },
    'that an earlier step of the job handed on': (home) => {
      writeFileSync(join(home, 'set_env'), `NPM_TOKEN=${MINE}\n`);
      return { GITHUB_ENV: join(home, 'set_env') };
    },
    'in a folder that a variable names': (home) => {
      writeFileSync(join(home, 'pip.conf'), `[global]\nindex-url = https://t:${MINE}@pypi.flatt.tech/\n`);
      return { VIRTUAL_ENV: home };
    },
  };
  for (const [where, prepare] of Object.entries(homes)) {
    test(`a token ${where} is left alone; the others die`, async () => {
      const service = await emulator(SEED, ['--dialect', 'id']);
      const home = folder();
      const ended = await revoke(service, [MINE, LEAKED], [], { HOME: home, ...prepare(home) });
      const report = reportOf(ended);
      expect(findingOf(report, LEAKED)!.remediation.state).toBe('verified_revoked');
      const mine = findingOf(report, MINE)!;
      expect(mine.used_here).toHaveLength(1);
      expect(mine.remediation).toMatchObject({
        state: 'refused',
        reason: expect.stringContaining('--include-own'),
      });
      expect(ended.code).toBe(4);
      expect(await deleted(service)).toHaveLength(1);
    });
  }

  test('--include-own revokes it too, after everything else, and says what stops working', async () => {
    const service = await emulator(SEED, ['--dialect', 'id']);
    const ended = await revoke(service, [MINE, LEAKED, OTHERS[0]!], ['--include-own'], { NPM_TOKEN: MINE });
    const report = reportOf(ended);
    expect(findingOf(report, MINE)!.remediation.state).toBe('verified_revoked');
    const order = report.actions.filter(({ kind }) => kind === 'revoke').map((action) => action.fingerprint);
    expect(order).toHaveLength(3);
    expect(order.at(-1)).toBe(findingOf(report, MINE)!.fingerprint);
    expect(ended.stderr).toMatch(/NPM_TOKEN.*stop/);
  });

  test('is not killed as one of “all of that user” either, though it did not leak', async () => {
    const twins = [orgToken('twin a'), orgToken('twin b')] as const;
    const seed = twins.map((token) => ({ token, user_identifier: 'build', status: 'active' as const }));
    const service = await emulator(seed);
    const ended = await revoke(service, [twins[0]], ['--revoke-all-of-user'], { NPM_TOKEN: twins[1] });
    expect(findingOf(reportOf(ended), twins[0])!.remediation.state).toBe('refused');
    expect(await deleted(service)).toEqual([]);
  });

  test('without --revoke its place is named, and it is not sent anywhere unless it was found', async () => {
    const service = await emulator(SEED, ['--dialect', 'id']);
    await guardsweep(['scan', '-'], { env: { ...service.env, NPM_TOKEN: MINE }, stdin: LEAKED });
    expect((await service.log()).filter(({ path }) => path.endsWith('/probe'))).toHaveLength(1);
  });

  test('the key that the run itself works with is recognized in what leaked', async () => {
    const service = await emulator(SEED);
    const key = service.env.TAKUMI_BOT_API_KEY!;
    for (const leak of [key, `${key}:${service.env.TAKUMI_BOT_ID}`]) {
      const ended = await guardsweep(['scan', '--format', 'json', '-'], {
        env: service.env,
        stdin: `k ${leak}\n`,
      });
      expect(reportOf(ended).findings[0]!.used_here).toEqual(['the variable TAKUMI_BOT_API_KEY']);
    }
  });
});

describe('protected users', () => {
  test('tokens of a user that --protect names are left alone', async () => {
    const service = await emulator(SEED, ['--dialect', 'id']);
    const ended = await revoke(service, [LEAKED, OTHERS[0]!], ['--protect', 'user-*', '--protect', 'x']);
    expect(findingOf(reportOf(ended), OTHERS[0]!)!.remediation).toMatchObject({
      state: 'refused',
      reason: expect.stringContaining('user-*'),
    });
    expect(findingOf(reportOf(ended), LEAKED)!.remediation.state).toBe('verified_revoked');
    expect(ended.code).toBe(4);
  });

  test.each(['', ' ', '[a-c]*', 'ci-{a,b}', '!root'])(
    'a glob that would match nobody (%j) is a wrong call, in a policy too',
    async (glob) => {
      const service = await emulator(SEED, ['--dialect', 'id']);
      const ended = await revoke(service, [LEAKED], ['--protect', glob]);
      expect(ended.code).toBe(3);
      expect(ended.stderr).toContain('--protect');
      const policy = join(folder(), 'policy.yaml');
      writeFileSync(policy, JSON.stringify({ protect: [glob] }));
      const asPolicy = await revoke(service, [LEAKED], ['--policy', policy]);
      expect(asPolicy.code).toBe(3);
      expect(asPolicy.stderr).toMatch(/protect\.0: is a glob of users/);
      expect(await deleted(service)).toEqual([]);
    },
  );
});

describe('the share of the organization', () => {
  test('--max-share binds from the second token on: over it nothing is revoked', async () => {
    const service = await emulator(SEED, ['--dialect', 'id']);
    const ended = await revoke(service, [LEAKED, OTHERS[0]!], ['--max-share', '20%']);
    expect(ended.code).toBe(4);
    expect(await deleted(service)).toEqual([]);
    const none = await revoke(service, [LEAKED], ['--max-share', '0']);
    expect(none.code).toBe(4);
    expect(await deleted(service)).toEqual([]);
    expect((await revoke(service, [LEAKED], ['--max-share', '1%'])).code).toBe(1);
  });

  test('where nobody set it, 5 % binds above ten tokens: raising --max-revocations alone cannot empty an organization', async () => {
    const many = Array.from({ length: 40 }, (_, at) => orgToken(`many ${at}`));
    const service = await emulator(
      many.map((token, at) => ({ token, user_identifier: `u${at}`, status: 'active' as const })),
      ['--dialect', 'id'],
    );
    const eleven = many.slice(0, 11);
    const stopped = await revoke(service, eleven, ['--max-revocations', '100']);
    expect(stopped.code).toBe(4);
    expect(await deleted(service)).toEqual([]);
    const meant = await revoke(service, eleven, ['--max-revocations', '100', '--max-share', '50%']);
    expect(meant.code).toBe(1);
    expect(await deleted(service)).toHaveLength(11);
  });
});

function revoke(
  service: RunningEmulator,
  leaked: readonly string[],
  args: readonly string[],
  env: Record<string, string> = {},
) {
  return guardsweep(['scan', '--revoke', '--yes', '--format', 'json', ...args, '-'], {
    env: { ...service.env, ...env },
    stdin: leaked.map((token) => `login with ${token} ok\n`).join(''),
  });
}

async function deleted(service: RunningEmulator) {
  return (await service.log()).filter(({ method }) => method === 'DELETE');
}
