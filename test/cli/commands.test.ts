import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emulatorHere as emulator } from '../support/emulator.js';
import { guardsweep } from '../support/in-process.js';
import { folder, guardsweep as started } from '../support/program.js';
import { findingOf, reportOf } from '../support/report.js';
import { orgToken } from '../support/tokens.js';

describe('drill', () => {
  test('tells the whole story, and leaves a report and a whole journal in the folder it names', async () => {
    const path = join(folder(), 'drill');
    const ended = await started(['drill', '--folder', path]);
    expect(ended.stderr).not.toMatch(/went wrong/);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain(path);
    const report = reportOf({ stdout: readFileSync(join(path, 'report.json'), 'utf8'), stderr: '' });
    const states = report.findings.map(({ remediation }) => remediation.state);
    expect(states.filter((state) => state === 'verified_revoked')).toHaveLength(2);
    expect(states.filter((state) => state === 'refused')).toHaveLength(1);
    expect(states, 'one finding a leaked token, and the name of a column').toHaveLength(6);
    expect(report.plan).toEqual({ approved: 2, drifted: [] });
    const plan = JSON.parse(readFileSync(join(path, 'plan.json'), 'utf8')) as { revocations: unknown[] };
    expect(plan.revocations).toHaveLength(2);
    expect((await guardsweep(['audit', 'verify', join(path, 'journal.jsonl')])).code).toBe(0);
  });

  test('a folder that is not empty is left alone', async () => {
    const path = folder();
    writeFileSync(join(path, 'mine'), 'x');
    expect((await guardsweep(['drill', '--folder', path])).code).toBe(3);
  });
});

describe('audit verify', () => {
  test('tells an altered journal from a whole one', async () => {
    const token = orgToken('journal');
    const { env } = await emulator([{ token, user_identifier: 'alice', status: 'active' }]);
    const journal = join(folder(), 'journal.jsonl');
    await started(['scan', '--revoke', '--yes', '--journal', journal, '-'], { env, stdin: token });
    expect((await started(['audit', 'verify', journal])).code).toBe(0);
    const text = readFileSync(journal, 'utf8');
    writeFileSync(journal, text.replace('alice', 'malice'));
    expect((await guardsweep(['audit', 'verify', journal])).code).toBe(2);
    writeFileSync(journal, text.split('\n').toSpliced(1, 1).join('\n'));
    expect((await guardsweep(['audit', 'verify', journal])).code).toBe(2);
    writeFileSync(journal, text.slice(0, -20));
    const cut = await guardsweep(['audit', 'verify', journal]);
    expect(cut.code).toBe(2);
    expect(cut.stdout).toMatch(/cut off/);
  });
});

describe('rules, doctor, help', () => {
  test('rules list and rules test', async () => {
    expect((await guardsweep(['rules', 'list'])).stdout).toMatch(
      /tg_org_….*\n.*tg_anon_…|tg_anon_…[\s\S]*tg_org_…/,
    );
    const checked = await started(['rules', 'test']);
    expect(checked.stdout).toMatch(/^\d+ examples of 3 rules, 0 failed$/m);
    expect(checked.code).toBe(0);
  });

  test('doctor without a credential, with one that works, and with a wrong one', async () => {
    const bare = await guardsweep(['doctor']);
    expect(bare.code).toBe(0);
    expect(bare.stdout).toMatch(/none is set/);
    const { env, log } = await emulator([]);
    const good = await started(['doctor'], { env });
    expect(good.stdout).toMatch(/ok +bot may list tokens/);
    expect(good.code).toBe(0);
    expect((await log()).every(({ method, path }) => method === 'GET' || path.endsWith('/probe'))).toBe(true);
    const wrong = await guardsweep(['doctor'], { env: { ...env, TAKUMI_BOT_ID: 'BT01wrong' } });
    expect(wrong.code).toBe(3);
    expect(wrong.stdout).toMatch(/401/);
  });

  test('the list of commands fits where lines of 80 characters do, and a mistake is told in one voice', async () => {
    const { stdout } = await guardsweep(['--help']);
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    const folders = folder();
    for (const [args, told] of [
      [['scna'], /^guardsweep: unknown command 'scna'\n\(Did you mean scan\?\)\n/],
      [['scan', '--fromat', 'json'], /^guardsweep: unknown option '--fromat'\n\(Did you mean --format\?\)\n/],
      [['scan', ''], /^guardsweep: “”: no such file or folder\. /],
      [['report', 'nothing.json'], /^guardsweep: nothing\.json cannot be read: no such file\n$/],
      [['scan', '--ignore-file', folders, folders], /cannot be read: it is a folder\n$/],
    ] as const) {
      const ended = await guardsweep(args);
      expect(ended.stderr).toMatch(told);
      expect(ended.code).toBe(3);
    }
  });

  test('help that is asked for is no wrong call; a command that there is not is one', async () => {
    for (const args of [['help'], ['help', 'scan'], ['tokens', 'help', 'list']]) {
      const { code, stdout, stderr } = await started(args);
      expect({ code, stderr }, args.join(' ')).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('Usage: guardsweep');
    }
    for (const args of [['help', 'nope'], ['tokens'], []]) expect((await started(args)).code).toBe(3);
  });

  test('every command answers --help with exit code 0 and an example', async () => {
    const subcommands = async (path: readonly string[]): Promise<string[]> => {
      const { code, stdout } = await guardsweep([...path, '--help']);
      expect(stdout).not.toContain('default: []');
      expect(code, path.join(' ')).toBe(0);
      const listed = /^Commands:\n((?: {2}.*\n)+)/m.exec(stdout)?.[1] ?? '';
      const names = [...listed.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name!);
      if (names.length === 0) expect(stdout, path.join(' ')).toMatch(/\n {2}(cd .*)?guardsweep/);
      return names.filter((name) => name !== 'help');
    };
    const groups = new Set<string>();
    for (const name of await subcommands([])) {
      for (const sub of await subcommands([name])) {
        groups.add(name);
        await subcommands([name, sub]);
      }
    }
    expect(groups).toEqual(new Set(['tokens', 'audit', 'hook', 'rules']));
    expect((await started(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+/);
  });
});

test('a plan that cannot be kept costs nothing of the report; a journal that cannot be begun, nothing at all', async () => {
  const token = orgToken('kept');
  const service = await emulator([{ token, user_identifier: 'a', status: 'active' }]);
  const dir = folder();
  const log = join(dir, 'app.log');
  writeFileSync(log, token);
  const env = { ...service.env, HOME: dir, XDG_STATE_HOME: log };
  const planned = await guardsweep(['scan', '--plan', join(log, 'plan.json'), '--format', 'json', log], {
    env,
  });
  expect(planned.stderr).toContain('the plan could not be written');
  expect(findingOf(reportOf(planned), token)!.verdict.state).toBe('active');
  expect(planned.code).toBe(2);
  const alone = await guardsweep(['plan', log, '--output', join(log, 'plan.json')], { env });
  expect(JSON.parse(alone.stdout), 'on standard output instead').toMatchObject({ revocations: [{}] });
  const waiting = await guardsweep(
    ['scan', '--revoke', '--yes', '--max-revocations', '0', '--journal', join(dir, 'j'), log],
    { env },
  );
  expect(waiting.stdout).toContain('(--max-revocations)');
  expect(waiting.code).toBe(4);
  const refused = await guardsweep(['scan', '--revoke', '--yes', log], { env });
  expect(refused.stderr).toContain('name a file for the journal with --journal');
  expect(refused.code).toBe(3);
});

test('suppressed findings stay in the report, and count again when they are alive', async () => {
  const dead = orgToken('known and dead');
  const alive = orgToken('known and alive');
  const { env } = await emulator([
    { token: dead, user_identifier: 'a', status: 'revoked' },
    { token: alive, user_identifier: 'b', status: 'active' },
  ]);
  const dir = folder();
  const scan = async (token: string, ...args: string[]) =>
    guardsweep(['scan', '--format', 'json', ...args, '-'], { env, stdin: token });
  for (const [token, code] of [
    [dead, 0],
    [alive, 1],
  ] as const) {
    const list = join(dir, 'known');
    writeFileSync(list, `${reportOf(await scan(token)).findings[0]!.fingerprint}\n`);
    const ended = await scan(token, '--ignore-file', list);
    expect(findingOf(reportOf(ended), token)!.suppressed_by).toBe(`${list}:1`);
    expect(ended.code).toBe(code);
    const revoking = await scan(token, '--ignore-file', list, '--revoke', '--yes');
    expect(revoking.code, 'what is alive is not left alive without a word').toBe(code === 0 ? 0 : 4);
    const shown = await guardsweep(['scan', '--format', 'sarif', '--ignore-file', list, '-'], {
      env,
      stdin: token,
    });
    expect(shown.stdout.includes('"suppressions"')).toBe(code === 0);
  }
});

test.each([
  ['tokens', 'issue', ''],
  ['onboard', ' ', '--write-to', 'x'],
  ['ensure', 'a\nb', '--write-to', 'x'],
])('an identifier that can be nobody’s is a wrong call: %s %s', async (...args) => {
  const ended = await guardsweep(args);
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain('the user identifier is empty');
});
