import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emulatorHere as emulator, type RunningEmulator, type Seed } from '../support/emulator.js';
import { guardsweep } from '../support/in-process.js';
import { folder, guardsweep as started } from '../support/program.js';
import { fingerprintOf } from '../support/report.js';
import { orgToken } from '../support/tokens.js';

const ALICE = orgToken('people alice');
const ALICE_2 = orgToken('people alice 2');
const LAPTOP = orgToken('people alice-laptop');
const BOB = orgToken('people bob');
const LONG_AGO = '2020-01-01T00:00:00Z';
const SEED: (Seed & { created_at?: string })[] = [
  { token: ALICE, user_identifier: 'alice', status: 'active', created_at: LONG_AGO },
  { token: ALICE_2, user_identifier: 'alice', status: 'active', created_at: LONG_AGO },
  { token: LAPTOP, user_identifier: 'alice-laptop', status: 'active', created_at: LONG_AGO },
  { token: BOB, user_identifier: 'bob', status: 'active', created_at: LONG_AGO },
];

describe('offboard', () => {
  test('shows first; with --yes revokes every active token of exactly that user, on every page', async () => {
    const many = Array.from({ length: 60 }, (_, at) => ({
      token: orgToken(`page ${at}`),
      user_identifier: at % 2 === 0 ? 'leaver' : 'leaver2',
      status: 'active' as const,
    }));
    const service = await emulator([...many, ...SEED]);
    const dry = await guardsweep(['offboard', 'leaver', '--format', 'json'], { env: service.env });
    expect(dry.code).toBe(0);
    expect(JSON.parse(dry.stdout)).toHaveLength(30);
    expect(await deleted(service)).toEqual([]);
    const ended = await started(['offboard', 'leaver', '--yes', '--format', 'json'], { env: service.env });
    expect(ended.code).toBe(0);
    expect(new Set((JSON.parse(ended.stdout) as { state: string }[]).map(({ state }) => state))).toEqual(
      new Set(['revoked']),
    );
    expect(await alive(service)).toHaveLength(34);
    expect((await guardsweep(['offboard', 'leaver', '--yes'], { env: service.env })).code).toBe(0);
    expect(await deleted(service)).toHaveLength(30);
  });

  test('--from takes many; protected users, and the one this job works as, are left; a slip of the pen is named', async () => {
    const service = await emulator(SEED);
    const list = join(folder(), 'leavers.txt');
    writeFileSync(list, '# who left\nalice\n\nbob\r\nalic\n');
    const ended = await guardsweep(
      ['offboard', '--from', list, '--yes', '--protect', 'bo*', '--format', 'json'],
      {
        env: service.env,
      },
    );
    expect(ended.code).toBe(4);
    expect(ended.stderr).toMatch(/exactly alic.*alice/);
    expect(await alive(service)).toEqual(['alice-laptop', 'bob']);
    const own = await guardsweep(['offboard', 'bob', '--yes'], { env: { ...service.env, NPM_TOKEN: BOB } });
    expect(own.code).toBe(4);
    expect(await alive(service)).toEqual(['alice-laptop', 'bob']);
    const meant = await guardsweep(['offboard', 'bob', '--yes', '--include-own'], {
      env: { ...service.env, NPM_TOKEN: BOB },
    });
    expect(meant.code).toBe(0);
    expect(await alive(service)).toEqual(['alice-laptop']);
  });

  test('says what there is none of; an identifier that is only written otherwise is named', async () => {
    const service = await emulator([
      { token: ALICE, user_identifier: 'ren\u00e9-laptop', status: 'active' },
      { token: BOB, user_identifier: 'gone', status: 'revoked' },
      { token: LAPTOP, user_identifier: 'bo\u200bb\u00a0', status: 'active' },
    ]);
    const ended = await guardsweep(['offboard', 'gone', 'rene\u0301', '--yes'], { env: service.env });
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('gone has no active token');
    expect(ended.stderr).toContain('there are ren\u00e9-laptop');
    // Whoever is meant by a name that looks the same has tokens that live.
    for (const name of ['rene\u0301-laptop', 'REN\u00c9-laptop', 'bob']) {
      expect((await guardsweep(['offboard', name, '--yes'], { env: service.env })).code).toBe(4);
    }
    expect(await deleted(service)).toEqual([]);
  });

  test('over the cap nothing is revoked; without users it is a wrong call', async () => {
    const service = await emulator(SEED);
    expect(
      (await guardsweep(['offboard', 'alice', '--yes', '--max-revocations', '1'], { env: service.env })).code,
    ).toBe(4);
    const list = join(folder(), 'leavers.txt');
    writeFileSync(list, '\ufeffalice\r\n', 'utf16le');
    for (const nobody of [[], [''], ['alice\nbob'], ['--from', list]]) {
      expect((await guardsweep(['offboard', '--yes', ...nobody], { env: service.env })).code).toBe(3);
    }
    writeFileSync(list, '\ufeffalice\rbob\r');
    const shown = await guardsweep(['offboard', '--from', list, '--format', 'json'], { env: service.env });
    expect(JSON.parse(shown.stdout)).toHaveLength(3);
    expect(await deleted(service)).toEqual([]);
  });
});

describe('onboard and ensure', () => {
  for (const dialect of ['id', 'identity', 'status'] as const) {
    test(`day zero, and every day after, where the probe tells ${dialect}`, async () => {
      const service = await emulator(SEED, { dialect, listHints: true });
      const home = folder();
      const npmrc = join(home, '.npmrc');
      const pip = join(home, '.config', 'pip', 'pip.conf');
      writeFileSync(npmrc, 'save-exact=true\n', { mode: 0o644 });
      const env = { ...service.env, HOME: home };
      const args = ['new-laptop', '--write-to', npmrc, '--write-to', '~/.config/pip/pip.conf'];
      const first = await started(['onboard', ...args], { env });
      expect(first.stderr).toMatch(/new token is in place/);
      expect(first.code).toBe(0);
      const token = tokenIn(npmrc);
      expect(tokenIn(pip)).toBe(token);
      expect(readFileSync(npmrc, 'utf8')).toContain('save-exact=true\n');
      for (const file of [npmrc, pip]) expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(first.stdout + first.stderr).not.toContain(token.slice(7, 19));

      for (const again of [
        ['onboard', ...args],
        ['ensure', ...args, '--max-age', '30d'],
      ]) {
        const kept = await guardsweep(again, { env });
        expect(kept.stderr).toMatch(/nothing was done/);
        expect(kept.code).toBe(0);
      }
      expect(tokenIn(npmrc)).toBe(token);

      const due = await started(['ensure', ...args, '--max-age', '1ms', '--format', 'json'], { env });
      expect(JSON.parse(due.stdout)).toMatchObject({ state: 'rotated', user_identifier: 'new-laptop' });
      expect(due.code).toBe(0);
      expect(tokenIn(npmrc)).not.toBe(token);
      expect(await probe(service, [token, tokenIn(npmrc), tokenIn(pip)])).toEqual([
        'dead',
        'active',
        'active',
      ]);
      expect(await alive(service)).toEqual(['alice', 'alice', 'alice-laptop', 'bob', 'new-laptop']);
    });
  }

  test('a dead token in place is replaced; a service that says nothing changes nothing', async () => {
    const dead = orgToken('people dead');
    const home = folder();
    const npmrc = join(home, '.npmrc');
    writeFileSync(npmrc, `//npm.flatt.tech/:_authToken=${dead}\n`);
    // Of 501 nobody expects that it passes by itself, so that it is not asked again.
    const faults = [{ endpoint: 'probe', nth: 1, status: 501 }];
    const service = await emulator([...SEED, { token: dead, user_identifier: 'gone', status: 'revoked' }], {
      faults,
    });
    const before = readFileSync(npmrc, 'utf8');
    const unchecked = await guardsweep(['ensure', 'mac-1', '--write-to', npmrc], { env: service.env });
    expect(unchecked.code).toBe(2);
    expect(readFileSync(npmrc, 'utf8')).toBe(before);
    const mended = await guardsweep(['ensure', 'mac-1', '--write-to', npmrc], { env: service.env });
    expect(mended.code).toBe(0);
    expect(tokenIn(npmrc)).not.toBe(dead);
    expect(await probe(service, [tokenIn(npmrc)])).toEqual(['active']);
  });

  test('somebody else’s working token is never written over', async () => {
    // What looks like a filler in a leak may be what the service has issued.
    const filler = `tg_org_${'abcdefghijklmnopqrstuvwxyz'}`;
    const service = await emulator([...SEED, { token: filler, user_identifier: 'bob', status: 'active' }]);
    const npmrc = join(folder(), '.npmrc');
    for (const held of [BOB, filler]) {
      writeFileSync(npmrc, held);
      expect((await guardsweep(['ensure', 'alice', '--write-to', npmrc], { env: service.env })).code).toBe(3);
      expect(readFileSync(npmrc, 'utf8')).toBe(held);
    }
  });

  test('nor what is another organization’s, or may be anybody’s', async () => {
    const theirs = orgToken('people theirs');
    const identity = await emulator([
      ...SEED,
      { token: theirs, user_identifier: 'mac', status: 'active', org_id: 'org_theirs' },
    ]);
    const status = await emulator(SEED, { dialect: 'status' });
    const npmrc = join(folder(), '.npmrc');
    const due = ['--max-age', '30d', '--write-to', npmrc];
    const id = await idOf(identity, LAPTOP, 'alice-laptop');
    for (const [service, args, held, code] of [
      [identity, ['ensure', 'mac', ...due], theirs, 3],
      [identity, ['rotate', id, '--yes', '--write-to', npmrc], theirs, 3],
      // Where the probe names nobody, the list leaves it to three users: one of them, and none of them.
      [status, ['ensure', 'alice', ...due], BOB, 2],
      [status, ['ensure', 'mac', ...due], BOB, 3],
      [status, ['rotate', await idOf(status, LAPTOP, 'alice-laptop'), '--yes', '--write-to', npmrc], BOB, 3],
    ] as const) {
      writeFileSync(npmrc, held);
      expect((await guardsweep(args, { env: service.env })).code, args.join(' ')).toBe(code);
      expect(readFileSync(npmrc, 'utf8')).toBe(held);
    }
    for (const service of [identity, status]) expect(await alive(service)).toHaveLength(SEED.length);
  });

  test('where a new token could not be put, none is issued: the machine keeps its old one', async () => {
    const service = await emulator(SEED, { dialect: 'id' });
    const home = folder();
    const files = {
      'pip.conf': '[global]\nindex-url = https://pypi.org/simple\n',
      '.yarnrc.yml': 'npmRegistryServer: "https://registry.npmjs.org"\n',
      '.npmrc': Buffer.from('registry=https://npm.flatt.tech/\n', 'utf16le'),
    };
    for (const [name, before] of Object.entries(files)) {
      const file = join(home, name);
      writeFileSync(file, before);
      const ended = await guardsweep(['onboard', 'mac-2', '--write-to', file], { env: service.env });
      expect(ended.code).toBe(3);
      expect(ended.stderr).toMatch(/another (index|registry)|UTF-8/);
      expect(readFileSync(file)).toEqual(Buffer.from(before));
    }
    const id = await idOf(service, BOB);
    const conf = join(home, 'pip.conf');
    expect((await guardsweep(['rotate', id, '--yes', '--write-to', conf], { env: service.env })).code).toBe(
      3,
    );
    expect((await service.log()).filter(({ status }) => status === 201)).toEqual([]);
    expect(readdirSync(home).sort()).toEqual(['.npmrc', '.yarnrc.yml', 'pip.conf']);
  });

  test('a link that leads nowhere is told, and no lock is left', async () => {
    const service = await emulator([]);
    const home = folder();
    symlinkSync('nowhere/npmrc', join(home, '.npmrc'));
    const ended = await guardsweep(['onboard', 'x', '--write-to', join(home, '.npmrc')], {
      env: service.env,
    });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('can not be written (ENOENT)');
    expect(readdirSync(home)).toEqual(['.npmrc']);
    expect(await service.log()).toEqual([]);
  });

  test('a new token that can not be handed over is revoked again', async () => {
    const service = await emulator(SEED, { dialect: 'id' });
    const ended = await guardsweep(['onboard', 'mac-2', '--to-command', 'exit 3'], { env: service.env });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/the command ended with 3/);
    expect(await alive(service)).toEqual(['alice', 'alice', 'alice-laptop', 'bob']);
  });

  test('what a killed run had half written is removed: it holds a token', async () => {
    const service = await emulator([], { dialect: 'id' });
    const home = folder();
    const draft = '.guardsweep-.npmrc-0123456789abcdef';
    for (const name of [draft, `${draft}0`, '.guardsweep-pip.conf-0123456789abcdef']) {
      writeFileSync(join(home, name), LAPTOP);
    }
    await guardsweep(['onboard', 'x', '--write-to', join(home, '.npmrc')], { env: service.env });
    expect(readdirSync(home).sort()).toEqual(
      [`${draft}0`, '.guardsweep-pip.conf-0123456789abcdef', '.npmrc'].sort(),
    );
  });

  test('what stands in a comment is not in place, and stays as it is', async () => {
    const service = await emulator(SEED, { dialect: 'id' });
    const npmrc = join(folder(), '.npmrc');
    const before = `; \xe9 //npm.flatt.tech/:_authToken=${ALICE}\r\nregistry=https://npm.flatt.tech/\r\n`;
    writeFileSync(npmrc, before, 'latin1');
    for (const state of ['issued', 'kept']) {
      const ended = await guardsweep(['ensure', 'alice', '--write-to', npmrc, '--format', 'json'], {
        env: service.env,
      });
      expect(JSON.parse(ended.stdout)).toMatchObject({ state });
      const after = readFileSync(npmrc, 'latin1');
      expect(after.replace(/(?<=^\/\/npm\.flatt\.tech\/:_authToken=)tg_org_\w+\r\n/m, 'NEW')).toBe(
        `${before}//npm.flatt.tech/:_authToken=NEW`,
      );
    }
    expect(await probe(service, [ALICE])).toEqual(['active']);
  });

  test('a dot file that is a link to the user’s own stays one', async () => {
    const service = await emulator([]);
    const home = folder();
    mkdirSync(join(home, 'dotfiles'));
    writeFileSync(join(home, 'dotfiles', 'npmrc'), '');
    symlinkSync('dotfiles/npmrc', join(home, '.npmrc'));
    const ended = await guardsweep(['onboard', 'x', '--write-to', join(home, '.npmrc')], {
      env: service.env,
    });
    expect(ended.code).toBe(0);
    expect(tokenIn(join(home, 'dotfiles', 'npmrc'))).toBe(tokenIn(join(home, '.npmrc')));
  });
});

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
    const ids = (await idOf(service, TWINS[0], 'mac')).split('\n');
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
    expect(ended.code, 'one of alice’s two can not be told').toBe(4);
    expect(await probe(service, [LAPTOP, ALICE, ALICE_2, readFileSync(secret, 'utf8').trim()])).toEqual([
      'dead',
      'active',
      'active',
      'active',
    ]);
    expect(readFileSync(join(dir, 'env'), 'utf8')).not.toContain(service.env.TAKUMI_BOT_API_KEY);
    const toFile = await guardsweep(
      ['rotate', await idOf(service, BOB, 'bob'), '--yes', '--to-file', join(dir, 'token')],
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

function journalOf(state: string): string {
  const folder = join(state, 'guardsweep', 'journals');
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.jsonl'))!);
}

function tokenIn(file: string): string {
  return /tg_org_[A-Za-z0-9_-]+/.exec(readFileSync(file, 'utf8'))![0];
}

async function idOf(service: RunningEmulator, token: string, user?: string): Promise<string> {
  if (user !== undefined) {
    const listed = await guardsweep(['tokens', 'list', '--user', user, '--format', 'ids'], {
      env: service.env,
    });
    return listed.stdout.trim();
  }
  const probed = await guardsweep(['tokens', 'probe', '--format', 'json'], {
    env: service.env,
    stdin: token,
  });
  return (JSON.parse(probed.stdout) as { token_id: string }[])[0]!.token_id;
}

/** The users of all active tokens, by the service. */
async function alive(service: RunningEmulator): Promise<string[]> {
  const listed = await guardsweep(['tokens', 'list', '--status', 'active', '--format', 'json'], {
    env: service.env,
  });
  return (JSON.parse(listed.stdout) as { user_identifier: string }[])
    .map((row) => row.user_identifier)
    .sort();
}

async function probe(service: RunningEmulator, tokens: readonly string[]): Promise<string[]> {
  const ended = await guardsweep(['tokens', 'probe', '--format', 'json'], {
    env: service.env,
    stdin: tokens.join('\n'),
  });
  return (JSON.parse(ended.stdout) as { state: string }[]).map(({ state }) =>
    state === 'active' ? state : 'dead',
  );
}

async function deleted(service: RunningEmulator) {
  return (await service.log()).filter(({ method }) => method === 'DELETE');
}
