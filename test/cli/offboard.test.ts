import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emulatorHere as emulator } from '../support/emulator.js';
import { guardsweep } from '../support/in-process.js';
import { ALICE, BOB, LAPTOP, SEED } from '../support/people.js';
import { folder, guardsweep as started } from '../support/program.js';
import { alive, deleted } from '../support/service-tokens.js';
import { orgToken } from '../support/tokens.js';

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
    const empty = await guardsweep(['offboard', '--from', '-'], { env: service.env });
    expect(empty).toMatchObject({ code: 3, stderr: expect.stringContaining('standard input names no user') });
    const shown = await guardsweep(['offboard', '--from', list, '--format', 'json'], { env: service.env });
    expect(JSON.parse(shown.stdout)).toHaveLength(3);
    expect(await deleted(service)).toEqual([]);
  });
});
