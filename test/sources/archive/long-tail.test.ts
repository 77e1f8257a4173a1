import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf, reasonsOf } from '../collect.js';

const token = orgToken('tail');
const text = `token=${token}\n`;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guardsweep-test-'));
  mkdirSync(join(folder, 'in/sub'), { recursive: true });
  writeFileSync(join(folder, 'in/.npmrc'), text);
  writeFileSync(join(folder, 'in/sub/app.log'), `${'x'.repeat(300_000)}${token}`);
  writeFileSync(join(folder, 'in/empty'), '');
  execFileSync('tar', ['-cf', 'in.tar', 'in'], { cwd: folder });
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('formats that pack one content', () => {
  test.each([
    ['xz', 'xz'],
    ['bz2', 'bzip2'],
    ['zst', 'zstd'],
    ['lzma', 'xz --format=lzma'],
  ])('.%s', async (ending, command) => {
    const packed = made(command, ['-c'], 'in/sub/app.log');
    const seen = await collect(expanding(packed, { name: `app.log.${ending}` }));
    expect(seen.units.map(({ path, text: found }) => [path, found.length])).toEqual([
      [`app.log.${ending}!app.log`, 300_000 + token.length],
    ]);
    expect(placesOf(token, seen)).toHaveLength(1);
    expect(seen.diagnostics).toEqual([]);
  });

  test.each(['xz', 'bzip2', 'zstd'])('a tar in %s is one archive', async (command) => {
    const seen = await collect(expanding(made(command, ['-c'], 'in.tar'), { name: 'x.tar.p', piped: true }));
    expect(placesOf(token, seen).sort()).toEqual(['x.tar.p!in/.npmrc', 'x.tar.p!in/sub/app.log']);
    expect(seen.diagnostics).toEqual([]);
  });

  test.each(['xz', 'bzip2', 'zstd'])('a %s that is cut off is listed', async (command) => {
    const packed = made(command, ['-c'], 'in.tar');
    const seen = await collect(expanding(packed.subarray(0, packed.length - 12)));
    expect(reasonsOf(seen)).toContain('corrupt a');
  });
});

describe('formats that hold many', () => {
  test.each([
    ['7z', '7z', ['a', '-bd']],
    ['7z without compression', '7z', ['a', '-bd', '-mx=0']],
  ])('%s', async (_, command, args) => {
    rmSync(join(folder, 'a.7z'), { force: true });
    execFileSync(command, [...args, 'a.7z', 'in'], { cwd: folder });
    const seen = await collect(expanding(readFileSync(join(folder, 'a.7z'))));
    expect(
      placesOf(token, seen)
        .filter((path) => path.includes('!'))
        .sort(),
    ).toEqual(['a!in/.npmrc', 'a!in/sub/app.log']);
    expect(seen.diagnostics).toEqual([]);
  });

  test.each(['cpio', 'newc', 'iso9660', 'xar'])('what bsdtar writes as %s', async (format) => {
    const archive = execFileSync('bsdtar', [`--format=${format}`, '-cf', '-', 'in'], {
      cwd: folder,
      maxBuffer: 1e8,
    });
    const seen = await collect(expanding(archive, { piped: format !== 'iso9660' }));
    const inside = placesOf(token, seen).filter((path) => path.includes('!'));
    expect(inside.map((path) => path.toLowerCase().replace(/;1$/, '')).sort()).toEqual(
      ['a!in/.npmrc', 'a!in/sub/app.log'].map((path) => expect.stringContaining(path.slice(2, 6))),
    );
    expect(seen.diagnostics).toEqual([]);
  });

  test('ar, as packages of Debian are', async () => {
    execFileSync('ar', ['rc', 'a.deb', 'in.tar', 'in/.npmrc'], { cwd: folder });
    const seen = await collect(expanding(readFileSync(join(folder, 'a.deb'))));
    expect(placesOf(token, seen)).toEqual(
      expect.arrayContaining(['a!in.tar!in/.npmrc', 'a!in.tar!in/sub/app.log', 'a!.npmrc']),
    );
    expect(seen.diagnostics).toEqual([]);
  });

  test('an encrypted 7z is listed, by member where its names are clear', async () => {
    for (const [name, args] of [
      ['clear', []],
      ['hidden', ['-mhe=on']],
    ] as const) {
      execFileSync('7z', ['a', '-bd', '-pswordfish', ...args, `${name}.7z`, 'in/.npmrc'], { cwd: folder });
    }
    const clear = await collect(expanding(readFileSync(join(folder, 'clear.7z'))));
    expect(reasonsOf(clear)).toEqual(['encrypted a!in/.npmrc']);
    const hidden = await collect(expanding(readFileSync(join(folder, 'hidden.7z'))));
    expect(reasonsOf(hidden)).toEqual(['encrypted a']);
  });

  test('a bomb ends at the ratio', async () => {
    writeFileSync(join(folder, 'zeros'), Buffer.alloc(30_000_000));
    const packed = made('xz', ['-c'], 'zeros');
    const seen = await collect(expanding(packed, { limits: { ratio: 100, ratioFloor: 1_000_000 } }));
    expect(reasonsOf(seen)).toEqual(['budget a']);
  });
});

function made(command: string, args: readonly string[], file: string): Buffer {
  const [program, ...options] = command.split(' ');
  return spawnSync(program!, [...options, ...args, file], { cwd: folder, maxBuffer: 1e8 }).stdout;
}
