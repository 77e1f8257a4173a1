import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  buildCab,
  buildCompress,
  buildLzh,
  buildLzip,
  buildRar,
  buildRpm,
  buildSzdd,
  buildUu,
} from '../../fixtures/archives/rare.js';
import { buildTar } from '../../fixtures/archives/tar-builder.js';
import { buildZip } from '../../fixtures/archives/zip-builder.js';
import { commit, git, repository } from '../support/git.js';
import { folder, guardsweep } from '../support/program.js';
import { reportOf } from '../support/report.js';
import { orgToken } from '../support/tokens.js';

const token = orgToken('locate');
const text = `# settings\nregistry=here\n  //host/:_authToken=${token}\nrest=1\n`;

interface Case {
  readonly name: string;
  /** Programs that make it or that the printed commands use; without them the case is skipped, loudly. */
  readonly tools?: readonly string[];
  readonly make: (cwd: string) => string | Buffer;
  readonly args?: readonly string[];
  /** What the commands must use. */
  readonly uses?: RegExp;
}

const HOSTILE = [
  `it's "quoted" $(touch pwned) \`touch pwned\` ;touch pwned`,
  '-rf',
  '--to-command=touch pwned',
  '@list',
  'a*b?[c]\\d',
  'line\nbreak; touch pwned',
  'tab\tand\u001b[31mescape',
  'ü ✓ 日本',
  '\u202Eevil',
  Buffer.from([0x66, 0xff, 0xfe, 0x80]),
  `named ${token}`,
  'a…b',
  `${'deep/'.repeat(40)}x`,
];

const CASES: readonly Case[] = [
  { name: 'a file', make: () => text },
  {
    name: 'zip',
    tools: ['unzip'],
    make: () => buildZip([{ name: 'a/.npmrc', data: text }]),
    uses: /unzip -p/,
  },
  {
    name: 'zip, stored',
    tools: ['unzip'],
    make: () => buildZip([{ name: '.npmrc', data: text, method: 0 }]),
  },
  {
    name: 'zip, the same name twice',
    tools: ['unzip'],
    make: () =>
      buildZip([
        { name: 'x', data: `first\n${text}` },
        { name: 'x', data: text },
      ]),
  },
  { name: 'zip by xz', tools: ['7z', 'xz'], make: (cwd) => zipped(cwd, '-mm=xz') },
  { name: 'zip by bzip2', tools: ['7z', 'unzip'], make: (cwd) => zipped(cwd, '-mm=bzip2') },
  { name: 'zip by LZMA', tools: ['7z'], make: (cwd) => zipped(cwd, '-mm=lzma') },
  { name: 'zip by Deflate64', tools: ['7z'], make: (cwd) => zipped(cwd, '-mm=deflate64') },
  { name: 'tar', tools: ['tar'], make: () => buildTar([{ name: 'a/.npmrc', data: text }]), uses: /tar -xOf/ },
  { name: 'tar.gz', tools: ['tar'], make: () => gzipSync(buildTar([{ name: 'a/.npmrc', data: text }])) },
  {
    name: 'tar with names of pax and GNU',
    tools: ['tar'],
    make: () =>
      Buffer.concat([
        buildTar([{ name: `long/${'n'.repeat(150)}`, data: text }], { dialect: 'pax', open: true }),
        buildTar([{ name: `gnu/${'m'.repeat(150)}`, data: text }], { dialect: 'gnu' }),
      ]),
  },
  { name: 'gz', make: () => gzipSync(text) },
  { name: 'xz', tools: ['xz'], make: () => packed('xz', '-c') },
  { name: 'lzma', tools: ['xz'], make: () => packed('xz', '--format=lzma', '-c') },
  { name: 'bz2', tools: ['bzip2'], make: () => packed('bzip2', '-c') },
  { name: 'zst', tools: ['zstd'], make: () => packed('zstd', '-qc') },
  { name: 'lz4', tools: ['lz4'], make: () => packed('lz4', '-c') },
  { name: 'brotli', tools: ['brotli'], make: () => packed('brotli', '-c'), args: ['a.br'] },
  { name: 'Z', make: () => buildCompress(text) },
  { name: 'tar.zst', tools: ['zstd'], make: () => packed('zstd', '-qc', tarOf('.npmrc')) },
  { name: '7z', tools: ['7z'], make: sevenZip, uses: /7z x -so/ },
  { name: 'rar', tools: ['7z'], make: () => buildRar('.npmrc', text) },
  { name: 'cab', tools: ['7z'], make: () => buildCab('.npmrc', text) },
  { name: 'iso', tools: ['bsdtar', '7z'], make: (cwd) => bsdtar(cwd, 'iso9660') },
  { name: 'cpio', tools: ['bsdtar', '7z'], make: (cwd) => bsdtar(cwd, 'newc') },
  { name: 'xar', tools: ['bsdtar', '7z'], make: (cwd) => bsdtar(cwd, 'xar') },
  { name: 'rpm', tools: ['bsdtar', '7z'], make: (cwd) => buildRpm(gzipSync(bsdtar(cwd, 'newc'))) },
  { name: 'ar', tools: ['ar', '7z'], make: ar },
  {
    name: 'deb, what it runs',
    tools: ['ar', '7z', 'tar'],
    make: (cwd) => {
      writeFileSync(join(cwd, 'control.tar.gz'), gzipSync(tarOf('postinst')));
      writeFileSync(join(cwd, 'data.tar.gz'), gzipSync(buildTar([{ name: 'x', data: 'nothing' }])));
      writeFileSync(join(cwd, 'debian-binary'), '2.0\n');
      execFileSync('ar', ['rc', 'a.deb', 'debian-binary', 'control.tar.gz', 'data.tar.gz'], { cwd });
      return readFileSync(join(cwd, 'a.deb'));
    },
  },
  { name: 'lzh', tools: ['7z'], make: () => buildLzh('.npmrc', text) },
  { name: 'szdd', tools: ['7z'], make: () => buildSzdd(text) },
  { name: 'lzip', tools: ['xz'], make: () => buildLzip(text, packed('xz', '--format=lzma', '-c')) },
  { name: 'uuencoded', tools: ['perl'], make: () => buildUu('.npmrc', text) },
  {
    name: 'squashfs',
    tools: ['mksquashfs', '7z'],
    make: (cwd) => {
      mkdirSync(join(cwd, 'in'));
      written(join(cwd, 'in'));
      execFileSync('mksquashfs', ['in', 'a.squashfs', '-quiet', '-no-progress'], { cwd, stdio: 'ignore' });
      return readFileSync(join(cwd, 'a.squashfs'));
    },
  },
  {
    name: 'a cab behind a program',
    tools: ['7z'],
    make: () => Buffer.concat([Buffer.from('MZ'), Buffer.alloc(998), buildCab('.npmrc', text)]),
  },
  { name: 'mail', make: () => mail('base64', Buffer.from(text).toString('base64')) },
  {
    name: 'mail in quoted-printable',
    tools: ['perl'],
    make: () => mail('quoted-printable', text.replaceAll('_', '=5F')),
  },
  {
    name: 'nested three deep',
    tools: ['unzip', '7z'],
    make: (cwd) => {
      writeFileSync(
        join(cwd, 'in.zip'),
        buildZip([{ name: 'b.tar.gz', data: gzipSync(tarOf('app/.npmrc')) }]),
      );
      execFileSync('7z', ['a', '-bd', 'out.7z', 'in.zip'], { cwd });
      return readFileSync(join(cwd, 'out.7z'));
    },
  },
  {
    name: 'a zlib stream at an offset',
    args: ['--deep'],
    make: () => Buffer.concat([Buffer.alloc(999), deflateSync(text.repeat(3))]),
    uses: /tail -c \+1002/,
  },
  {
    name: 'a gzip stream at an offset',
    args: ['--deep'],
    make: () => Buffer.concat([Buffer.alloc(77), gzipSync(text)]),
  },
  {
    name: 'a zip behind a program',
    tools: ['unzip'],
    make: () => Buffer.concat([Buffer.from('#!/bin/sh\nexit\n'), buildZip([{ name: '.npmrc', data: text }])]),
  },
  {
    name: 'a zip without a directory',
    make: () => buildZip([{ name: 'x', data: text }], { headless: true }),
  },
  ...HOSTILE.flatMap((name, index): Case[] => [
    {
      name: `zip with hostile name ${index}`,
      tools: ['unzip'],
      make: () => buildZip([{ name, data: text }]),
    },
    {
      name: `tar with hostile name ${index}`,
      tools: ['tar'],
      make: () => buildTar([{ name: Buffer.from(name as Buffer), data: text }], { dialect: 'gnu' }),
    },
  ]),
];

const b64 = (bytes: Buffer | string) => Buffer.from(bytes as Buffer).toString('base64');
const wide = (from: string) => Buffer.from(from, 'utf16le');
const hex = (from: string) => Buffer.from(from).toString('hex');
/** Every form by the name in `via`. */
const WRITTEN: readonly (readonly [string, string | Buffer])[] = [
  ...[0, 1, 2].map((shift) => ['base64', `data: ${b64(`${'-'.repeat(shift)}${text}`)}\n`] as const),
  ['base64 in lines', `x\n${b64(text.repeat(3)).replace(/.{61}/g, '$&\n  ')}\n`],
  ['base64url', `data: ${Buffer.from(`??>${text}~~~`).toString('base64url')}\n`],
  ['hex', `a: ${hex(text)}\n`],
  ['hex, separated', hex(token).replace(/../g, '$&:')],
  ['utf16le', Buffer.concat([Buffer.from([0xff, 0xfe]), wide(text)])],
  ['utf16be', Buffer.concat([Buffer.from([0xfe, 0xff]), wide(text).swap16()])],
  ['percent', `?q=${[...text].map((each) => `%${hex(each)}`).join('')}&x=1`],
  ['escape', JSON.stringify({ text }).replaceAll('_', '\\u005f')],
  ['html-entity', `<p>${text.replaceAll('_', '&#95;')}</p>`],
  ['quoted-printable', text.replaceAll('_', '=5F')],
  ['ansi', token.replace(/(.{9})/g, '$1\u001b[31m')],
  ['base64 of base64', b64(`p=${b64(`x${text}`)}`)],
  ['base64 of utf16', b64(wide(`x${text}`))],
  ['hex of base64', `0a${hex(`v=${b64(text)}`)}`],
  ['percent of base64', [...b64(text)].map((each) => `%${hex(each)}`).join('')],
];

describe('the printed commands lead to the token', () => {
  test.each(CASES)('in $name', async ({ make, tools = [], args = [], uses }) => {
    if (missing(tools)) return;
    const cwd = folder();
    const file = args.includes('a.br') ? 'a.br' : 'leak';
    writeFileSync(join(cwd, file), make(cwd));
    const scripts = await located(
      cwd,
      file,
      args.filter((each) => each !== file),
    );
    if (uses !== undefined) expect(scripts.join('\n')).toMatch(uses);
    for (const script of scripts) expect(run(script, cwd), script).toContain(token);
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

  test.each(['xxd', 'hexdump -C'])('in what %s prints', async (command) => {
    const [program, ...args] = command.split(' ');
    if (missing([program!])) return;
    const cwd = folder();
    writeFileSync(join(cwd, 'leak'), execFileSync(program!, args, { input: text }));
    for (const script of await located(cwd, 'leak')) expect(run(script, cwd), script).toContain(token);
  });

  test.each(['zip', 'tar.gz', '7z', 'folder', 'bundle', 'bundle in a zip'])(
    'in the history of a repository: %s',
    async (kind) => {
      if (missing(['git', 'unzip', '7z'])) return;
      const repo = repository();
      commit(repo, { '.npmrc': text });
      commit(repo, { '.npmrc': 'gone\n' });
      if (kind !== '7z') git(repo, 'gc', '-q');
      // What the repository configures must not be read by the commands.
      writeFileSync(join(repo, '.git/config'), '[core]\n\tfsmonitor = touch pwned\n\tpager = touch pwned\n', {
        flag: 'a',
      });
      const cwd = folder();
      const file = repositoryAs(kind, repo, cwd);
      const scripts = await located(cwd, file);
      expect(scripts.length).toBeGreaterThan(0);
      for (const script of scripts) expect(run(script, cwd), script).toContain(token);
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

test('an encrypted member is left to 7z, which asks for the password; none is printed', async () => {
  if (missing(['7z'])) return;
  const cwd = folder();
  writeFileSync(join(cwd, '.npmrc'), text);
  writeFileSync(join(cwd, 'passwords'), 'swordfish\n');
  execFileSync('7z', ['a', '-bd', '-pswordfish', '-tzip', '-mem=AES256', 'leak.zip', '.npmrc'], { cwd });
  const scripts = await located(cwd, 'leak.zip', ['--password-file', 'passwords']);
  expect(scripts.join()).not.toContain('swordfish');
  expect(run(scripts[0]!.replace('7z x', '7z x -pswordfish'), cwd)).toContain(token);
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

/** One script a place and a way. */
async function located(cwd: string, file: string, args: readonly string[] = []): Promise<string[]> {
  const scanned = await guardsweep(['scan', '--no-probe', '--format', 'json', ...args, file], { cwd });
  const [finding] = reportOf(scanned).findings;
  const { code, stdout, stderr } = await guardsweep(['locate', file, finding!.fingerprint, ...args], { cwd });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).not.toContain(token);
  return stdout
    .split(/\n# (?=\d+ of |The same by)/)
    .slice(1)
    .map((part) => part.slice(part.indexOf('\n') + 1));
}

function run(script: string, cwd: string): string {
  const { stdout } = spawnSync('sh', ['-c', script], {
    cwd,
    encoding: 'latin1',
    env: { PATH: process.env.PATH!, HOME: cwd, TMPDIR: cwd },
  });
  return stdout;
}

function missing(tools: readonly string[]): boolean {
  const absent = tools.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
  if (absent.length > 0) process.stdout.write(`SKIPPED: there is no ${absent.join(', ')} here\n`);
  return absent.length > 0;
}

function packed(command: string, ...args: readonly (string | Buffer)[]): Buffer {
  const input = args.find((each) => typeof each !== 'string') ?? text;
  return execFileSync(
    command,
    args.filter((each) => typeof each === 'string'),
    { input },
  );
}

function tarOf(name: string): Buffer {
  return buildTar([
    { name: 'other', data: 'x'.repeat(700) },
    { name, data: text },
  ]);
}

function written(cwd: string): string {
  writeFileSync(join(cwd, '.npmrc'), text);
  return '.npmrc';
}

function zipped(cwd: string, method: string): Buffer {
  execFileSync('7z', ['a', '-bd', '-tzip', method, 'a.zip', written(cwd)], { cwd });
  return readFileSync(join(cwd, 'a.zip'));
}

function sevenZip(cwd: string): Buffer {
  execFileSync('7z', ['a', '-bd', 'a.7z', written(cwd)], { cwd });
  return readFileSync(join(cwd, 'a.7z'));
}

function bsdtar(cwd: string, format: string): Buffer {
  return execFileSync('bsdtar', [`--format=${format}`, '-cf', '-', written(cwd)], { cwd });
}

function ar(cwd: string): Buffer {
  execFileSync('ar', ['rc', 'a.a', written(cwd)], { cwd });
  return readFileSync(join(cwd, 'a.a'));
}

function mail(encoding: string, body: string): Buffer {
  const headers = `MIME-Version: 1.0\nContent-Type: text/plain; name="key.txt"\nContent-Transfer-Encoding: ${encoding}`;
  return Buffer.from(`From: a@example.org\n${headers}\n\n${body}\n`);
}

const ARCHIVERS: Readonly<Record<string, readonly string[]>> = { '7z': ['a', '-bd'], tar: ['-czf'] };

function repositoryAs(kind: string, repo: string, cwd: string): string {
  mkdirSync(join(cwd, 'in'));
  execFileSync('cp', ['-r', join(repo, '.git'), join(cwd, 'in/.git')]);
  const archive = (command: string, file: string, what: string) => {
    execFileSync(command, [...ARCHIVERS[command]!, file, what], { cwd });
    return file;
  };
  const bundle = () => git(repo, 'bundle', 'create', '-q', join(cwd, 'r.bundle'), '--all');
  let file = 'in';
  if (kind === 'zip' || kind === '7z') file = archive('7z', `r.${kind}`, 'in');
  if (kind === 'tar.gz') file = archive('tar', 'r.tgz', './in');
  if (kind.startsWith('bundle')) {
    bundle();
    file = kind === 'bundle' ? 'r.bundle' : archive('7z', 'b.zip', 'r.bundle');
  }
  if (kind !== 'folder') execFileSync('rm', ['-r', 'in'], { cwd });
  return file;
}
