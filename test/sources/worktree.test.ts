import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { filesIn } from '../../fixtures/archives/folder.js';
import { buildTar } from '../../fixtures/archives/tar-builder.js';
import { buildZip } from '../../fixtures/archives/zip-builder.js';
import { Budget } from '../../src/model/budget.js';
import { type OpenOptions, openTarget } from '../../src/sources/open.js';
import { revisionStore } from '../support/revision-store.js';
import { orgToken } from '../support/tokens.js';
import { type Collected, collect, placesOf, reasonsOf } from './collect.js';

const token = orgToken('walk');
const text = `token=${token}\n`;
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'guardsweep-test-'));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

describe('a folder', () => {
  test('is read whole: hidden, ignored and large files too', async () => {
    write('.gitignore', 'dist\n');
    write('.env', text);
    write('dist/app.js', text);
    write('node_modules/.cache/x', text);
    write('large.log', `${'y'.repeat(300_000)}${token}`);
    expect(places(await scan())).toEqual(['.env', 'dist/app.js', 'large.log', 'node_modules/.cache/x']);
  });

  test('is read again the same', async () => {
    for (const name of ['b', 'a/z', 'a/b', 'c']) write(name, text);
    expect(places(await scan())).toEqual(places(await scan()));
  });

  test('leaves out what the user names', async () => {
    for (const name of ['a.log', 'b/c.log', 'b/node_modules/x', 'keep']) write(name, text);
    const seen = await scan({ walk: { exclude: ['**/*.log', '**/node_modules'] } });
    expect(places(seen)).toEqual(['keep']);
  });

  test('does not follow links, but searches where they lead', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'guardsweep-test-'));
    try {
      writeFileSync(join(outside, 'secret'), text);
      symlinkSync(join(outside, 'secret'), join(root, 'to-file'));
      symlinkSync(outside, join(root, 'to-folder'));
      symlinkSync('.', join(root, 'loop'));
      symlinkSync(`/run/${token}`, join(root, 'to-nothing'));
      const seen = await scan();
      expect(places(seen)).toEqual(['name:to-nothing']);
      expect(seen.diagnostics).toEqual([]);
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  test('lists pipes and goes on', async () => {
    execFileSync('mkfifo', [join(root, 'a-pipe')]);
    write('b', text);
    const seen = await scan();
    expect(places(seen)).toEqual(['b']);
    expect(reasonsOf(seen)).toEqual([`unsupported ${join(root, 'a-pipe')}`]);
  });

  test.skipIf(process.getuid?.() === 0)('lists what it may not read and goes on', async () => {
    write('a', text);
    chmodSync(join(root, 'a'), 0);
    write('b', text);
    const seen = await scan();
    expect(places(seen)).toEqual(['b']);
    expect(reasonsOf(seen)).toEqual([`unreadable ${join(root, 'a')}`]);
  });

  test('searches the names of files and folders', async () => {
    write(`${token}/x`, 'x');
    write(`y-${token}`, 'x');
    expect(places(await scan())).toEqual([`name:${token}`, `name:y-${token}`]);
  });

  test('opens names that are no UTF-8', async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9])]), text);
    expect(places(await scan())).toEqual(['caf\\xe9']);
  });

  test('shows what is in archives, by their content', async () => {
    write('notes.txt', buildZip([{ name: 'in', data: text }]));
    write(
      'big.bin',
      gzipSync(buildTar([{ name: 'in', data: `${'x'.repeat(500_000)}${token}` }]), { level: 0 }),
    );
    expect(places(await scan())).toEqual(['big.bin!in', 'notes.txt!in']);
  });
});

describe('a repository', () => {
  beforeEach(() => {
    write('repo/.npmrc', text);
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-q', '-m', 'one');
    rmSync(join(root, 'repo/.npmrc'));
    git('commit', '-q', '-a', '-m', 'two');
  });

  test('is read with its history', async () => {
    expect(places(await scan({}, 'repo'))).toEqual(['repo/.git#blob']);
    expect(places(await scan())).toEqual(['repo/.git#blob']);
  });

  test('is read with its history as the .git folder alone, and not where history is not asked for', async () => {
    expect(places(await scan({}, 'repo/.git'))).toEqual(['repo/.git#blob']);
    expect(places(await scan({ history: false }))).toEqual([]);
  });

  test('is read from the worktree that is linked to it', async () => {
    git('worktree', 'add', '-q', '../linked');
    expect(places(await scan({}, 'linked'))).toEqual(['repo/.git#blob']);
  });

  test.each(['loose', 'packed'])('is read in archives: %s', async (how) => {
    if (how === 'packed') git('repack', '-adq');
    execFileSync('tar', ['-cf', 'plain.tar', 'repo'], { cwd: root });
    execFileSync('tar', ['-czf', 'packed.tar.gz', 'repo'], { cwd: root });
    write('repo.zip', buildZip(filesIn(join(root, 'repo'), 'repo/')));
    zip('outer.zip', 'repo.zip', 'packed.tar.gz');
    for (const name of ['plain.tar', 'packed.tar.gz', 'repo.zip']) {
      const seen = await scan({}, name);
      expect(places(seen)).toEqual([`${name}!repo/.git#blob`]);
      expect(seen.diagnostics).toEqual([]);
    }
    expect(places(await scan({}, 'outer.zip'))).toEqual([
      'outer.zip!packed.tar.gz!repo/.git#blob',
      'outer.zip!repo.zip!repo/.git#blob',
    ]);
  });

  test('is read in archives once, and what another member of the same path replaces is read by itself', async () => {
    const name = 'repo/.git/objects/ab/'.concat('c'.repeat(38));
    const members = [
      { name: 'repo/.git/HEAD', data: 'ref: refs/heads/main\n' },
      { name, data: `hidden ${text}` },
      { name, data: 'as it seems' },
    ];
    write('twice.zip', buildZip(members));
    write('twice.tar', buildTar(members));
    expect(places(await scan({}, 'twice.zip'))).toEqual([`twice.zip!${name}`]);
    expect(places(await scan({}, 'twice.tar'))).toEqual([`twice.tar!${name}`]);
    // Not compressed, in a zip that does not compress it either.
    const content = Buffer.from(`blob ${text.length}\0${text}`);
    const id = createHash('sha1').update(content).digest('hex');
    const path = `repo/.git/objects/${id.slice(0, 2)}/${id.slice(2)}`;
    const data = deflateSync(content, { level: 0 });
    write('once.zip', buildZip([members[0]!, { name: path, data, method: 0 }]));
    expect(places(await scan({}, 'once.zip'))).toEqual(['once.zip!repo/.git#blob']);
  });

  test('of Subversion is read as a folder and in archives, though a delta holds but a part of the token', async () => {
    const { length } = token;
    const files = revisionStore([
      { instructions: [{ add: `token=tg_org_${'x'.repeat(length - 7)}\n` }] },
      {
        base: { revision: 0, item: 0 },
        instructions: [{ from: 0, length: 13 }, { add: token.slice(7) }, { from: length + 6, length: 1 }],
      },
    ]);
    for (const [path, bytes] of files) write(`svn/${path}`, bytes);
    execFileSync('tar', ['-czf', 'svn.tgz', 'svn'], { cwd: root });
    write('svn.zip', buildZip(filesIn(join(root, 'svn'), '')));
    expect(places(await scan({}, 'svn'))).toEqual(['svn/db/revs/0/1!text at byte 0']);
    expect(places(await scan({ history: false }, 'svn'))).toEqual([]);
    expect(places(await scan({}, 'svn.tgz'))).toEqual(['svn.tgz!svn/db/revs/0/1!text at byte 0']);
    expect(places(await scan({}, 'svn.zip'))).toEqual(['svn.zip!db/revs/0/1!text at byte 0']);
    // In a folder of git, files of such names are files like others.
    for (const [path, bytes] of files) write(path.replace('db', 'repo/.git'), bytes);
    write('repo/.git/revs/0/2', text);
    expect(places(await scan({}, 'repo'))).toEqual(['repo/.git#blob', 'repo/.git/revs/0/2']);
  });

  test('is attributed also where it lies in an archive in an archive', async () => {
    execFileSync('tar', ['-czf', 'repo.tgz', 'repo'], { cwd: root });
    zip('outer.zip', 'repo.tgz');
    const source = await openTarget(join(root, 'outer.zip'), options());
    const seen = await collect({ units: () => source.units() });
    const unit = seen.units.find(({ text: found }) => found.includes(token))!.unit;
    const id = unit.provenance.kind === 'object' ? unit.provenance.object : '';
    const found = (await unit.attributor!.attribute(new Set([id]))).get(id)!;
    source.close?.();
    expect(found).toMatchObject([{ kind: 'commit', path: '.npmrc', author: expect.stringContaining('T') }]);
  });

  test('is read from a bundle, also in an archive', async () => {
    git('bundle', 'create', '-q', '../repo.bundle', '--all');
    zip('bundle.zip', 'repo.bundle');
    expect(places(await scan({}, 'repo.bundle'))).toEqual(['repo.bundle#blob']);
    expect(places(await scan({}, 'bundle.zip'))).toEqual(['bundle.zip!repo.bundle#blob']);
  });

  test('shows archives in its history', async () => {
    write('repo/a.zip', buildZip([{ name: 'in', data: text }]));
    git('add', '.');
    git('commit', '-q', '-m', 'three');
    const seen = await scan({}, 'repo');
    expect(places(seen)).toEqual(['repo/.git#blob', 'repo/.git#blob!in', 'repo/a.zip!in']);
    expect(seen.units.find(({ path }) => path.endsWith('#blob!in'))!.unit.attributor).toBeDefined();
  });
});

describe('other targets', () => {
  test('a file', async () => {
    write('x.log', text);
    expect(places(await scan({}, 'x.log'))).toEqual(['x.log']);
  });

  test('standard input', async () => {
    const source = await openTarget('-', {
      ...options(),
      stdin: Readable.from([text.slice(0, 9), text.slice(9)].map((part) => Buffer.from(part))),
    });
    const seen = await collect(source);
    expect(seen.units.map(({ path, text: found }) => [path, found])).toEqual([['-', text]]);
  });

  test('a zip on standard input', async () => {
    const zip = buildZip([{ name: 'in', data: text }]);
    const source = await openTarget('-', {
      ...options(),
      stdin: Readable.from([zip.subarray(0, 50), zip.subarray(50)]),
    });
    expect(placesOf(token, await collect(source))).toEqual(['-!in']);
  });

  test('a path that is not there has an error that says so', async () => {
    await expect(openTarget(join(root, 'nothing'), options())).rejects.toThrow(
      /nothing: no such file or folder/,
    );
  });
});

function options(): OpenOptions {
  return { budget: new Budget(), history: true };
}

async function scan(changes: Partial<OpenOptions> = {}, target = ''): Promise<Collected> {
  return collect(await openTarget(join(root, target), { ...options(), ...changes }));
}

/** Where the token is, below the root, sorted. */
function places(seen: Collected): string[] {
  return placesOf(token, seen)
    .map((path) => path.replace(`${root}/`, ''))
    .sort();
}

function write(name: string, data: Buffer | string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), data);
}

/** Files of the root as they are, in a zip. */
function zip(name: string, ...files: readonly string[]): void {
  write(name, buildZip(files.map((file) => ({ name: file, data: readFileSync(join(root, file)) }))));
}

function git(...args: string[]): void {
  const identity = ['-c', 'user.name=T', '-c', 'user.email=t@example.com'];
  execFileSync('git', [...identity, ...args], {
    cwd: join(root, 'repo'),
    env: { PATH: process.env.PATH, HOME: root },
  });
}
