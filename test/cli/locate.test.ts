import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { filesIn } from '../../fixtures/archives/folder.js';
import { sevenZip } from '../../fixtures/archives/seven-zip.js';
import { buildTar } from '../../fixtures/archives/tar-builder.js';
import { buildRarVolumes, buildZipVolumes, cutInto } from '../../fixtures/archives/volumes-builder.js';
import { buildZip } from '../../fixtures/archives/zip-builder.js';
import { commit, git, repository } from '../support/git.js';
import { guardsweep as here } from '../support/in-process.js';
import { folder, guardsweep } from '../support/program.js';
import { fingerprintOf, reportOf } from '../support/report.js';
import { lacking } from '../support/tools.js';
import { CASES, FILES, text, token, WRITTEN } from './locate-cases.js';

describe('the printed commands lead to the token', () => {
  test.for(CASES)('in $name', async ({ make, args = [], uses }, { skip }) => {
    const cwd = folder();
    const file = args.includes('a.br') ? 'a.br' : 'leak';
    writeFileSync(join(cwd, file), await make());
    const scripts = await located(
      cwd,
      file,
      args.filter((each) => each !== file),
    );
    if (uses !== undefined) expect(scripts.join('\n')).toMatch(uses);
    for (const script of runnable(scripts, skip)) expect(run(script, cwd), script).toContain(token);
    expect(spawnSync('ls', ['-A'], { cwd, encoding: 'utf8' }).stdout).not.toContain('pwned');
  });

  test.each(WRITTEN)('written as %s', async (name, bytes) => {
    const cwd = folder();
    writeFileSync(
      join(cwd, 'leak'),
      Buffer.concat([Buffer.from('some\nlines\n'.repeat(20)), Buffer.from(bytes as Buffer)]),
    );
    const scripts = await located(cwd, 'leak');
    expect(scripts.length, name).toBeGreaterThan(0);
    for (const script of scripts) expect(run(script, cwd), script).toContain(token);
  });

  test.for(['zip', 'tar.gz', '7z', 'folder', 'bundle', 'bundle in a zip', 'pack'])(
    'in the history of a repository: %s',
    async (kind, { skip }) => {
      const repo = repository();
      commit(repo, { '.npmrc': text });
      commit(repo, { '.npmrc': 'gone\n' });
      if (kind !== '7z') git(repo, 'gc', '-q');
      // What the repository configures must not be read by the commands.
      writeFileSync(join(repo, '.git/config'), '[core]\n\tfsmonitor = touch pwned\n\tpager = touch pwned\n', {
        flag: 'a',
      });
      const cwd = folder();
      const file = await repositoryAs(kind, repo, cwd);
      const scripts = await located(cwd, file);
      expect(scripts.length).toBeGreaterThan(0);
      for (const script of runnable(scripts, skip)) expect(run(script, cwd), script).toContain(token);
      expect(spawnSync('find', [cwd, repo, '-name', 'pwned'], { encoding: 'utf8' }).stdout).toBe('');
    },
  );
});

test('a name that holds the token is shown by what lists names', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'leak.zip'), buildZip([{ name: `${token}.txt`, data: 'x' }]));
  const [script] = await located(cwd, 'leak.zip');
  expect(run(script!, cwd)).toContain(token);
});

test('a report leads to the same places, without what was scanned being scanned again', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'leak.zip'), buildZip([{ name: '.npmrc', data: text }]));
  const report = reportOf(
    await guardsweep(['scan', '--no-probe', '--format', 'json', '--report', 'json=report.json', 'leak.zip'], {
      cwd,
    }),
  );
  const { fingerprint } = report.findings[0]!;
  const fresh = await guardsweep(['locate', 'leak.zip', fingerprint], { cwd });
  const kept = await guardsweep(['locate', 'report.json', fingerprint.slice(0, 12)], { cwd });
  expect(kept).toEqual(fresh);
  expect(kept.stdout).toContain(`${report.run.evidence![0]!.sha256} 'leak.zip' | sha256sum -c`);
});

test('an encrypted member is left to 7z, which asks for the password; none is printed', async ({ skip }) => {
  const cwd = folder();
  const zip = { type: 'zip', args: ['-pswordfish', '-mem=AES256'] };
  writeFileSync(join(cwd, 'leak.zip'), await sevenZip({ '.npmrc': text }, zip));
  writeFileSync(join(cwd, 'passwords'), 'swordfish\n');
  const scripts = await located(cwd, 'leak.zip', ['--password-file', 'passwords']);
  expect(scripts.join()).not.toContain('swordfish');
  expect(scripts.join()).toContain('7z x');
  const [script] = runnable(scripts, skip);
  expect(run(script!.replace('7z x', '7z x -pswordfish'), cwd)).toContain(token);
});

test('what is no fingerprint, and a finding that there is not, are wrong calls', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'a'), text);
  for (const fingerprint of ['tg_org_x', 'gs1_aaaaaaaa']) {
    const ended = await guardsweep(['locate', 'a', fingerprint], { cwd });
    expect([ended.code, ended.stdout]).toEqual([3, '']);
    expect(ended.stderr).toContain(fingerprint);
  }
});

test.for([
  ['pieces', cutInto(gzipSync(buildTar(FILES)), 3, (index) => `leak.tgz.00${index + 1}`)],
  ['zip', buildZipVolumes('leak', FILES, 2)],
  ['rar', buildRarVolumes((index) => `leak.part${index + 1}.rar`, 'a', text, 3)],
] as const)('in volumes: %s', async ([, volumes], { skip }) => {
  const cwd = folder();
  for (const [name, bytes] of Object.entries(volumes)) writeFileSync(join(cwd, name), bytes);
  const scripts = await located(cwd, Object.keys(volumes)[0]!);
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of runnable(scripts, skip)) expect(run(script, cwd), script).toContain(token);
});

/** One script per place and way. */
async function located(cwd: string, file: string, args: readonly string[] = []): Promise<string[]> {
  const { code, stdout, stderr } = await here(['locate', file, fingerprintOf(token), ...args], { cwd });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).not.toContain(token);
  return stdout
    .split(/\n# (?=\d+ of |The same by)/)
    .slice(1)
    .map((part) => part.slice(part.indexOf('\n') + 1));
}

/** What a machine may be without; all else in the commands is essential everywhere. */
const PROGRAMS = ['7z', 'brotli', 'bzip2', 'lz4', 'lzop', 'unzip', 'xz', 'zstd'];
const ABSENT = PROGRAMS.filter((program) => lacking(program) !== '');

/** The scripts, if the programs that they call are here; else the test ends, as one that was skipped. */
function runnable(scripts: readonly string[], skip: (note: string) => never): readonly string[] {
  const absent = ABSENT.filter((program) => new RegExp(`\\b${program} `).test(scripts.join('\n')));
  return absent.length === 0
    ? scripts
    : skip(`the commands cannot be run: there is no ${absent.join(', ')} here`);
}

function run(script: string, cwd: string): string {
  const { stdout } = spawnSync('sh', ['-c', script], {
    cwd,
    encoding: 'latin1',
    env: { PATH: process.env.PATH!, HOME: cwd, TMPDIR: cwd },
  });
  return stdout;
}

async function repositoryAs(kind: string, repo: string, cwd: string): Promise<string> {
  const files = filesIn(join(repo, '.git'), 'in/.git/');
  const bundle = () => git(repo, 'bundle', 'create', '-q', join(cwd, 'r.bundle'), '--all');
  const write = (name: string, data: Buffer) => {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), data);
    return name;
  };
  if (kind === 'zip') return write('r.zip', buildZip(files));
  if (kind === '7z')
    return write('r.7z', await sevenZip(Object.fromEntries(files.map(({ name, data }) => [name, data]))));
  if (kind === 'tar.gz')
    return write('r.tgz', gzipSync(buildTar(files.map((each) => ({ ...each, name: `./${each.name}` })))));
  if (kind === 'folder') for (const { name, data } of files) write(name, data);
  if (kind === 'folder') return 'in';
  if (kind === 'pack') {
    const pack = files.find(({ name }) => name.endsWith('.pack'))!;
    return write('leak', pack.data);
  }
  bundle();
  if (kind === 'bundle') return 'r.bundle';
  return write('b.zip', buildZip([{ name: 'r.bundle', data: readFileSync(join(cwd, 'r.bundle')) }]));
}
