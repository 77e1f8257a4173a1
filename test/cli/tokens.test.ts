import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emulatorHere as emulator } from '../support/emulator.js';
import { guardsweep } from '../support/in-process.js';
import { folder, guardsweep as started } from '../support/program.js';
import { orgToken } from '../support/tokens.js';

describe('tokens', () => {
  const alice = orgToken('alice');
  const laptop = orgToken('alice-laptop');
  const seed = [
    { token: alice, user_identifier: 'alice', status: 'active' },
    { token: laptop, user_identifier: 'alice-laptop', status: 'active' },
    { token: orgToken('gone'), user_identifier: 'alice', status: 'revoked' },
  ] as const;

  test('list: every page, exact users, machine-readable', async () => {
    const many = Array.from({ length: 57 }, (_, at) => ({
      token: orgToken(`many ${at}`),
      user_identifier: `user-${at}`,
      status: 'active' as const,
    }));
    const { env } = await emulator([...seed, ...many]);
    const json = async (...args: string[]) =>
      JSON.parse((await guardsweep(['tokens', 'list', '--format', 'json', ...args], { env })).stdout) as {
        user_identifier: string;
      }[];
    expect(await json()).toHaveLength(60);
    expect(await json('--prefix', 'alice')).toHaveLength(3);
    expect((await json('--user', 'alice')).map((row) => row.user_identifier)).toEqual(['alice', 'alice']);
    expect(await json('--user', 'alice', '--status', 'active')).toHaveLength(1);
    const ids = await started(
      ['tokens', 'list', '--user', 'alice', '--status', 'active', '--format', 'ids'],
      { env },
    );
    expect(ids.stdout.trim().split('\n')).toHaveLength(1);
  });

  test('issue prints the token once; probe knows it; revoke by ID kills it; the list proves it', async () => {
    const { env } = await emulator(seed);
    const issued = await started(['tokens', 'issue', 'new-laptop'], { env });
    const token = issued.stdout.trim();
    expect(token).toMatch(/^tg_org_/);
    const probed = async () => started(['tokens', 'probe'], { env, stdin: token });
    expect((await probed()).code).toBe(1);
    const id = (
      await guardsweep(['tokens', 'list', '--user', 'new-laptop', '--format', 'ids'], { env })
    ).stdout.trim();
    const revoked = await started(['tokens', 'revoke', id, '--yes', '--format', 'json'], { env });
    expect(JSON.parse(revoked.stdout)).toMatchObject([{ token_id: id, state: 'revoked' }]);
    expect((await probed()).code).toBe(0);
    expect((await guardsweep(['tokens', 'probe'], { env, stdin: laptop })).code).toBe(1);
  });

  test('revoke refuses an ID that is not in the list, and asks before it acts', async () => {
    const { env } = await emulator(seed);
    expect((await guardsweep(['tokens', 'revoke', 'nobody', '--yes'], { env })).code).toBe(4);
    expect((await guardsweep(['tokens', 'revoke', 'nobody'], { env })).code).toBe(3);
  });

  test('a wrong credential is 3, one that will do later 2; a token that may be lost is looked for by its user', async () => {
    const busy = { endpoint: 'issue', nth: 3, status: 429, retry_after: 86_400 };
    const { env } = await emulator(seed, { faults: [busy, { endpoint: 'issue', nth: [4, 5], status: 500 }] });
    const home = folder();
    writeFileSync(join(home, 'held'), alice);
    for (const args of [
      ['tokens', 'issue', 'bob'],
      ['tokens', 'list'],
      ['onboard', 'bob', '--to-file', join(home, 'new')],
      ['ensure', 'alice', '--to-file', join(home, 'held')],
    ]) {
      const wrong = await guardsweep(args, { env: { ...env, HOME: home, TAKUMI_BOT_ID: 'BT01wrong' } });
      expect(wrong.code, args.join(' ')).toBe(3);
    }
    const later = await guardsweep(['tokens', 'issue', 'bob'], { env: { ...env, HOME: home } });
    expect(later.stderr).toContain('run again after that');
    expect(later.code).toBe(2);
    const lost = await guardsweep(['tokens', 'issue', 'bob'], { env: { ...env, HOME: home } });
    expect(lost.stderr).toContain('look with: guardsweep tokens list --user bob\n');
    expect(lost.code).toBe(2);
    // What is shown to be typed means one thing in a shell, whoever named the user.
    const named = await guardsweep(['tokens', 'issue', "a b'; reboot"], { env: { ...env, HOME: home } });
    expect(named.stderr).toContain("tokens list --user 'a b'\\''; reboot'\n");
  });

  test('probe takes tokens from standard input only', async () => {
    const { env } = await emulator(seed);
    expect((await guardsweep(['tokens', 'probe', alice], { env })).code).toBe(3);
    const wrong = await guardsweep(['tokens', 'probe'], { env, stdin: `${alice}\npassword\n` });
    expect(wrong.code).toBe(3);
    expect(wrong.stderr).not.toContain('password');
  });
});
