import { Readable } from 'node:stream';
import { deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { snappyOfJava } from '../../../fixtures/archives/block-builder.js';
import { bzip2 } from '../../../fixtures/archives/seven-zip.js';
import { buildTar } from '../../../fixtures/archives/tar-builder.js';
import { buildZip } from '../../../fixtures/archives/zip-builder.js';
import { Budget } from '../../../src/model/budget.js';
import type { Provenance } from '../../../src/model/provenance.js';
import { expand } from '../../../src/sources/archive/expand.js';
import { MemoryAccess } from '../../../src/sources/random-access.js';
import { ReadableStream } from '../../../src/sources/readable-stream.js';
import { Spool } from '../../../src/sources/spool.js';
import { randomNumbers } from '../../support/random.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf, reasonsOf } from '../collect.js';

const token = orgToken('carve');
const text = `${'a line of text, '.repeat(30)}${token}`;
const noise = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919 + (i >> 7) * 31) & 0xff));

test.each([
  ['zlib', deflateSync(text)],
  ['gzip', gzipSync(text)],
])('a %s stream in a binary is found at every kind of place', async (_, packed) => {
  for (const offset of [0, 1, 9000, 256 * 1024 - 5, 256 * 1024 - 600]) {
    const binary = Buffer.concat([
      Buffer.alloc(1),
      noise.subarray(0, offset),
      packed,
      noise.subarray(0, 5000),
    ]);
    const seen = await collect(expanding(buildZip([{ name: 'core', data: binary }])));
    expect(placesOf(token, seen)).toEqual([`a!core!stream at byte ${offset + 1}`]);
  }
});

test('the streams of a PDF are found, through a pipe too', async () => {
  const pdf = Buffer.concat([
    Buffer.from('%PDF-1.7\n1 0 obj <</Filter /FlateDecode>> stream\n'),
    deflateSync(text),
    Buffer.from('\nendstream'),
  ]);
  const seen = await collect(expanding(gzipSync(buildTar([{ name: 'a.pdf', data: pdf }])), { piped: true }));
  expect(placesOf(token, seen)).toEqual(['a!a.pdf!stream at byte 49']);
});

test('bytes outside of archives are carved when asked for', async () => {
  const binary = Buffer.concat([Buffer.alloc(9), deflateSync(text)]);
  expect(placesOf(token, await collect(expanding(binary)))).toEqual([]);
  expect(placesOf(token, await collect(expanding(binary, { deep: true })))).toEqual(['a!stream at byte 9']);
});

test('what has no NUL where it begins is carved as well', async () => {
  const letters = Buffer.from('\x01\xf3\x02\xe1\x05k'.repeat(500), 'latin1');
  const binary = Buffer.concat([letters, deflateSync(text)]);
  expect(placesOf(token, await collect(expanding(buildTar([{ name: 'b', data: binary }]))))).toEqual([
    'a!b!stream at byte 3000',
  ]);
});

/** A message of version 1 that holds others, up to those. */
function kafkaOf(length: number): string {
  const head = Buffer.alloc(34);
  head.writeInt32BE(length + 22, 8);
  head.set([1, 1], 16);
  head.writeInt32BE(-1, 26);
  head.writeInt32BE(length, 30);
  return head.toString('latin1');
}

test.each([
  ['a log of MySQL', '\xfebin\0\0'],
  ['JFFS2', '\x85\x19\x03\x20\x0c\0\0\0'],
  ['CMS', '\x30\x82\x10\0\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09\xa0'],
  ['MATLAB', 'MATLAB 5.0 MAT-file, Platform: GLNXA64'],
  ['partclone', 'partclone-image\0'],
  ['memory that AVML wrote', 'AVML\x02\0\0\0'],
  ['an image for a phone', 'ANDROID!'],
  [
    'a file of Hadoop',
    'SEQ\x06\x19org.apache.hadoop.io.Text\x19org.apache.hadoop.io.Text\x01\x01\x2aorg.apache.hadoop.io.compress.DefaultCodec',
  ],
  ['a machine that libvirt saved', 'LibvirtQemudSave\x02\0\0\0'],
  ['flows of mitmproxy', '5000:8:response;7:content;900:'],
  ['an older log of Kafka', kafkaOf(deflateSync(text).length + noise.length)],
  ['Proxmox', '\x31\xb9\x58\x42\x6f\xb6\xa3\x7f\0\0\0\0'],
  ['what btrfs sends', 'btrfs-stream\0\x02\0\0\0'],
  ['a back-up of MySQL', 'XBSTCK01\0P'],
  ['the log of macOS', '\0\x10\0\0\x11\0\0\0\xd0\0\0\0\0\0\0\0'],
  [
    'a table of InnoDB',
    `${'\0'.repeat(25)}\x08${'\0'.repeat(8)}\0\0\0\x07\0\0\0\x07\0\0\0\0\0\0\0\x06\0\0\0\x40${'\0'.repeat(1000)}`,
  ],
  ['a module of Erlang', 'FOR1\0\0\x10\0BEAMLitT\0\0\0\x40\0\0\0\x80'],
  ['terms of Erlang', '\x83P\0\0\x10\0'],
  ['joblib, before it had pickles', 'ZF0x1000             '],
  ['a chunk of Loki', '\0\0\0\x30\xff\x06\0\0sNaPpY'],
  ['an answer that pip keeps', 'cc=4,\x82\xa8response\x83\xa4body\xc5\x10\0'],
  ['an answer that older pip kept', 'cc=2,'],
  ['CMS without lengths', '\x30\x80\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09\xa0'],
])('what %s packs is found wherever it stands', async (_, mark) => {
  const seen = await collect(
    expanding(Buffer.concat([Buffer.from(mark, 'latin1'), deflateSync(text), noise])),
  );
  expect(placesOf(token, seen)).toEqual([`a!stream at byte ${mark.length}`]);
});

test.each([
  ['HG10', ''],
  ['HG20', '\0\0\0\x0eCompression=BZ'],
])('a bundle of Mercurial packed by bzip2 is read: %s', async (mark, parameters) => {
  const seen = await collect(
    expanding(Buffer.concat([Buffer.from(mark + parameters, 'latin1'), await bzip2(text)])),
  );
  expect(placesOf(token, seen)).toEqual([expect.stringMatching(/^a!stream at byte \d+/)]);
});

test('Snappy as Java frames it is found in other bytes', async () => {
  const long = `tokens begin with tg_org_: tg_org_ ${text} ${'again and again '.repeat(30)}`;
  const binary = Buffer.concat([noise.subarray(0, 999), snappyOfJava(long), noise.subarray(0, 999)]);
  expect(placesOf(token, await collect(expanding(buildZip([{ name: 'b', data: binary }]))))).toContainEqual(
    'a!b!stream at byte 999',
  );
});

test('a stream in a binary too long to hold in memory is found through a pipe', async () => {
  const binary = Buffer.concat([Buffer.alloc(20_000_000), deflateSync(text), Buffer.alloc(5000)]);
  const packed = gzipSync(buildTar([{ name: 'disk.img', data: binary }]), { level: 1 });
  const seen = await collect(expanding(packed, { piped: true, limits: { memory: 4_000_000 } }));
  expect(placesOf(token, seen)).toEqual(['a!disk.img!stream at byte 20000000']);
  expect(seen.units.find(({ path }) => path === 'a!disk.img')?.text.length).toBe(binary.length);
  expect(seen.diagnostics).toEqual([]);
});

test('a zip behind a long program is found through a pipe', async () => {
  const zip = buildZip([{ name: 'inside', data: text }]);
  const program = Buffer.concat([Buffer.from('#!/bin/sh\n'), Buffer.alloc(18_000_000, 'x'), zip]);
  const seen = await collect(expanding(program, { piped: true, chunk: 100_000 }));
  expect(placesOf(token, seen)).toEqual(['a!inside']);
});

test('what cannot be kept is searched as it is, and listed', async () => {
  const binary = Buffer.concat([Buffer.alloc(17_000_000), Buffer.from(token), deflateSync(text)]);
  const spool = new Spool(1000);
  spool.writer = () => ({
    write() {
      throw Object.assign(new Error(), { code: 'ENOSPC' });
    },
    end: () => new MemoryAccess(Buffer.alloc(0)),
  });
  const provenance: Provenance = { kind: 'file', path: 'a' };
  const content = new ReadableStream(Readable.from([binary]), provenance);
  const options = { budget: new Budget(), spool, history: false, deep: true };
  const units = () => expand({ type: 'unit', provenance, content }, options);
  const seen = await collect({ units });
  expect(placesOf(token, seen)).toEqual(['a']);
  expect(reasonsOf(seen)).toEqual(['budget a']);
});

test.each([
  ['<</Filter[/ASCII85Decode/FlateDecode]>>stream\n(((((~>endstream', 'corrupt a!stream at byte 55!content'],
  ['<</Filter/LZWDecode>>\nstream\r\n\x80\x7f\xff\xff', 'corrupt a!stream at byte 39'],
  ['<</Filter[/Crypt /FlateDecode]>>\nstream\n', 'encrypted a!stream at byte 49'],
  ['trailer <</Encrypt 12 0 R>>', 'encrypted a'],
  ['<</Filter/FlateDecode>>', undefined],
])('what of a PDF is not looked into is listed: %s', async (text, reason) => {
  const seen = await collect(expanding(Buffer.from(`%PDF-1.4\n${text}\n`), { deep: true }));
  expect(reasonsOf(seen)).toEqual(reason === undefined ? [] : [reason]);
});

test.each([
  ['LUKS\xba\xbe', 'encrypted a'],
  ['!BDN', 'unsupported a'],
  ['age-encryption.org/v1\n', 'encrypted a'],
  ['-----BEGIN AGE ENCRYPTED FILE-----\n', 'encrypted a'],
  ['U2FsdGVkX1', 'encrypted a'],
  ['VimCrypt~03!', 'encrypted a'],
  ['KWALLET\n\r\0\r\n', 'encrypted a'],
  ['GnomeKeyring\n\r\0\n', 'encrypted a'],
  ['\x10\x20\x31\0\0\0\x90**ACE**', 'unsupported a'],
  ['12345678DUCK', 'unsupported a'],
  ['qpress10', 'unsupported a'],
  ['UnityFS\0\0\0\0\x06', 'unsupported a'],
  ['\xeb\x76\x90EXFAT   ', 'unsupported a'],
  ['\0\0\0ReFS\0', 'unsupported a'],
  [`${'\0'.repeat(4096)}\xfc\x4e\x2b\xa9\x01\0\0\0`, 'unsupported a'],
  [`${'\0'.repeat(0x4018)}version\0\0\0\0\x08`, 'unsupported a'],
  [
    'SEQ\x06\x19org.apache.hadoop.io.Text\x19org.apache.hadoop.io.Text\x01\x01\x29org.apache.hadoop.io.compress.SnappyCodec',
    'unsupported a',
  ],
  ['\x01\0\0\x01\x000123456789abcdef\x83h\x0cd\0\x09db_header', 'unsupported a'],
  ['\0\0\0\0\0\x03\0\0\xac\xcb\xba\xf5\x02\0\0\0', 'unsupported a'],
  ['\x1a\0\0\x04\0\0', 'unsupported a'],
  ['\xd6\xc3\xc4\0\x05', 'unsupported a'],
  ['\x16\xd1\x16\xd1\x01', 'unsupported a'],
  ['MSSQLBAK', 'unsupported a'],
  ['HIBR\x01\0\0\0', 'unsupported a'],
  ['\x7fVirtualBox SavedState V2.0\n', 'unsupported a'],
  ['LVF\x09\r\n\xff\0', 'unsupported a'],
  ['\0\0\0\x7b0123456789TS', 'unsupported a'],
  ['FsA00001', 'unsupported a'],
  ['\x01\x02\x03\x04\0\0\xfc\0\0\0\0\x01BB02', 'unsupported a'],
  ['\xc3\xca\x04\xc1', 'unsupported a'],
  ['1234\xef\xcd\xab\x89\x20\x06\0\0', 'unsupported a'],
  ['\x31\x18\x10\x06', 'unsupported a'],
  ['bplist00\xd9\x01[ManifestKey\\BackupKeyBag', 'encrypted a'],
  ['{"created":"2026-01-01","kdf":"scrypt","N":1,"salt":"x","data":"y"}', 'encrypted a'],
  ['duplicacy\0\x01', 'encrypted a'],
  ['DELTA\nSVN\x02\0\0\x10', 'unsupported a'],
])('a container that is known and not read is listed: %j', async (mark, reason) => {
  const seen = await collect(expanding(Buffer.concat([Buffer.from(mark, 'latin1'), Buffer.alloc(600)])));
  expect(reasonsOf(seen)).toEqual([reason]);
});

test.each([
  ['a.7z.002', 'unsupported'],
  ['a.z01', 'corrupt'],
  ['a.r00', 'unsupported'],
])('a volume of an archive is listed by its name: %s', async (name, reason) => {
  const seen = await collect(expanding(Buffer.from('\x01\x02rest'), { name }));
  expect(reasonsOf(seen)).toEqual([`${reason} ${name}`]);
});

test('a stream is found however zlib packed it', async () => {
  const random = randomNumbers(21);
  const pick = (count: number) => Math.floor(random() * count);
  const parts = Array.from({ length: 400 }, (_, at) => {
    const letters = 1 + pick(60);
    const filler = Buffer.from(Array.from({ length: 40 + pick(3000) }, () => 32 + pick(letters)));
    const packed = deflateSync(Buffer.concat([filler, Buffer.from(` ${orgToken(`packed ${at}`)} `)]), {
      level: [-1, 1, 5, 6, 9][pick(5)]!,
      strategy: pick(5),
    });
    return Buffer.concat([noise.subarray(0, 50), packed]);
  });
  const seen = await collect(expanding(buildTar([{ name: 'core', data: Buffer.concat([noise, ...parts]) }])));
  const lost = parts.map((_, at) => at).filter((at) => placesOf(orgToken(`packed ${at}`), seen).length === 0);
  expect(lost).toEqual([]);
});
