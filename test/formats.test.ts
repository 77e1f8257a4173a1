import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { dockerSave, ociLayout } from '../fixtures/archives/image-builder.js';
import {
  buildCab,
  buildCompress,
  buildLzh,
  buildLzip,
  buildRar,
  buildRpm,
  buildSzdd,
  buildUu,
} from '../fixtures/archives/rare.js';
import { buildTar } from '../fixtures/archives/tar-builder.js';
import { buildZip } from '../fixtures/archives/zip-builder.js';
import { collect, expanding, placesOf } from './sources/collect.js';
import { orgToken } from './support/tokens.js';

/** The README's table: `FORMATS_TABLE=write npx vitest run test/formats.test.ts` writes it anew. */
const README = join(import.meta.dirname, '../README.md');
const BEGIN = '<!-- formats: made by test/formats.test.ts -->\n';
const END = '<!-- /formats -->';

const token = orgToken('formats');
const text = `token=${token}\n`;
const folder = mkdtempSync(join(tmpdir(), 'guardsweep-test-'));
mkdirSync(join(folder, 'in'));
for (const name of ['.npmrc', 'in/.npmrc']) writeFileSync(join(folder, name), text);
afterAll(() => rmSync(folder, { recursive: true }));

interface Format {
  readonly name: string;
  /** How its content is shown. */
  readonly read: string;
  /** The program that makes the container; without it the case is skipped. */
  readonly tool?: string;
  readonly make: () => Buffer;
  /** What a report calls the place. */
  readonly place: string;
  readonly file?: string;
}

const streamed = 'streamed';
const whole = 'kept in memory, or in one private file, and read at any place';
const FORMATS: readonly Format[] = [
  {
    name: 'zip (deflate, stored, Deflate64, bzip2, LZMA, xz, zstd, PPMd, implode, shrink; zip64; ZipCrypto and AES with a password), jar, docx, apk…',
    read: whole,
    place: 'a!.npmrc',
    make: () => buildZip([{ name: '.npmrc', data: text }]),
  },
  {
    name: 'zip behind a program or a script',
    read: whole,
    place: 'a!.npmrc',
    make: () => Buffer.concat([Buffer.from('#!/bin/sh\nexit\n'), buildZip([{ name: '.npmrc', data: text }])]),
  },
  {
    name: 'tar (v7, ustar, GNU, pax, sparse)',
    read: streamed,
    place: 'a!.npmrc',
    make: () => buildTar([{ name: '.npmrc', data: text }]),
  },
  {
    name: 'Docker images as `docker save` writes them: every layer, and what later layers hide',
    read: streamed,
    place: 'a!',
    make: () =>
      buildTar(dockerSave({ layers: [[{ name: '.npmrc', data: text }], [{ name: '.wh..npmrc' }]] })),
  },
  {
    name: 'OCI image layouts, as an archive or a folder; layers in gzip or zstd',
    read: streamed,
    place: 'a!blobs/sha256/',
    make: () => buildTar(ociLayout({ layers: [[{ name: '.npmrc', data: text }], [{ name: '.wh..npmrc' }]] })),
  },
  { name: 'gzip (several members)', read: streamed, place: 'a!content', make: () => gzipSync(text) },
  { name: 'bzip2', read: streamed, tool: 'bzip2', place: 'a!content', make: () => packed('bzip2', '-c') },
  { name: 'xz', read: streamed, tool: 'xz', place: 'a!content', make: () => packed('xz', '-c') },
  {
    name: 'lzma',
    read: streamed,
    tool: 'xz',
    place: 'a!content',
    make: () => packed('xz', '--format=lzma', '-c'),
  },
  { name: 'zstd', read: streamed, tool: 'zstd', place: 'a!content', make: () => packed('zstd', '-qc') },
  {
    name: 'lz4 (frames, skippable frames, the old format)',
    read: streamed,
    tool: 'lz4',
    place: 'a!content',
    make: () => packed('lz4', '-c'),
  },
  {
    name: 'Brotli, where a name ends in .br',
    read: streamed,
    file: 'a.br',
    place: 'a.br!a',
    make: () => brotliCompressSync(text),
  },
  { name: 'compress (.Z)', read: streamed, place: 'a!content', make: () => buildCompress(text) },
  { name: '7z (with a password, too)', read: streamed, tool: '7z', place: 'a!.npmrc', make: sevenZip },
  { name: 'rar', read: streamed, place: 'a!.npmrc', make: () => buildRar('.npmrc', text) },
  { name: 'cab', read: streamed, place: 'a!.npmrc', make: () => buildCab('.npmrc', text) },
  { name: 'iso', read: streamed, tool: 'bsdtar', place: 'a!.npmrc', make: () => bsdtar('iso9660') },
  { name: 'cpio', read: streamed, tool: 'bsdtar', place: 'a!.npmrc', make: () => bsdtar('newc') },
  { name: 'xar', read: streamed, tool: 'bsdtar', place: 'a!.npmrc', make: () => bsdtar('xar') },
  {
    name: 'ar, deb (what it installs and what it runs)',
    read: streamed,
    tool: 'ar',
    place: 'a!.npmrc',
    make: ar,
  },
  {
    name: 'lzip',
    read: streamed,
    tool: 'xz',
    place: 'a!content',
    make: () => buildLzip(text, packed('xz', '--format=lzma', '-c')),
  },
  { name: 'LHA', read: streamed, place: 'a!.npmrc', make: () => buildLzh('.npmrc', text) },
  {
    name: 'ARJ',
    read: streamed,
    tool: 'arj',
    place: 'a!.npmrc',
    make: () => written('a.arj', 'arj', 'a', '-y', '-e', 'a.arj', '.npmrc'),
  },
  {
    name: 'what COMPRESS.EXE packed (SZDD)',
    read: streamed,
    place: 'a!content',
    make: () => buildSzdd(text),
  },
  {
    name: 'Windows images (wim, esd)',
    read: streamed,
    tool: 'wimlib-imagex',
    place: 'a!.npmrc',
    make: () => written('a.wim', 'wimlib-imagex', 'capture', 'in', 'a.wim'),
  },
  {
    name: 'compound files (msi, doc, xls, msg; an encrypted document is listed), chm',
    read: streamed,
    tool: 'msibuild',
    place: 'a!npmrc',
    make: () => written('a.msi', 'msibuild', 'a.msi', '-a', 'npmrc', '.npmrc'),
  },
  {
    name: 'squashfs (gzip, xz, zstd, LZO), cramfs',
    read: streamed,
    tool: 'mksquashfs',
    place: 'a!.npmrc',
    make: () => written('a.squashfs', 'mksquashfs', 'in', 'a.squashfs', '-quiet', '-no-progress'),
  },
  {
    name: 'file systems (ext, NTFS, FAT, HFS+, UDF) and what is cut up by GPT',
    read: streamed,
    tool: 'mkfs.ext4',
    place: 'a!.npmrc',
    make: ext4,
  },
  {
    name: 'disks of virtual machines (qcow2, vmdk, vhd, vhdx, vdi), dmg',
    read: streamed,
    tool: 'qemu-img',
    place: 'a!content!.npmrc',
    make: () => {
      ext4();
      return written('a.qcow2', 'qemu-img', 'convert', '-c', '-O', 'qcow2', 'ext4', 'a.qcow2');
    },
  },
  {
    name: '7z, rar, cab, squashfs or an installer of NSIS behind a program (self-extractors, AppImages)',
    read: whole,
    place: 'a!archive at byte 2000!.npmrc',
    make: () => Buffer.concat([Buffer.from('MZ'), Buffer.alloc(1998), buildCab('.npmrc', text)]),
  },
  { name: 'uuencoded files', read: whole, place: 'a!.npmrc', make: () => buildUu('.npmrc', text) },
  {
    name: 'rpm',
    read: streamed,
    tool: 'bsdtar',
    place: '.npmrc',
    make: () => buildRpm(gzipSync(bsdtar('newc'))),
  },
  {
    name: 'e-mail and mailboxes: parts in base64 and quoted-printable',
    read: whole,
    place: 'a!key.txt',
    make: mail,
  },
  {
    name: 'zlib and gzip streams in PDFs, programs, disk images, core dumps (in archives, or with `--deep`)',
    read: whole,
    place: 'a!core!stream at byte 9',
    make: () =>
      buildTar([{ name: 'core', data: Buffer.concat([Buffer.alloc(9), deflateSync(text.repeat(9))]) }]),
  },
];

test.each(FORMATS)('a token in $name is found', async ({ make, place, tool, file = 'a' }) => {
  if (tool !== undefined && spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0) {
    process.stdout.write(`SKIPPED: there is no ${tool} to make it with\n`);
    return;
  }
  for (const piped of [false, true]) {
    const seen = await collect(expanding(make(), { name: file, piped }));
    const inside = placesOf(token, seen).filter((path) => path.includes('!'));
    expect(inside.map((path) => path.replace(/;1$/, '').toLowerCase())).toContainEqual(
      expect.stringContaining(place),
    );
    expect(seen.diagnostics).toEqual([]);
  }
});

test('the table in the README is this list', () => {
  const rows = FORMATS.map(({ name, read }) => `| ${name} | ${read} |\n`);
  const table = `| what | how it is read |\n|---|---|\n${rows.join('')}`;
  const readme = readFileSync(README, 'utf8');
  const start = readme.indexOf(BEGIN) + BEGIN.length;
  const made = readme.slice(0, start) + table + readme.slice(readme.indexOf(END));
  if (process.env.FORMATS_TABLE === 'write') writeFileSync(README, made);
  expect(readme.indexOf(BEGIN)).toBeGreaterThan(0);
  expect(readFileSync(README, 'utf8')).toBe(made);
});

function packed(command: string, ...args: string[]): Buffer {
  return execFileSync(command, args, { input: text });
}

function bsdtar(format: string): Buffer {
  return execFileSync('bsdtar', [`--format=${format}`, '-cf', '-', '.npmrc'], { cwd: folder });
}

/** The file that a command writes in the folder. */
function written(file: string, command: string, ...args: string[]): Buffer {
  rmSync(join(folder, file), { force: true });
  execFileSync(command, args, { cwd: folder, stdio: 'ignore' });
  return readFileSync(join(folder, file));
}

function ext4(): Buffer {
  writeFileSync(join(folder, 'ext4'), Buffer.alloc(2 * 1024 * 1024));
  return written('ext4.copy', 'sh', '-c', 'mkfs.ext4 -q -d in ext4 && cp ext4 ext4.copy');
}

function sevenZip(): Buffer {
  execFileSync('7z', ['a', '-bd', 'a.7z', '.npmrc'], { cwd: folder });
  return readFileSync(join(folder, 'a.7z'));
}

function ar(): Buffer {
  execFileSync('ar', ['rc', 'a.a', '.npmrc'], { cwd: folder });
  return readFileSync(join(folder, 'a.a'));
}

function mail(): Buffer {
  const headers =
    'MIME-Version: 1.0\nContent-Type: text/plain; name="key.txt"\nContent-Transfer-Encoding: base64';
  return Buffer.from(`From: a@example.org\n${headers}\n\n${Buffer.from(text).toString('base64')}\n`);
}
