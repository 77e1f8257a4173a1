import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commit, git, repository } from '../support/git.js';
import { folder, guardsweep } from '../support/program.js';
import { findingOf, reportOf } from '../support/report.js';
import { orgToken } from '../support/tokens.js';

const TOKEN = orgToken('in a hostile repository');

/** Every key of a configuration that names a program which some git command would start. */
const EXECUTABLE_KEYS = [
  'core.fsmonitor',
  'core.hooksPath',
  'core.editor',
  'core.pager',
  'core.sshCommand',
  'core.gitProxy',
  'core.askPass',
  'core.alternateRefsCommand',
  'credential.helper',
  'diff.external',
  'diff.evil.textconv',
  'diff.evil.command',
  'filter.evil.clean',
  'filter.evil.smudge',
  'filter.evil.process',
  'merge.evil.driver',
  'gpg.program',
  'gpg.ssh.program',
  'sequence.editor',
  'interactive.diffFilter',
  'pager.log',
  'pager.show',
  'uploadpack.packObjectsHook',
  'remote.origin.uploadpack',
  'remote.origin.vcs',
  'alias.log',
  'alias.cat-file',
];

/** A repository that runs a marker program wherever git would run something that the repository names. */
function hostile(mark: string): string {
  const path = repository();
  commit(path, { 'a.txt': TOKEN, '.gitattributes': '* filter=evil diff=evil merge=evil\n' });
  const program = join(folder(), 'evil');
  writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> '${mark}'\ncat\n`);
  chmodSync(program, 0o755);
  const sections = EXECUTABLE_KEYS.map((key) => {
    const [, section, subsection, name] = /^(\w+)(?:\.(\w+))?\.([\w-]+)$/.exec(key)!;
    return `[${section}${subsection === undefined ? '' : ` "${subsection}"`}]\n\t${name} = ${program}\n`;
  });
  const promisor = `[remote "origin"]\n\turl = ext::${program}\n\tpromisor = true\n[extensions]\n\tpartialClone = origin\n`;
  writeFileSync(
    join(path, '.git/config'),
    `[core]\n\trepositoryformatversion = 1\n${sections.join('')}${promisor}`,
  );
  mkdirSync(join(path, '.git/hooks'), { recursive: true });
  for (const hook of [
    'pre-commit',
    'post-checkout',
    'post-index-change',
    'fsmonitor-watchman',
    'reference-transaction',
  ]) {
    writeFileSync(join(path, '.git/hooks', hook), `#!/bin/sh\necho ${hook} >> '${mark}'\n`);
    chmodSync(join(path, '.git/hooks', hook), 0o755);
  }
  writeFileSync(join(path, '.guardsweep.yaml'), 'rules: []\n');
  writeFileSync(join(path, '.env'), 'TAKUMI_API_URL=http://127.0.0.1:1/v1\n');
  return path;
}

test.each([{ args: [] }, { args: ['--staged'] }, { args: ['--no-history'] }])(
  'a hostile configuration leaves no mark: scan $args',
  async ({ args }) => {
    const mark = join(folder(), 'mark');
    const path = hostile(mark);
    const before = readdirSync(path, { recursive: true });
    const target = args.includes('--staged') ? [] : [path];
    const ended = await guardsweep(['scan', '--format', 'json', ...args, ...target], { cwd: path });
    expect(findingOf(reportOf(ended), TOKEN)).toBeDefined();
    expect(existsSync(mark)).toBe(false);
    expect(readdirSync(path, { recursive: true })).toEqual(before);
  },
);

test.each(['objects', 'objects/pack', 'commondir', '.git file', '.git link'])(
  'what leads to the repository of somebody else is listed, and not read: %s',
  async (kind) => {
    const other = repository();
    commit(other, { 'a.txt': TOKEN });
    git(other, 'repack', '-adq');
    const cwd = folder();
    const path = join(cwd, 'theirs');
    mkdirSync(path);
    git(path, 'init', '-q');
    commit(path, { 'a.txt': 'nothing\n' });
    const inGit = (name: string) => join(path, '.git', name);
    if (kind === 'commondir') writeFileSync(inGit('commondir'), `${join(other, '.git')}\n`);
    else if (kind === 'objects' || kind === 'objects/pack') {
      rmSync(inGit(kind), { recursive: true });
      symlinkSync(join(other, '.git', kind), inGit(kind));
    } else {
      rmSync(join(path, '.git'), { recursive: true });
      if (kind === '.git link') symlinkSync(join(other, '.git'), join(path, '.git'));
      else writeFileSync(join(path, '.git'), `gitdir: ${join(other, '.git')}\n`);
    }
    const ended = await guardsweep(['scan', '--format', 'json', '.'], { cwd });
    const { findings, coverage } = reportOf(ended);
    expect(findings).toEqual([]);
    expect(coverage.unscanned.map(({ reason }) => reason)).toContain('unsupported');
    expect(ended.code).toBe(2);
  },
);

test('the hook neither: what it runs reads objects only', async () => {
  const mark = join(folder(), 'mark');
  const path = hostile(mark);
  expect((await guardsweep(['hook', 'run'], { cwd: path })).code).toBe(0);
  expect(existsSync(mark)).toBe(false);
});
