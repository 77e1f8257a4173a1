import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emulatorHere as emulator } from '../support/emulator.js';
import { guardsweep } from '../support/in-process.js';
import { BOB, LONG_AGO, SEED, tokenIn } from '../support/people.js';
import { folder, guardsweep as started } from '../support/program.js';
import { alive, idsOf, probe } from '../support/service-tokens.js';
import { orgToken } from '../support/tokens.js';

describe('ensure, where the service does not say which of a user’s tokens is in place', () => {
  const TWINS = [orgToken('twin of mac 1'), orgToken('twin of mac 2')] as const;
  const PAIR: typeof SEED = TWINS.map((token) => ({
    token,
    user_identifier: 'mac',
    status: 'active',
    created_at: LONG_AGO,
  }));

  async function machine() {
    const service = await emulator([...PAIR, ...SEED]);
    const home = folder();
    const npmrc = join(home, '.npmrc');
    writeFileSync(npmrc, `//npm.flatt.tech/:_authToken=${TWINS[0]}\n`);
    const env = { ...service.env, HOME: home, XDG_STATE_HOME: join(home, 'state') };
    const ensure = (...more: string[]) =>
      guardsweep(['ensure', 'mac', '--write-to', npmrc, ...more], { env });
    return { service, home, npmrc, env, ensure };
  }

  test('says so on every run, until a person has looked: nothing is guessed', async () => {
    const { service, npmrc, env, ensure } = await machine();
    const first = await ensure('--max-age', '30d');
    expect(first.code).toBe(4);
    expect(first.stderr).toMatch(/a token of mac was left behind/);
    const fresh = tokenIn(npmrc);
    expect(await probe(service, [fresh, ...TWINS])).toEqual(['active', 'active', 'active']);
    const ids = await idsOf(service, 'mac');
    expect(ids).toHaveLength(3);
    const second = await ensure('--max-age', '30d');
    expect(second.code, 'it is not forgotten').toBe(4);
    expect(tokenIn(npmrc), 'nor replaced again').toBe(fresh);
    const named = ids.filter((id) => second.stderr.includes(id));
    expect(named, 'both that it may be, and not the new one').toHaveLength(2);
    expect((await guardsweep(['tokens', 'revoke', ...named, '--yes'], { env: service.env })).code).toBe(0);
    const third = await ensure('--max-age', '30d');
    expect(third.stderr).toMatch(/nothing was done/);
    expect(third.code).toBe(0);
    expect((await ensure('--max-age', '30d')).code).toBe(0);
    expect(await probe(service, [fresh, ...TWINS])).toEqual(['active', 'dead', 'dead']);
    expect((await guardsweep(['audit', 'verify', journalOf(env.XDG_STATE_HOME)])).code).toBe(0);
  });

  test('--revoke-all-of-user is the way out: all others of exactly this user, and no neighbour', async () => {
    const { service, npmrc, ensure } = await machine();
    const ended = await ensure('--max-age', '30d', '--revoke-all-of-user');
    expect(ended.code).toBe(0);
    expect(await probe(service, [tokenIn(npmrc), ...TWINS])).toEqual(['active', 'dead', 'dead']);
    expect(await alive(service)).toEqual(['alice', 'alice', 'alice-laptop', 'bob', 'mac']);
  });

  test('knows the token again that it has put there: what it replaces is told apart by the record', async () => {
    const { service, npmrc, ensure } = await machine();
    await ensure('--max-age', '30d', '--revoke-all-of-user');
    const before = tokenIn(npmrc);
    await started(['tokens', 'issue', 'mac'], { env: service.env });
    const ended = await ensure('--max-age', '1ms', '--format', 'json');
    expect(JSON.parse(ended.stdout)).toMatchObject({ state: 'rotated' });
    expect(ended.code).toBe(0);
    expect(await probe(service, [before, tokenIn(npmrc)])).toEqual(['dead', 'active']);
    expect(
      (await alive(service)).filter((user) => user === 'mac'),
      'the other one of mac lives',
    ).toHaveLength(2);
  });

  test('an old one that could not be revoked is revoked the next day', async () => {
    const home = folder();
    const faults = [{ endpoint: 'revoke', nth: 1, status: 403 }];
    const service = await emulator(SEED, { dialect: 'id', faults });
    const npmrc = join(home, '.npmrc');
    writeFileSync(npmrc, `//npm.flatt.tech/:_authToken=${BOB}\n`);
    const env = { ...service.env, HOME: home };
    const args = ['ensure', 'bob', '--write-to', npmrc, '--max-age', '30d'];
    expect((await guardsweep(args, { env })).code).toBe(4);
    expect(await probe(service, [BOB, tokenIn(npmrc)])).toEqual(['active', 'active']);
    const next = await guardsweep(args, { env });
    expect(next.code).toBe(0);
    expect(await probe(service, [BOB, tokenIn(npmrc)])).toEqual(['dead', 'active']);
  });

  test('a file that holds the token alone is looked into as well', async () => {
    const service = await emulator(SEED, { dialect: 'id' });
    const home = folder();
    const env = { ...service.env, HOME: home };
    const args = ['ensure', 'mac', '--to-file', join(home, 'token')];
    expect((await guardsweep(args, { env })).code).toBe(0);
    const token = readFileSync(join(home, 'token'), 'utf8');
    expect((await guardsweep(args, { env })).stderr).toMatch(/nothing was done/);
    expect(readFileSync(join(home, 'token'), 'utf8')).toBe(token);
    expect((await guardsweep([...args.slice(0, 2), '--to-command', 'cat'], { env })).code).toBe(3);
  });
});

function journalOf(state: string): string {
  const folder = join(state, 'guardsweep', 'journals');
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.jsonl'))!);
}
