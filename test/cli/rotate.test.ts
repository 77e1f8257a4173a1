import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emulatorHere as emulator } from '../support/emulator.js';
import { guardsweep } from '../support/in-process.js';
import { ALICE, ALICE_2, BOB, LAPTOP, SEED, tokenIn } from '../support/people.js';
import { folder, guardsweep as started } from '../support/program.js';
import { fingerprintOf } from '../support/report.js';
import { alive, idOf, idsOf, probe } from '../support/service-tokens.js';
import { orgToken } from '../support/tokens.js';

describe('rotate', () => {
  test('by token ID, in place: the old one dies, the file works, the twin lives', async () => {
    const service = await emulator(SEED, { dialect: 'id' });
    const npmrc = join(folder(), '.npmrc');
    writeFileSync(npmrc, `//npm.flatt.tech/:_authToken=${ALICE}\n`);
    const id = await idOf(service, ALICE);
    const ended = await started(['rotate', id, '--yes', '--write-to', npmrc], { env: service.env });
    expect(ended.stderr).toMatch(/rotated/);
    expect(ended.code).toBe(0);
    expect(await probe(service, [ALICE, ALICE_2, tokenIn(npmrc)])).toEqual(['dead', 'active', 'active']);
    const other = await idOf(service, BOB);
    expect(
      (await guardsweep(['rotate', other, '--yes', '--write-to', npmrc], { env: service.env })).code,
    ).toBe(3);
    expect(await probe(service, [BOB])).toEqual(['active']);
  });

  test('what stands in the file and the service does not answer for is left, for now', async () => {
    const faults = [{ endpoint: 'probe' as const, nth: [2, 3, 4], status: 422 }];
    const service = await emulator(SEED, { dialect: 'id', faults });
    const npmrc = join(folder(), '.npmrc');
    writeFileSync(npmrc, `//npm.flatt.tech/:_authToken=${ALICE}\n`);
    const id = await idOf(service, ALICE);
    const ended = await guardsweep(['rotate', id, '--yes', '--write-to', npmrc], { env: service.env });
    expect(ended.code, 'the same call may do better later').toBe(2);
    expect(ended.stderr).toMatch(/did not say whose the token in .*npmrc is, .*: Probing .* \(422\)/);
    expect(tokenIn(npmrc)).toBe(ALICE);
    expect(await alive(service)).toHaveLength(SEED.length);
  });

  test('by fingerprint: found again in what leaked; the new token goes to standard output, once, and nowhere else', async () => {
    const service = await emulator(SEED, { listHints: true });
    const leak = join(folder(), 'leak.log');
    writeFileSync(leak, `x ${BOB}\n`);
    const ended = await started(['rotate', fingerprintOf(BOB), leak, '--yes'], { env: service.env });
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/^tg_org_\S+\n$/);
    expect(ended.stderr).not.toContain(ended.stdout.slice(7, 19));
    expect(await probe(service, [BOB, ended.stdout.trim()])).toEqual(['dead', 'active']);
    expect(await alive(service)).toEqual(['alice', 'alice', 'alice-laptop', 'bob']);
  });

  test('--from-report, to a command and to a file: only what can be told apart is replaced', async () => {
    const service = await emulator(SEED);
    const dir = folder();
    const leak = join(dir, 'leak.log');
    writeFileSync(leak, `${LAPTOP}\n${ALICE}\n`);
    const report = join(dir, 'report.json');
    await guardsweep(['scan', '--report', `json=${report}`, leak], { env: service.env });
    const secret = join(dir, 'secret');
    const ended = await guardsweep(
      ['rotate', '--from-report', report, '--yes', '--to-command', `cat > ${secret}; env > ${dir}/env`],
      { env: service.env },
    );
    expect(ended.code, 'one of alice’s two cannot be told').toBe(4);
    expect(await probe(service, [LAPTOP, ALICE, ALICE_2, readFileSync(secret, 'utf8').trim()])).toEqual([
      'dead',
      'active',
      'active',
      'active',
    ]);
    expect(readFileSync(join(dir, 'env'), 'utf8')).not.toContain(service.env.TAKUMI_BOT_API_KEY);
    const toFile = await guardsweep(
      ['rotate', (await idsOf(service, 'bob'))[0]!, '--yes', '--to-file', join(dir, 'token')],
      {
        env: service.env,
      },
    );
    expect(toFile.code).toBe(0);
    expect(statSync(join(dir, 'token')).mode & 0o777).toBe(0o600);
    expect(await probe(service, [BOB, readFileSync(join(dir, 'token'), 'utf8').trim()])).toEqual([
      'dead',
      'active',
    ]);
  });

  test('a report that found nothing alive leaves nothing to do', async () => {
    const service = await emulator(SEED);
    const saved = join(folder(), 'report.json');
    const leak = join(folder(), 'leak.env');
    writeFileSync(leak, `T=${orgToken('x')}\n`);
    await guardsweep(['scan', '--report', `json=${saved}`, leak], { env: service.env });
    const ended = await guardsweep(['rotate', '--from-report', saved, '--yes'], { env: service.env });
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('nothing to replace');
  });

  test('a report whose tokens are dead by now leaves nothing to do, and one that could not tell is not taken for it', async () => {
    const service = await emulator(SEED, { dialect: 'id' });
    const dir = folder();
    const leak = join(dir, 'leak.env');
    writeFileSync(leak, `A=${ALICE}\nB=${BOB}\n`);
    const saved = (name: string, ...options: string[]) =>
      guardsweep(['scan', ...options, '--report', `json=${join(dir, name)}`, leak], { env: service.env });
    const rotate = (name: string, ...more: string[]) =>
      guardsweep(['rotate', '--from-report', join(dir, name), ...more, '--yes'], { env: service.env });
    await saved('unprobed.json', '--no-probe');
    const untold = await rotate('unprobed.json');
    expect(untold.code).toBe(4);
    expect(untold.stderr).toContain(`${fingerprintOf(BOB)}: refused: the report does not say`);
    await saved('alive.json');
    await saved('revoked.json', '--revoke', '--yes');
    const meanwhile = await rotate('alive.json');
    expect(meanwhile.code).toBe(0);
    expect(meanwhile.stderr).toContain(`${fingerprintOf(BOB)}: already revoked: nothing was replaced`);
    expect(meanwhile.stdout).toBe('');
    // To another organization all tokens look dead.
    const stranger = await emulator([], { dialect: 'status' });
    const elsewhere = await guardsweep(['rotate', '--from-report', join(dir, 'alive.json'), '--yes'], {
      env: stranger.env,
    });
    expect(elsewhere.code).toBe(4);
    // A token that was named was to get a successor, and got none.
    expect((await rotate('alive.json', fingerprintOf(BOB))).code).toBe(4);
    rmSync(leak);
    const own = await rotate('revoked.json');
    expect(own.code).toBe(0);
    expect(own.stderr).toContain('nothing to replace');
  });

  test('delivery that fails: the old one lives and the new one is dead', async () => {
    const service = await emulator(SEED, { dialect: 'id' });
    const id = await idOf(service, BOB);
    const ended = await guardsweep(['rotate', id, '--yes', '--to-command', 'exit 3'], { env: service.env });
    expect(ended.code).toBe(4);
    expect(await alive(service)).toEqual(['alice', 'alice', 'alice-laptop', 'bob']);
    expect(await probe(service, [BOB])).toEqual(['active']);
    expect((await guardsweep(['rotate', BOB, '--yes'], { env: service.env })).code).toBe(3);
  });

  test.each([
    ['true', 'did not read'],
    ['exec 0<&-; sleep 0.1', 'did not read'],
    ['head -c 10 > got', 'did not read'],
    ['cat > got; kill -9 $$', 'ended with 137'],
    ['cat > got; exec sleep 5', 'did not end within 700ms'],
  ])('a command that did not take the token (%s) costs nothing', async (command, says) => {
    const service = await emulator(SEED, { dialect: 'id' });
    const id = await idOf(service, BOB);
    const env = { ...service.env, GUARDSWEEP_COMMAND_TIMEOUT: '700ms' };
    const ended = await guardsweep(['rotate', id, '--yes', '--to-command', command], { env });
    expect(ended.code).toBe(4);
    expect(ended.stderr).toContain(says);
    expect(await probe(service, [BOB])).toEqual(['active']);
    expect(await alive(service)).toEqual(['alice', 'alice', 'alice-laptop', 'bob']);
  });

  test('a command that reads a line of it has it', async () => {
    const service = await emulator(SEED, { dialect: 'id' });
    const home = folder();
    const command = 'read -r token; printf %s "$token" > got';
    const ended = await guardsweep(['rotate', await idOf(service, BOB), '--yes', '--to-command', command], {
      env: service.env,
      cwd: home,
    });
    expect(ended.code).toBe(0);
    expect(await probe(service, [readFileSync(join(home, 'got'), 'utf8')])).toEqual(['active']);
  });

  test('asks first', async () => {
    const service = await emulator(SEED, { dialect: 'id' });
    expect((await guardsweep(['rotate', await idOf(service, BOB)], { env: service.env })).code).toBe(3);
  });
});
