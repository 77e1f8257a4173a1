import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildIso } from '../../../fixtures/archives/iso-builder.js';
import { bzip2, lzma, sevenZip, xz } from '../../../fixtures/archives/seven-zip.js';
import { buildTar } from '../../../fixtures/archives/tar-builder.js';
import { buildAr, buildCpio, buildXar } from '../../../fixtures/archives/unix-builder.js';
import { zstd } from '../../../fixtures/archives/zstd-encoder.js';
import { orgToken } from '../../support/tokens.js';
import { lacking } from '../../support/tools.js';
import { collect, expanding, placesOf, reasonsOf } from '../collect.js';

const token = orgToken('tail');
const text = `token=${token}\n`;
const log = `${'x'.repeat(300_000)}${token}`;
const FILES = { 'in/.npmrc': text, 'in/sub/app.log': log, 'in/empty': '' };
const MEMBERS = Object.entries(FILES).map(([name, data]) => ({ name, data }));
const tar = buildTar(MEMBERS);

describe('formats that pack one content', () => {
  test.each([
    ['xz', xz],
    ['bz2', bzip2],
    ['zst', zstd],
    ['lzma', lzma],
  ])('.%s', async (ending, pack) => {
    const seen = await collect(expanding(await pack(log), { name: `app.log.${ending}` }));
    expect(seen.units.map(({ path, text: found }) => [path, found.length])).toEqual([
      [`app.log.${ending}!app.log`, log.length],
    ]);
    expect(placesOf(token, seen)).toHaveLength(1);
    expect(seen.diagnostics).toEqual([]);
  });

  const PACKERS = [
    ['xz', xz],
    ['bzip2', bzip2],
    ['zstd', zstd],
  ] as const;

  test.each(PACKERS)('a tar in %s is one archive', async (_, pack) => {
    const seen = await collect(expanding(await pack(tar), { name: 'x.tar.p', piped: true }));
    expect(placesOf(token, seen).sort()).toEqual(['x.tar.p!in/.npmrc', 'x.tar.p!in/sub/app.log']);
    expect(seen.diagnostics).toEqual([]);
  });

  test.each(PACKERS)('a %s that is cut off is listed', async (_, pack) => {
    const packed = await pack(tar);
    const seen = await collect(expanding(packed.subarray(0, packed.length - 12)));
    expect(reasonsOf(seen)).toContain('corrupt a');
  });
});

describe('formats that hold many', () => {
  test.each([
    ['7z', []],
    ['7z without compression', ['-mx=0']],
  ])('%s', async (_, args) => {
    const seen = await collect(expanding(await sevenZip(FILES, { args })));
    expect(inside(seen)).toEqual(['a!in/.npmrc', 'a!in/sub/app.log']);
    expect(seen.diagnostics).toEqual([]);
  });

  test.each([
    ['cpio of POSIX', buildCpio('odc', MEMBERS)],
    ['cpio of System V', buildCpio('newc', MEMBERS)],
    ['xar', buildXar(MEMBERS)],
  ])('%s', async (_, archive) => {
    const seen = await collect(expanding(archive, { piped: true }));
    expect(inside(seen)).toEqual(['a!in/.npmrc', 'a!in/sub/app.log']);
    expect(seen.diagnostics).toEqual([]);
  });

  test('ISO 9660', async () => {
    const iso = buildIso([
      { name: '.npmrc', data: text },
      { name: 'app.log', data: log },
    ]);
    const seen = await collect(expanding(iso));
    expect(inside(seen)).toEqual(['a!.NPMRC', 'a!APP.LOG']);
    expect(seen.diagnostics).toEqual([]);
  });

  test('ar, as packages of Debian are', async () => {
    const deb = buildAr([
      { name: 'in.tar', data: tar },
      { name: '.npmrc', data: text },
    ]);
    const seen = await collect(expanding(deb));
    expect(placesOf(token, seen)).toEqual(
      expect.arrayContaining(['a!in.tar!in/.npmrc', 'a!in.tar!in/sub/app.log', 'a!.npmrc']),
    );
    expect(seen.diagnostics).toEqual([]);
  });

  const noNtfs = lacking('mkntfs', 'ntfscp');
  test.skipIf(noNtfs !== '')(
    `NTFS, whole with its boot sector and the streams beside the contents of its own files${noNtfs}`,
    async () => {
      const dir = mkdtempSync(join(tmpdir(), 'ntfs-'));
      try {
        const [image, file] = [join(dir, 'image'), join(dir, 'file')];
        writeFileSync(image, Buffer.alloc(4 * 1024 * 1024));
        writeFileSync(file, log);
        execFileSync('mkntfs', ['-q', '-F', image], { stdio: 'ignore' });
        execFileSync('ntfscp', ['-q', image, file, 'app.log'], { stdio: 'ignore' });
        const seen = await collect(expanding(readFileSync(image)));
        expect(inside(seen)).toEqual(['a!app.log']);
        expect(seen.diagnostics).toEqual([]);
      } finally {
        rmSync(dir, { recursive: true });
      }
    },
  );

  test('an encrypted 7z is listed, by member where its names are clear', async () => {
    const file = { 'in/.npmrc': text };
    const clear = await collect(expanding(await sevenZip(file, { args: ['-pswordfish'] })));
    expect(reasonsOf(clear)).toEqual(['encrypted a!in/.npmrc']);
    const hidden = await collect(expanding(await sevenZip(file, { args: ['-pswordfish', '-mhe=on'] })));
    expect(reasonsOf(hidden)).toEqual(['encrypted a']);
  });

  test('a bomb ends at the ratio', async () => {
    const packed = await xz(Buffer.alloc(30_000_000));
    const seen = await collect(expanding(packed, { limits: { ratio: 100, ratioFloor: 1_000_000 } }));
    expect(reasonsOf(seen)).toEqual(['budget a']);
  });
});

function inside(seen: Awaited<ReturnType<typeof collect>>): string[] {
  return placesOf(token, seen)
    .filter((path) => path.includes('!'))
    .sort();
}
