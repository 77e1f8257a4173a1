import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import * as blocks from '../../fixtures/archives/block-builder.js';
import { buildCapture, chunkedAnswer } from '../../fixtures/archives/capture-builder.js';
import { buildCompound } from '../../fixtures/archives/compound-builder.js';
import { buildSquashfs } from '../../fixtures/archives/disk-builder.js';
import { buildEwf } from '../../fixtures/archives/ewf-builder.js';
import { buildHeap, buildToast } from '../../fixtures/archives/heap-builder.js';
import { buildIso } from '../../fixtures/archives/iso-builder.js';
import { lzString } from '../../fixtures/archives/lz-string-builder.js';
import { lz4 } from '../../fixtures/archives/lz4-builder.js';
import { buildLzop } from '../../fixtures/archives/lzo-builder.js';
import { buildModule } from '../../fixtures/archives/macro-builder.js';
import { buildMailbox } from '../../fixtures/archives/mailbox-builder.js';
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
import { bzip2, lzma, sevenZip, xz } from '../../fixtures/archives/seven-zip.js';
import { buildSqlite, buildSqliteLog } from '../../fixtures/archives/sqlite-builder.js';
import { buildTar } from '../../fixtures/archives/tar-builder.js';
import { buildAr, buildCpio, buildXar } from '../../fixtures/archives/unix-builder.js';
import {
  buildCassandra,
  buildHadoop,
  buildIwa,
  buildLz4Java,
} from '../../fixtures/archives/unmarked-builder.js';
import { buildZip } from '../../fixtures/archives/zip-builder.js';
import { zstd } from '../../fixtures/archives/zstd-encoder.js';
import { BASE85 } from '../../src/detection/decode/base85.js';
import { char } from '../detection/dumps.js';
import { base85, ENCODERS } from '../detection/encoders.js';
import { body, orgToken } from '../support/tokens.js';

export const token = orgToken('locate');
export const text = `# settings\nregistry=here\n  //host/:_authToken=${token}\nrest=1\n`;

export const FILES = [{ name: '.npmrc', data: text }];

/** A place that the commands must lead to. */
export interface Case {
  readonly name: string;
  readonly make: () => string | Buffer | Promise<Buffer>;
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

/** Repeats what a token begins with, so that a packer cuts it up. */
const repeated = `tg_org_ is how they begin, tg_org_\n${text}${'more of it\n'.repeat(40)}`;
const block = blocks.snappyBlock(repeated);

/** How bytes that are packed are shown. */
const SPELLED: Record<string, (bytes: Buffer) => string> = {
  'a list': (bytes) => `[${[...bytes].join(', ')}]`,
  'signed bytes': (bytes) => `[${new Int8Array(bytes).join(',')}]`,
  'a string': (bytes) => `b'${shown(bytes)}'`,
  'a string in a string': (bytes) => JSON.stringify(`b'${shown(bytes)}'`),
  'digits with colons': (bytes) => bytes.toString('hex').replace(/..(?=.)/g, '$&:'),
  xxd: (bytes) => dumpOf(bytes, (digits) => digits),
  'words of hexdump': (bytes) => dumpOf(bytes, (digits) => digits.slice(2) + digits.slice(0, 2)),
  ...Object.fromEntries(
    BASE85.map(({ encoding, digits }) => [
      encoding,
      (bytes: Buffer) =>
        encoding === 'ascii85'
          ? `a85decode(b'${base85(bytes, digits).replace(/[\\']/g, '\\$&')}')`
          : `b"${base85(bytes, digits)}"`,
    ]),
  ),
};

function shown(bytes: Buffer): string {
  return [...bytes]
    .map((byte) =>
      /[^ -&(-[\]-~]/.test(char(byte)) ? `\\x${byte.toString(16).padStart(2, '0')}` : char(byte),
    )
    .join('');
}

function dumpOf(bytes: Buffer, group: (digits: string) => string): string {
  const rows = bytes
    .toString('hex')
    .padEnd(2 * bytes.length + (bytes.length % 2) * 2, '0')
    .match(/.{1,32}/g)!;
  const line = (row: string, at: number) =>
    `${(16 * at).toString(16).padStart(8, '0')}: ${row.match(/.{4}/g)!.map(group).join(' ')}  x y.z\n`;
  return `\n${rows.map(line).join('')}`;
}

/** Of mysqldump. */
const ESCAPES: Record<string, string> = { '\0': '0', '\n': 'n', '\r': 'r', '\x1a': 'Z' };

export const CASES: readonly Case[] = [
  { name: 'Firefox', make: () => blocks.buildMozilla(repeated), uses: /perl/ },
  { name: 'frames of Snappy', make: () => blocks.snappyFrames(repeated), uses: /perl/ },
  { name: 'Snappy of Java', make: () => blocks.snappyOfJava(repeated), uses: /perl/ },
  {
    name: 'a dump of MySQL',
    make: () => {
      const text = gzipSync(repeated)
        .toString('latin1')
        .replace(/[\0\n\r\x1a'"\\]/g, (one) => `\\${ESCAPES[one] ?? one}`);
      return Buffer.from(`VALUES (1,_binary '${text}','next');\n`, 'latin1');
    },
    uses: /perl/,
  },
  { name: 'iWork', make: () => buildIwa([repeated, repeated]), uses: /perl/ },
  { name: 'LZ4 of Java', make: () => buildLz4Java([repeated, repeated]), uses: /perl/ },
  { name: 'Snappy of Hadoop', make: () => buildHadoop([repeated, repeated], 'snappy'), uses: /perl/ },
  { name: 'LZ4 of Hadoop', make: () => buildHadoop([repeated, repeated], 'lz4'), uses: /perl/ },
  { name: 'Snappy of Cassandra', make: () => buildCassandra([repeated, repeated], 'snappy'), uses: /perl/ },
  { name: 'Redis', make: () => blocks.buildRedis(repeated), uses: /perl/ },
  {
    name: 'Avro in a zip',
    make: () =>
      buildZip([{ name: 'a', data: blocks.buildAvro('snappy', [Buffer.concat([block, Buffer.alloc(4)])]) }]),
    uses: /perl/,
  },
  {
    name: 'a dump of PostgreSQL',
    make: () => blocks.buildPgDump([deflateSync(repeated)], 50),
    uses: /perl/,
  },
  {
    name: 'an image of a disk in two files',
    make: () => Buffer.concat(buildEwf(Buffer.from(`${'x'.repeat(90_000)}\n${text}`), 2)),
    uses: /perl/,
  },
  { name: 'a table of PostgreSQL', make: () => buildHeap(repeated), uses: /perl/ },
  {
    name: 'a long value of PostgreSQL',
    make: () => buildToast(`${'x'.repeat(1980)}\n${text}`),
    uses: /perl/,
  },
  {
    name: 'the same, packed',
    make: () => buildToast(`${body('long', 4000)}\n${repeated}${'more\n'.repeat(400)}`, 'pglz'),
    uses: /perl/,
  },
  {
    name: 'a recording of a terminal',
    make: () =>
      [
        '{"version": 2, "width": 80, "height": 24}',
        ...[...`✓ \u0174 ${text}`].map((one) => JSON.stringify([0.5, 'o', one])),
      ].join('\n'),
    uses: /perl/,
  },
  { name: 'zlib', make: () => deflateSync(repeated) },
  ...Object.entries(SPELLED).map(([name, spell]) => ({
    name: `gzip, spelled as ${name}`,
    make: () => `x = ${spell(gzipSync(text))}\n`,
    uses: /perl/,
  })),
  { name: 'lzop', make: () => buildLzop(repeated) },
  { name: 'Kafka', make: () => blocks.buildKafka(3, [lz4(repeated)]) },
  {
    name: 'a tar.gz in an archive of Electron',
    make: () => blocks.buildAsar({ 'a.tgz': gzipSync(tarOf('x')) }),
  },
  {
    name: 'a script with a tar.gz',
    make: () => Buffer.concat([Buffer.from('#!/bin/sh\n'), gzipSync(tarOf('x'))]),
  },
  {
    name: 'a mailbox of Outlook',
    make: () => buildMailbox(Buffer.from(text)),
    uses: /perl/,
  },
  {
    name: 'a macro of Office',
    make: () => {
      const data = buildCompound('Module1', buildModule(text.repeat(2)));
      return buildZip([{ name: 'word/vbaProject.bin', data, method: 8 }]);
    },
    uses: /perl/,
  },
  {
    name: 'text of a PDF that is kerned',
    make: () => {
      const glyphs = [...`the key is ${token}`].map((one) => (one === '_' ? '-3(\\137)' : `(${one}) 9`));
      const content = `BT /F1 12 Tf 9 9 Td (a \\(title\\)) Tj 0 -14 TD [${glyphs.join('')}] TJ 1 0 0 1 9 9 Tm <41 4> Tj ET`;
      const pdf = [
        '%PDF-1.7\n1 0 obj <</Filter /FlateDecode>> stream\n',
        deflateSync(content),
        '\nendstream',
      ];
      return buildZip([
        { name: 'a.pdf', data: Buffer.concat(pdf.map((part) => Buffer.from(part as string))) },
      ]);
    },
    uses: /perl/,
  },
  {
    name: 'a value in several pages of SQLite',
    make: () => buildSqlite([`${'x'.repeat(700)}\n${text.padEnd(3000, 'y')}`], { pageSize: 512 }),
    uses: /perl/,
  },
  {
    name: 'a value in several pages of a log of SQLite, in a zip',
    make: () => {
      const data = buildSqliteLog([`${'x'.repeat(1000)}\n${text.padEnd(3000, 'y')}`], { pageSize: 512 });
      return buildZip([{ name: 'a.db-wal', data, method: 8 }]);
    },
    uses: /perl/,
  },
  {
    name: 'what was sent over a network',
    make: () =>
      buildCapture(chunkedAnswer(gzipSync(`${body('noise', 2000)}\n${text}`), 'gzip'), {
        order: (all) => all.reverse(),
      }),
    uses: /perl/,
  },
  {
    name: 'what was sent over IPv6, by DEFLATE alone',
    make: () =>
      buildCapture(chunkedAnswer(deflateRawSync(`${body('noise', 2000)}\n${text}`), 'deflate'), {
        version: 6,
        format: 'pcapng',
      }),
    uses: /perl/,
  },
  {
    name: 'a record of LevelDB in two blocks',
    make: () => blocks.buildRecordLog([Buffer.alloc(32_700, 'x'), Buffer.from(text.repeat(2))]),
    uses: /perl/,
  },
  {
    name: 'a subject that is encoded in two words',
    make: () =>
      `From: a@b\nSubject: ${[token.slice(0, 20), token.slice(20)].map((word) => `=?utf-8?B?${Buffer.from(word).toString('base64')}?=`).join('\n ')}\nMIME-Version: 1.0\n\nx\n`,
    uses: /perl/,
  },
  { name: 'a file', make: () => text },
  {
    name: 'zip',
    make: () => buildZip([{ name: 'a/.npmrc', data: text }]),
    uses: /unzip -p/,
  },
  {
    name: 'zip, stored',
    make: () => buildZip([{ name: '.npmrc', data: text, method: 0 }]),
  },
  {
    name: 'zip, the same name twice',
    make: () =>
      buildZip([
        { name: 'x', data: `first\n${text}` },
        { name: 'x', data: text },
      ]),
  },
  { name: 'zip by xz', make: () => zipped('-mm=xz') },
  { name: 'zip by bzip2', make: () => zipped('-mm=bzip2') },
  { name: 'zip by LZMA', make: () => zipped('-mm=lzma') },
  { name: 'zip by Deflate64', make: () => zipped('-mm=deflate64') },
  { name: 'tar', make: () => buildTar([{ name: 'a/.npmrc', data: text }]), uses: /tar -xOf/ },
  { name: 'tar.gz', make: () => gzipSync(buildTar([{ name: 'a/.npmrc', data: text }])) },
  {
    name: 'tar with names of pax and GNU',
    make: () =>
      Buffer.concat([
        buildTar([{ name: `long/${'n'.repeat(150)}`, data: text }], { dialect: 'pax', open: true }),
        buildTar([{ name: `gnu/${'m'.repeat(150)}`, data: text }], { dialect: 'gnu' }),
      ]),
  },
  { name: 'gz', make: () => gzipSync(text) },
  { name: 'xz', make: () => xz(text) },
  { name: 'lzma', make: () => lzma(text) },
  { name: 'bz2', make: () => bzip2(text) },
  { name: 'zst', make: () => zstd(text) },
  { name: 'lz4', make: () => lz4(text) },
  { name: 'brotli', make: () => brotliCompressSync(text), args: ['a.br'] },
  { name: 'Z', make: () => buildCompress(text) },
  { name: 'tar.zst', make: () => zstd(tarOf('.npmrc')) },
  { name: '7z', make: () => sevenZip({ '.npmrc': text }), uses: /7z x -so/ },
  { name: 'rar', make: () => buildRar('.npmrc', text) },
  { name: 'cab', make: () => buildCab('.npmrc', text) },
  { name: 'iso', make: () => buildIso(FILES) },
  { name: 'cpio', make: () => buildCpio('newc', FILES) },
  { name: 'xar', make: () => buildXar(FILES) },
  { name: 'rpm', make: () => buildRpm(gzipSync(buildCpio('newc', FILES))) },
  { name: 'ar', make: () => buildAr(FILES) },
  {
    name: 'deb, what it runs',
    make: () =>
      buildAr([
        { name: 'debian-binary', data: '2.0\n' },
        { name: 'control.tar.gz', data: gzipSync(tarOf('postinst')) },
        { name: 'data.tar.gz', data: gzipSync(buildTar([{ name: 'x', data: 'nothing' }])) },
      ]),
  },
  { name: 'lzh', make: () => buildLzh('.npmrc', text) },
  { name: 'szdd', make: () => buildSzdd(text) },
  { name: 'lzip', make: async () => buildLzip(text, await lzma(text)) },
  { name: 'uuencoded', make: () => buildUu('.npmrc', text) },
  { name: 'squashfs', make: () => buildSquashfs(FILES) },
  {
    name: 'a cab behind a program',
    make: () => Buffer.concat([Buffer.from('MZ'), Buffer.alloc(998), buildCab('.npmrc', text)]),
  },
  {
    name: 'a playground of TypeScript',
    make: () =>
      `https://www.typescriptlang.org/play?#code/${lzString(text).toString('base64').replace(/=+$/, '').replaceAll('/', '-')}\n`,
    uses: /perl/,
  },
  {
    name: 'bytes as characters in JSON',
    make: () => JSON.stringify({ events: [deflateSync(text).toString('latin1')] }),
    uses: /perl/,
  },
  { name: 'mail', make: () => mail('base64', Buffer.from(text).toString('base64')) },
  {
    name: 'mail in quoted-printable',
    make: () => mail('quoted-printable', text.replaceAll('_', '=5F')),
  },
  {
    name: 'nested three deep',
    make: () => sevenZip({ 'in.zip': buildZip([{ name: 'b.tar.gz', data: gzipSync(tarOf('app/.npmrc')) }]) }),
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
    make: () => Buffer.concat([Buffer.from('#!/bin/sh\nexit\n'), buildZip([{ name: '.npmrc', data: text }])]),
  },
  {
    name: 'a zip without a directory',
    make: () => buildZip([{ name: 'x', data: text }], { headless: true }),
  },
  ...HOSTILE.flatMap((name, index): Case[] => [
    {
      name: `zip with hostile name ${index}`,
      make: () => buildZip([{ name, data: text }]),
    },
    {
      name: `tar with hostile name ${index}`,
      make: () => buildTar([{ name: Buffer.from(name as Buffer), data: text }], { dialect: 'gnu' }),
    },
  ]),
];

const b64 = (bytes: Buffer | string) => Buffer.from(bytes as Buffer).toString('base64');
const wide = (from: string) => Buffer.from(from, 'utf16le');
const hex = (from: string) => Buffer.from(from).toString('hex');
/** Every form by the name in `via`. */
export const WRITTEN: readonly (readonly [string, string | Buffer])[] = [
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
  ...ENCODERS.filter(({ name, writing }) => writing === 'rare' || /xxd|hexdump/.test(name)).map(
    ({ name, encode }) => [name, encode(Buffer.from(`key = ${token} and more`))] as const,
  ),
  ['concatenation', `key = "${token.slice(0, 12)}" +\n      "${token.slice(12)}";\n`],
  ['concatenation in PHP', `$key = '${token.slice(0, 12)}' . '${token.slice(12)}';\n`],
  ['percent of base64', [...b64(text)].map((each) => `%${hex(each)}`).join('')],
];

function tarOf(name: string): Buffer {
  return buildTar([
    { name: 'other', data: 'x'.repeat(700) },
    { name, data: text },
  ]);
}

function zipped(method: string): Promise<Buffer> {
  return sevenZip({ '.npmrc': text }, { type: 'zip', args: [method] });
}

function mail(encoding: string, body: string): Buffer {
  const headers = `MIME-Version: 1.0\nContent-Type: text/plain; name="key.txt"\nContent-Transfer-Encoding: ${encoding}`;
  return Buffer.from(`From: a@example.org\n${headers}\n\n${body}\n`);
}
