import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/model/report.js';
import { emulatorHere as emulator } from '../support/emulator.js';
import { guardsweep } from '../support/in-process.js';
import { folder, guardsweep as started } from '../support/program.js';
import { findingOf, reportOf } from '../support/report.js';
import { botId, botKey, orgToken } from '../support/tokens.js';

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
    const { env } = await emulator(seed, { faults: [busy, { endpoint: 'issue', nth: 4, status: 500 }] });
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
  });

  test('probe takes tokens from standard input only', async () => {
    const { env } = await emulator(seed);
    expect((await guardsweep(['tokens', 'probe', alice], { env })).code).toBe(3);
    const wrong = await guardsweep(['tokens', 'probe'], { env, stdin: `${alice}\npassword\n` });
    expect(wrong.code).toBe(3);
    expect(wrong.stderr).not.toContain('password');
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

describe('report', () => {
  test('a saved JSON report renders in every other format', async () => {
    const file = join(folder(), 'report.json');
    await guardsweep(['scan', '--report', `json=${file}`, '-'], { stdin: `a\n${orgToken('rendered')}\n` });
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    for (const format of ['text', 'json', 'sarif', 'csv', 'markdown', 'github']) {
      const run = format === 'text' ? started : guardsweep;
      const ended = await run(['report', file, '--format', format]);
      expect(ended.code, format).toBe(0);
      expect(ended.stdout, format).toMatch(/tg(_|&#95;)org(_|&#95;)(…|&#8230;)/);
    }
    expect(JSON.parse((await guardsweep(['report', file, '--format', 'json'])).stdout)).toEqual(report);
  });

  test('a report replaces neither what is read for it nor another report', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'app.log'), `key ${orgToken('kept')}\n`);
    for (const args of [
      ['--output', './app.log'],
      ['--report', `sarif=${join(cwd, 'app.log')}`],
      ['--output', 'x.json', '--report', 'csv=./x.json'],
    ]) {
      const ended = await guardsweep(['scan', 'app.log', ...args], { cwd });
      expect(ended.code, args.join(' ')).toBe(3);
      expect(ended.stderr).toMatch(/would replace it|can not hold two reports/);
    }
    expect(readFileSync(join(cwd, 'app.log'), 'utf8')).toContain(orgToken('kept'));
  });

  test('what is no report is a wrong call', async () => {
    const file = join(folder(), 'x.json');
    writeFileSync(file, '{"schema":"other"}');
    expect((await guardsweep(['report', file])).code).toBe(3);
  });

  test('one with holes in it is a wrong call, whoever reads it, and the hole is named', async () => {
    const file = join(folder(), 'report.json');
    await guardsweep(['scan', '--report', `json=${file}`, '-'], { stdin: `a\n${orgToken('rendered')}\n` });
    const whole = readFileSync(file, 'utf8');
    const holes: readonly [RegExp, string, RegExp][] = [
      [/"verdict": *\{[^}]*\}/, '"verdict": null', /\$\.findings\[0\]\.verdict /],
      [/"kind": *"stream"/, '"kind": "nope"', /where\.kind /],
      [/"targets": *\[[^\]]*\]/, '"targets": [1]', /\$\.run\.targets\[0\] /],
      [/"unscanned": *\[\]/, '"unscanned": {}', /unscanned /],
      [/"sightings": *\[(.|\n)*?\] *\}\s*\]/, '"sightings": []', /sightings /],
    ];
    for (const [what, hole, says] of holes) {
      expect(whole).toMatch(what);
      writeFileSync(file, whole.replace(what, hole));
      for (const args of [
        ['report', file],
        ['inventory', file],
      ]) {
        const ended = await guardsweep(args);
        expect(ended.code, `${hole} ${args[0]} ${ended.stderr}`).toBe(3);
        expect(ended.stderr).toMatch(says);
      }
    }
  });

  test('what others wrote into it reaches neither the terminal nor a CI system as a command', async () => {
    const dir = folder();
    const file = join(dir, 'report.json');
    await guardsweep(['scan', '--report', `json=${file}`, '-'], { stdin: `a\n${orgToken('rendered')}\n` });
    const token = orgToken('in a name');
    const evil = `\u001b[31m\u202e\n::error::${token}\n`;
    const report = JSON.parse(readFileSync(file, 'utf8')) as { run: object };
    const evidence = [{ path: 'x', size: 1, sha256: evil, modified_at: evil }];
    writeFileSync(file, JSON.stringify({ ...report, run: { ...report.run, targets: [evil], evidence } }));
    const shown = await guardsweep(['report', file]);
    const refused = await guardsweep(['locate', file, 'gs1_'], { cwd: dir });
    const planned = await guardsweep(['plan', file], {
      env: {
        TAKUMI_ORG_ID: 'O',
        TAKUMI_BOT_API_KEY: botKey('report'),
        TAKUMI_BOT_ID: botId('report'),
        TAKUMI_API_URL: 'http://127.0.0.1:9/v1',
      },
    });
    expect(planned.code).toBe(3);
    expect(planned.stderr).toContain('tg_org_…');
    expect(planned.stderr).not.toContain(token);
    for (const { stdout, stderr } of [shown, refused, planned]) {
      expect(stdout + stderr).not.toMatch(/[\u001b\u202e]|^::error/m);
    }
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
      [['report', 'nothing.json'], /^guardsweep: nothing\.json can not be read: no such file\n$/],
      [['scan', '--ignore-file', folders, folders], /can not be read: it is a folder\n$/],
    ] as const) {
      const ended = await guardsweep(args);
      expect(ended.stderr).toMatch(told);
      expect(ended.code).toBe(3);
    }
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

test('a plan that can not be kept costs nothing of the report; a journal that can not be begun, nothing at all', async () => {
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
