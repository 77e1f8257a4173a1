import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import {
  buildAsar,
  buildAvro,
  buildPgDump,
  snappyBlock,
  snappyFrames,
} from '../fixtures/archives/block-builder.js';
import { buildCapture, chunkedAnswer } from '../fixtures/archives/capture-builder.js';
import { buildCompound } from '../fixtures/archives/compound-builder.js';
import { buildExt, buildMbr, buildQcow2, buildSquashfs } from '../fixtures/archives/disk-builder.js';
import { buildEwf } from '../fixtures/archives/ewf-builder.js';
import { buildHeap } from '../fixtures/archives/heap-builder.js';
import { dockerSave, ociLayout } from '../fixtures/archives/image-builder.js';
import { buildIso } from '../fixtures/archives/iso-builder.js';
import { lz4 } from '../fixtures/archives/lz4-builder.js';
import { buildLzop } from '../fixtures/archives/lzo-builder.js';
import { buildModule } from '../fixtures/archives/macro-builder.js';
import {
  buildArj,
  buildCab,
  buildCompress,
  buildLzh,
  buildLzip,
  buildRar,
  buildRpm,
  buildSzdd,
  buildUu,
} from '../fixtures/archives/rare.js';
import { bzip2, lzma, sevenZip, xz } from '../fixtures/archives/seven-zip.js';
import { buildSqlite } from '../fixtures/archives/sqlite-builder.js';
import { buildTar } from '../fixtures/archives/tar-builder.js';
import { buildAr, buildCpio, buildXar } from '../fixtures/archives/unix-builder.js';
import { buildLz4Java } from '../fixtures/archives/unmarked-builder.js';
import { buildZip } from '../fixtures/archives/zip-builder.js';
import { zstd } from '../fixtures/archives/zstd-encoder.js';
import { collect, expanding, placesOf } from './sources/collect.js';
import { packOf } from './support/packs.js';
import { orgToken } from './support/tokens.js';

/** The README's table: `FORMATS_TABLE=write npx vitest run test/formats.test.ts` writes it anew. */
const README = join(import.meta.dirname, '../README.md');
const BEGIN = '<!-- formats: made by test/formats.test.ts -->\n';
const END = '<!-- /formats -->';

const token = orgToken('formats');
const text = `token=${token}\n`;
const files = [{ name: '.npmrc', data: text }];

interface Format {
  readonly name: string;
  /** How its content is shown. */
  readonly read: string;
  readonly make: () => Buffer | Promise<Buffer>;
  /** What a report calls the place. */
  readonly place: string;
  readonly file?: string;
}

const streamed = 'streamed';
const whole = 'random access';
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
  { name: 'bzip2', read: streamed, place: 'a!content', make: () => bzip2(text) },
  { name: 'xz', read: streamed, place: 'a!content', make: () => xz(text) },
  {
    name: 'lzma',
    read: streamed,
    place: 'a!content',
    make: () => lzma(text),
  },
  { name: 'zstd', read: streamed, place: 'a!content', make: () => zstd(text) },
  {
    name: 'lz4 (frames, skippable frames, the old format)',
    read: streamed,
    place: 'a!content',
    make: () => lz4(text),
  },
  {
    name: 'Brotli, where a name ends in .br',
    read: streamed,
    file: 'a.br',
    place: 'a.br!a',
    make: () => brotliCompressSync(text),
  },
  { name: 'lzop', read: streamed, place: 'a!content', make: () => buildLzop(text) },
  { name: 'compress (.Z)', read: streamed, place: 'a!content', make: () => buildCompress(text) },
  {
    name: '7z (with a password, too)',
    read: streamed,
    place: 'a!.npmrc',
    make: () => sevenZip({ '.npmrc': text }),
  },
  { name: 'rar', read: streamed, place: 'a!.npmrc', make: () => buildRar('.npmrc', text) },
  { name: 'cab', read: streamed, place: 'a!.npmrc', make: () => buildCab('.npmrc', text) },
  { name: 'iso', read: streamed, place: 'a!.npmrc', make: () => buildIso(files) },
  { name: 'cpio', read: streamed, place: 'a!.npmrc', make: () => buildCpio('newc', files) },
  { name: 'xar', read: streamed, place: 'a!.npmrc', make: () => buildXar(files) },
  {
    name: 'ar, deb (what it installs and what it runs)',
    read: streamed,
    place: 'a!.npmrc',
    make: () => buildAr(files),
  },
  {
    name: 'lzip',
    read: streamed,
    place: 'a!content',
    make: async () => buildLzip(text, await lzma(text)),
  },
  { name: 'LHA', read: streamed, place: 'a!.npmrc', make: () => buildLzh('.npmrc', text) },
  {
    name: 'ARJ',
    read: streamed,
    place: 'a!.npmrc',
    make: () => buildArj('.npmrc', text),
  },
  {
    name: 'files packed by COMPRESS.EXE (SZDD)',
    read: streamed,
    place: 'a!content',
    make: () => buildSzdd(text),
  },
  {
    name: 'Windows images (wim, esd)',
    read: streamed,
    place: 'a!.npmrc',
    make: () => sevenZip({ '.npmrc': text }, { type: 'wim' }),
  },
  {
    name: 'compound files (msi, doc, xls, msg; an encrypted document is listed), chm',
    read: streamed,
    place: 'a!npmrc',
    make: () => buildCompound('npmrc', text),
  },
  {
    name: 'Office macros (VBA), in documents of either format',
    read: whole,
    place: 'a!word/vbaproject.bin!module1!macro at byte 300',
    make: () =>
      buildZip([
        { name: 'word/vbaProject.bin', data: buildCompound('Module1', buildModule(text.repeat(2))) },
      ]),
  },
  {
    name: 'squashfs (gzip, xz, zstd, LZO), cramfs',
    read: streamed,
    place: 'a!.npmrc',
    make: () => buildSquashfs(files),
  },
  {
    name: 'file systems (ext, NTFS, FAT, HFS+, UDF), and disks partitioned by GPT or MBR',
    read: streamed,
    place: 'a!0.img!.npmrc',
    make: () => buildMbr(buildExt(files)),
  },
  {
    name: 'virtual machine disks (qcow2, vmdk, vhd, vhdx, vdi), dmg',
    read: streamed,
    place: 'a!content!.npmrc',
    make: () => buildQcow2(buildExt(files)),
  },
  {
    name: 'disk images by EnCase and FTK (E01), also in several files',
    read: whole,
    place: 'a!content!.npmrc',
    make: () => buildEwf(buildExt([{ name: '.npmrc', data: Buffer.from(text) }]))[0]!,
  },
  {
    name: '7z, rar, cab, squashfs or an NSIS installer appended to a program (self-extractors, AppImages); tar, gzip, xz, bzip2, Zstandard or LZ4 appended to a script',
    read: whole,
    place: 'a!archive at byte 2000!.npmrc',
    make: () => Buffer.concat([Buffer.from('MZ'), Buffer.alloc(1998), buildCab('.npmrc', text)]),
  },
  {
    name: 'an archive appended to a picture or a film (JPEG, PNG, GIF, WebP, MP4)',
    read: whole,
    place: 'a!archive at byte 8!.npmrc',
    make: () => Buffer.concat([Buffer.from('ffd8ffda0000ffd9', 'hex'), buildCab('.npmrc', text)]),
  },
  { name: 'uuencoded files', read: whole, place: 'a!.npmrc', make: () => buildUu('.npmrc', text) },
  {
    name: 'rpm',
    read: streamed,
    place: '.npmrc',
    make: () => buildRpm(gzipSync(buildCpio('newc', files))),
  },
  {
    name: 'e-mail and mailboxes: parts in base64 and quoted-printable, encoded headers',
    read: whole,
    place: 'a!key.txt',
    make: mail,
  },
  {
    name: 'SQLite: values that overflow into other pages, what deleted ones left, write-ahead logs, what Firefox packed',
    read: whole,
    place: 'a!value at byte ',
    make: () => buildSqlite(['x'.repeat(485) + text + 'x'.repeat(2000)], { pageSize: 512 }),
  },
  {
    name: 'git bundles, packs by themselves, and what git sent over a connection (its lines, with packs in them)',
    read: whole,
    place: 'a!pack at byte 8#blob',
    make: () =>
      Buffer.concat([Buffer.from('0008NAK\n'), packOf([{ type: 'blob', content: Buffer.from(text) }])]),
  },
  {
    name: 'Parquet, Avro, Arrow (Feather), LevelDB tables, LevelDB and RocksDB logs, Kafka segments, WiredTiger (MongoDB) tables and journals, ClickHouse columns, HBase files, Borg repositories, Redis dumps, systemd journals: what is packed block by block (Snappy, LZ4, Zstandard, gzip, LZF…)',
    read: whole,
    place: 'a!block at byte ',
    make: () => buildAvro('snappy', [Buffer.concat([snappyBlock(text.repeat(2)), Buffer.alloc(4)])]),
  },
  {
    name: 'PostgreSQL tables as `pg_basebackup` copies them: packed values (pglz, LZ4), and long ones stored in parts',
    read: whole,
    place: 'a!block at byte ',
    make: () => buildHeap(`tg_org_ ${text.repeat(2)}`),
  },
  {
    name: 'iWork documents, Cassandra tables, Hadoop files, streams of Java’s LZ4 (Spark): what is packed in pieces by Snappy or LZ4',
    read: whole,
    place: 'a!content',
    make: () => buildLz4Java([text.repeat(2)]),
  },
  {
    name: 'PostgreSQL dumps (`pg_dump -Fc`)',
    read: whole,
    place: 'a!data at byte ',
    make: () => buildPgDump([deflateSync(text.repeat(9))], 20),
  },
  {
    name: 'Electron archives (asar), winmail.dat (TNEF), Firefox sessions (jsonlz4), the caches of Chromium and Firefox, what Chromium packs within IndexedDB, U-Boot images, PNG texts, signed OpenPGP messages',
    read: whole,
    place: 'a!app/.npmrc',
    make: () => buildAsar({ '.npmrc': Buffer.from(text) }),
  },
  {
    name: 'framed Snappy',
    read: streamed,
    place: 'a!content',
    make: () => snappyFrames(text),
  },
  {
    name: 'zlib and gzip streams in PDFs (and the text that their pages show), HDF5, Hadoop files, Android backups, saved machines, SQLite, InnoDB tables, the histories of Mercurial, Bazaar and Fossil; zlib by itself',
    read: whole,
    place: 'a!stream at byte 9',
    make: () => Buffer.concat([Buffer.from('%PDF-1.7\n'), deflateSync(text.repeat(9))]),
  },
  {
    name: 'network captures (pcap, pcapng): TCP connections, put together from their packets, and what HTTP/1 and WebSocket sent in them',
    read: whole,
    place: 'a!tcp 10.0.0.1:80 to 10.0.0.2:40000 at byte 106!body at byte 97!content',
    make: () => buildCapture(chunkedAnswer(gzipSync(text.repeat(9)), 'gzip')),
  },
  {
    name: 'web captures (WARC), saved HTTP messages (in base64, too): bodies in chunks, gzip, DEFLATE, Brotli, Zstandard',
    read: whole,
    place: 'a!body at byte ',
    make: () => chunkedAnswer(brotliCompressSync(text), 'br'),
  },
  {
    name: 'terminal recordings (asciinema): what was shown and typed, a character at a time',
    read: whole,
    place: 'a!output',
    make: () =>
      Buffer.from(
        ['{"version":3,"term":{"cols":80}}', ...[...text].map((one) => JSON.stringify([0.1, 'o', one]))].join(
          '\n',
        ),
      ),
  },
  {
    name: 'zlib, gzip, Zstandard, LZ4, xz, bzip2, lzop and framed Snappy streams, zip members, 7z, rar, cab and squashfs inside programs, disk images, core dumps and anything else that is not text (in archives, or with `--deep`)',
    read: whole,
    place: 'a!core!stream at byte 9',
    make: () =>
      buildTar([{ name: 'core', data: Buffer.concat([Buffer.alloc(9), deflateSync(text.repeat(9))]) }]),
  },
];

test.each(FORMATS)('a token in $name is found', async ({ make, place, file = 'a' }) => {
  const bytes = await make();
  for (const piped of [false, true]) {
    const seen = await collect(expanding(bytes, { name: file, piped }));
    const inside = placesOf(token, seen).filter((path) => /[!#]/.test(path));
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

function mail(): Buffer {
  const headers =
    'MIME-Version: 1.0\nContent-Type: text/plain; name="key.txt"\nContent-Transfer-Encoding: base64';
  return Buffer.from(`From: a@example.org\n${headers}\n\n${Buffer.from(text).toString('base64')}\n`);
}
