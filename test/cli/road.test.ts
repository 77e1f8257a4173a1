import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emulator } from '../support/emulator.js';
import { folder, guardsweep } from '../support/program.js';
import { findingOf, fingerprintOf, reportOf } from '../support/report.js';
import { orgToken } from '../support/tokens.js';

const LEAKED = orgToken('leaked');
const NEIGHBOUR = orgToken('neighbour');
const DEAD = orgToken('dead');
const FOREIGN = orgToken('foreign');
const TWIN_A = orgToken('twin a');
const TWIN_B = orgToken('twin b');

const SEED = [
  { token: LEAKED, user_identifier: 'alice', status: 'active' },
  { token: NEIGHBOUR, user_identifier: 'alice-laptop', status: 'active' },
  { token: DEAD, user_identifier: 'bob', status: 'revoked' },
  { token: FOREIGN, user_identifier: 'carol', status: 'active', org_id: 'another-organization' },
  { token: TWIN_A, user_identifier: 'build', status: 'active' },
  { token: TWIN_B, user_identifier: 'build', status: 'active' },
] as const;

/** Whether a dialect, with hints in the list or not, gives enough to tie the leaked token and the twin to one row each. */
const DIALECTS = [
  { dialect: 'id', hints: false, leaked: 'probe_id', twin: true },
  { dialect: 'identity', hints: false, leaked: 'sole_active_of_user', twin: false },
  { dialect: 'identity', hints: true, leaked: 'list_hint', twin: true },
  { dialect: 'status', hints: true, leaked: 'list_hint', twin: true },
  { dialect: 'status', hints: false, leaked: undefined, twin: false },
] as const;

describe('leak → scan → probe → map → revoke → verify → report', () => {
  for (const paging of ['cursor', 'link', 'none'] as const) {
    for (const { dialect, hints, leaked, twin } of DIALECTS) {
      test(`dialect ${dialect}${hints ? ' with hints' : ''}, paged by ${paging}`, async () => {
        const service = await emulator(SEED, [
          '--dialect',
          dialect,
          '--paging',
          paging,
          ...(hints ? ['--list-hints'] : []),
        ]);
        const log = join(folder(), 'app.log');
        const journal = join(folder(), 'journal.jsonl');
        writeFileSync(
          log,
          [LEAKED, DEAD, FOREIGN, TWIN_A].map((token) => `login with ${token} ok\n`).join(''),
        );

        const ended = await guardsweep(
          ['scan', '--revoke', '--yes', '--format', 'json', '--journal', journal, log],
          {
            env: service.env,
          },
        );
        const report = reportOf(ended);

        const dead = findingOf(report, DEAD)!;
        expect(dead.verdict.state).toMatch(/^inactive/);
        expect(dead.remediation.state).toBe('none');
        expect(findingOf(report, FOREIGN)!.verdict.state).toMatch(/foreign$/);

        const found = findingOf(report, LEAKED)!;
        expect(found.verdict.state).toBe('active');
        if (leaked !== undefined) {
          expect(found.verdict.evidence).toBe(leaked);
          expect(found.remediation.state).toBe('verified_revoked');
        } else {
          expect(found.remediation.state).toBe('refused');
        }
        expect(findingOf(report, TWIN_A)!.remediation.state).toBe(twin ? 'verified_revoked' : 'refused');
        expect(ended.code).toBe(leaked !== undefined && twin ? 1 : 4);
        expect(report.exit_code).toBe(ended.code);

        // What the service itself says afterwards: the neighbours live.
        const alive = await probe(service.env, [LEAKED, NEIGHBOUR, TWIN_A, TWIN_B]);
        expect(alive).toEqual([
          leaked === undefined ? 'active' : expect.stringMatching(/^inactive/),
          'active',
          twin ? expect.stringMatching(/^inactive/) : 'active',
          'active',
        ]);

        const deleted = (await service.log()).filter(({ method }) => method === 'DELETE');
        expect(deleted).toHaveLength((leaked === undefined ? 0 : 1) + (twin ? 1 : 0));
        expect((await guardsweep(['audit', 'verify', journal])).code).toBe(0);
        expect(readFileSync(journal, 'utf8')).toContain(fingerprintOf(TWIN_A));
      });
    }
  }
});

test('an ambiguous pair is revoked when the user asks for every token of that user', async () => {
  const service = await emulator(SEED);
  const ended = await guardsweep(
    ['scan', '--revoke', '--yes', '--revoke-all-of-user', '--format', 'json', '-'],
    {
      env: service.env,
      stdin: `token=${TWIN_A}\n`,
    },
  );
  expect(findingOf(reportOf(ended), TWIN_A)!.remediation.state).toBe('verified_revoked');
  expect(await probe(service.env, [TWIN_A, TWIN_B, LEAKED])).toEqual([
    expect.stringMatching(/^inactive/),
    expect.stringMatching(/^inactive/),
    'active',
  ]);
});

test('over the cap nothing at all is revoked', async () => {
  const service = await emulator(SEED, ['--dialect', 'id']);
  const ended = await guardsweep(
    ['scan', '--revoke', '--yes', '--max-revocations', '1', '--format', 'json', '-'],
    {
      env: service.env,
      stdin: `${LEAKED}\n${TWIN_A}\n`,
    },
  );
  expect(ended.code).toBe(4);
  expect((await service.log()).filter(({ method }) => method === 'DELETE')).toEqual([]);
  expect(reportOf(ended).findings.map((finding) => finding.remediation.state)).toEqual([
    'refused',
    'refused',
  ]);
});

test('each distinct token is probed once, however often it stands somewhere', async () => {
  const service = await emulator(SEED);
  await guardsweep(['scan', '-'], { env: service.env, stdin: `${`${LEAKED}\n`.repeat(50)}${NEIGHBOUR}\n` });
  expect((await service.log()).filter(({ path }) => path.endsWith('/probe'))).toHaveLength(2);
});

test('without --revoke nothing is ever changed', async () => {
  const service = await emulator(SEED, ['--dialect', 'id']);
  const ended = await guardsweep(['scan', '-'], { env: service.env, stdin: LEAKED });
  expect(ended.code).toBe(1);
  expect((await service.log()).filter(({ method }) => method === 'DELETE')).toEqual([]);
});

test('--no-probe, and a missing credential, send nothing', async () => {
  const service = await emulator(SEED);
  const ended = await guardsweep(['scan', '--no-probe', '--format', 'json', '-'], {
    env: service.env,
    stdin: LEAKED,
  });
  expect(reportOf(ended).findings[0]!.verdict.state).toBe('not_probed');
  expect(await service.log()).toEqual([]);
});

async function probe(env: Readonly<Record<string, string>>, tokens: readonly string[]): Promise<string[]> {
  const ended = await guardsweep(['tokens', 'probe', '--format', 'json', '-'], {
    env,
    stdin: tokens.join('\n'),
  });
  return (JSON.parse(ended.stdout) as { state: string }[]).map(({ state }) => state);
}
