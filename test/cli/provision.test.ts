import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emulatorHere as emulator } from '../support/emulator.js';
import { guardsweep } from '../support/in-process.js';
import { ALICE, BOB, LAPTOP, SEED, tokenIn } from '../support/people.js';
import { folder, guardsweep as started } from '../support/program.js';
import { alive, idOf, idsOf, probe } from '../support/service-tokens.js';
import { orgToken } from '../support/tokens.js';

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
    const id = (await idsOf(identity, 'alice-laptop'))[0]!;
    for (const [service, args, held, code] of [
      [identity, ['ensure', 'mac', ...due], theirs, 3],
      [identity, ['rotate', id, '--yes', '--write-to', npmrc], theirs, 3],
      // Where the probe names nobody, the list leaves it to three users: one of them, and none of them.
      [status, ['ensure', 'alice', ...due], BOB, 2],
      [status, ['ensure', 'mac', ...due], BOB, 3],
      [status, ['rotate', (await idsOf(status, 'alice-laptop'))[0]!, '--yes', '--write-to', npmrc], BOB, 3],
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
    expect(ended.stderr).toContain('cannot be written: its folder, or what it links to, does not exist');
    expect(readdirSync(home)).toEqual(['.npmrc']);
    expect(await service.log()).toEqual([]);
  });

  test('a new token that cannot be handed over is revoked again', async () => {
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
