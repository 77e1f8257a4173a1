import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  buildArrowFile,
  buildArrowStream,
  columnOf,
  packedBuffer,
} from '../../../fixtures/archives/arrow-builder.js';
import * as blocks from '../../../fixtures/archives/block-builder.js';
import { buildCapture, chunkedAnswer } from '../../../fixtures/archives/capture-builder.js';
import { buildCompound } from '../../../fixtures/archives/compound-builder.js';
import { buildEwf } from '../../../fixtures/archives/ewf-builder.js';
import { buildHeap, buildToast } from '../../../fixtures/archives/heap-builder.js';
import { dockerSave, ociLayout } from '../../../fixtures/archives/image-builder.js';
import { buildLzop } from '../../../fixtures/archives/lzo-builder.js';
import { buildModule } from '../../../fixtures/archives/macro-builder.js';
import { buildMailbox } from '../../../fixtures/archives/mailbox-builder.js';
import {
  generator,
  mutatedBytes,
  mutatedJson,
  mutatedLines,
  type Random,
} from '../../../fixtures/archives/mutate.js';
import { buildCab, buildCompress, buildUu } from '../../../fixtures/archives/rare.js';
import { buildSqlite, buildSqliteLog } from '../../../fixtures/archives/sqlite-builder.js';
import { buildTar, paxRecord, type TarMemberSpec } from '../../../fixtures/archives/tar-builder.js';
import {
  buildBorg,
  buildCassandra,
  buildClickHouse,
  buildFirefoxCache,
  buildHadoop,
  buildIwa,
  buildLz4Java,
} from '../../../fixtures/archives/unmarked-builder.js';
import { buildZip } from '../../../fixtures/archives/zip-builder.js';
import { zstd } from '../../../fixtures/archives/zstd-encoder.js';
import { parseListing } from '../../../src/sources/archive/seven-zip-listing.js';
import { XxHash32 } from '../../../src/sources/archive/xxhash.js';
import { collect, type ExpandingOptions, expanding } from '../collect.js';

/** How long each target runs; `npm run fuzz` runs a campaign, from a round on that FUZZ_FROM names. */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 2);
const FROM = Number(process.env.FUZZ_FROM ?? 0);
const LIMITS = { ratio: 200, ratioFloor: 4_000_000, memory: 8_000_000 };
const SLOWEST = 10_000;
const text = 'words of a file '.repeat(200);

interface Target {
  /** One input; the same for the same numbers. */
  readonly input: (random: Random) => Buffer;
  readonly options?: ExpandingOptions;
  /** Rounds in which something was found once: they are run first, for good. */
  readonly regressions?: readonly number[];
}

const ZIP = buildZip([
  { name: 'a', data: text },
  { name: 'b', data: text, method: 0 },
  {
    name: 'c',
    data: buildZip([{ name: 'd', data: text, descriptor: true }]),
    extra: Buffer.from([1, 0, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8]),
  },
]);
const TAR = buildTar(
  [
    { name: 'x', type: 'x', data: paxRecord('size', '3200') },
    { name: 'n'.repeat(140), data: text },
    { name: 'l', type: '2', link: 'x' },
    { name: 'repo/.git/objects/pack/p.pack', data: 'PACK' },
    { name: 'repo/.git/HEAD', data: 'ref: refs/heads/main\n' },
  ],
  { dialect: 'pax' },
);
const GZIP = Buffer.concat([
  gzipSync(text),
  gzipSync(text.repeat(20), { level: 1 }),
  gzipSync(buildTar([{ name: 'a', data: text }])),
]);
const MAIL = [
  'From a@example.org Thu Jan  1 00:00:00 2026',
  'From: a@example.org',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed;',
  '  boundary="outer"',
  '',
  '--outer',
  'Content-Type: message/rfc822',
  '',
  'Content-Type: multipart/alternative; boundary=inner',
  '',
  '--inner',
  'Content-Type: application/zip; name="a.zip"',
  'Content-Transfer-Encoding: base64',
  '',
  ...ZIP.toString('base64').match(/.{1,76}/g)!,
  '--inner--',
  '--outer',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'key=3Dvalue=',
  ' goes on=20',
  '--outer--',
  ...buildUu('a.txt', text.slice(0, 200)).toString().split('\n'),
  '',
].join('\n');

const SNAPPY = blocks.snappyBlock(text);
const LZ4 = blocks.lz4Block(text);
const BLOCKS: readonly Buffer[] = [
  blocks.buildMozilla(text),
  blocks.snappyFrames(text),
  buildLzop(text),
  blocks.snappyOfJava(text),
  blocks.buildRedis(text.slice(0, 900)),
  blocks.buildJournal([
    { flag: 2, data: blocks.withSize(LZ4, text.length) },
    { flag: 4, data: zstd(text) },
  ]),
  blocks.buildAvro('snappy', [SNAPPY, SNAPPY]),
  blocks.buildAvro('deflate', [deflateRawSync(text)]),
  ...[1, 7].map((codec) =>
    blocks.buildParquet(codec, [{ packed: codec === 1 ? SNAPPY : LZ4, size: text.length }]),
  ),
  blocks.buildAvro(
    'deflate',
    [deflateRawSync(Buffer.concat([blocks.avroText(text), blocks.avroText('end')]))],
    {
      schema:
        '{"type":"record","name":"R","fields":[{"name":"a","type":"string"},{"name":"b","type":"string"}]}',
    },
  ),
  ...[6, 7].map((encoding) => {
    const page = blocks.parquetTexts([text.slice(0, 60), text.slice(0, 90)], encoding === 7);
    return blocks.buildParquet(0, [{ packed: page, size: page.length, encoding }]);
  }),
  blocks.buildTable(1, [SNAPPY, SNAPPY]),
  blocks.buildKafka(1, [gzipSync(text), gzipSync(text)]),
  blocks.buildKafka(2, [blocks.snappyOfJava(text)]),
  blocks.buildPgDump([deflateSync(text), zstd(text)], 30),
  blocks.buildAsar({ a: Buffer.from(text), b: gzipSync(text) }),
  blocks.buildTnef(ZIP),
  blocks.buildPng(text),
  blocks.buildOpenPgp(text),
  blocks.buildChromiumCache(brotliCompressSync(text), 'br'),
  blocks.buildRecordLog([Buffer.alloc(32_000, 'x'), Buffer.from(text)]),
  buildEwf(Buffer.from(text.repeat(12)))[0]!,
  Buffer.from(
    `-----BEGIN PGP MESSAGE-----\n\n${blocks.buildOpenPgp(text).toString('base64')}\n=abcd\n-----END PGP MESSAGE-----\n`,
  ),
  Buffer.from(
    `{"version":2,"width":80}\n[0.1,"o","\\u0041${text.slice(0, 40).replace(/\n/g, ' ')}"]\n[0.2, "i", "b"]\n`,
  ),
  buildClickHouse([text, text]),
  buildCassandra([text, text]),
  buildCassandra([text, text], 'snappy'),
  buildIwa([text, text]),
  buildLz4Java([text, text]),
  buildHadoop([text, text], 'snappy'),
  buildHadoop([text, text], 'lz4'),
  buildFirefoxCache(brotliCompressSync(text), 'br'),
  buildBorg([Buffer.concat([Buffer.from([2, 1, 0]), LZ4])]),
  buildHeap(text),
  buildHeap(text, 'lz4'),
  buildToast(text.repeat(2)),
  buildToast(text.repeat(30), 'pglz'),
  blocks.buildWiredTiger(blocks.withLength(SNAPPY), text.length),
  blocks.buildWiredTigerLog(blocks.withLength(SNAPPY), text.length),
  buildArrowFile(columnOf([text, 'a', text.slice(0, 99)])),
  buildArrowStream(
    columnOf([text, 'a', text.slice(0, 99)]).map((buffer) => packedBuffer(buffer, zstd)),
    1,
  ),
  buildCapture(chunkedAnswer(gzipSync(text), 'gzip')),
  buildCapture(chunkedAnswer(brotliCompressSync(text), 'br'), { version: 6, format: 'pcapng' }),
  chunkedAnswer(deflateRawSync(text), 'deflate'),
  Buffer.concat([
    Buffer.from('GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n\x81\x85abcdefghi\xc1\x7e\x01\x00', 'latin1'),
    deflateRawSync(text).subarray(0, 256),
  ]),
];
const WIRE = [
  '0008NAK\n',
  '0007\x02..',
  '0018\x01PACK\0\0\0\x02\0\0\0\x01\x35x\x9c',
  '000b\x01KLJN',
  '0006\x01I',
  '0000',
];

const TARGETS: Readonly<Record<string, Target>> = {
  zip: { input: (random) => mutatedBytes(ZIP, random) },
  'zip, encrypted': {
    input: (random) =>
      mutatedBytes(
        buildZip([
          { name: 'a', data: text, flags: 1 },
          { name: 'b', data: text, flags: 1, method: 99 },
        ]),
        random,
      ),
    options: { passwords: ['a', 'b', 'c'] },
  },
  'zip behind a program': {
    input: (random) => Buffer.concat([Buffer.from('#!/bin/sh\n'), mutatedBytes(ZIP, random)]),
  },
  tar: { input: (random) => mutatedBytes(TAR, random) },
  'what git sent': { input: (random) => mutatedBytes(Buffer.from(WIRE.join(''), 'latin1'), random) },
  // A header that does not add up is passed over; so most changes of a tar would end there.
  'tar with checksums that fit': { input: (random) => withTarChecksums(mutatedBytes(TAR, random)) },
  gzip: { input: (random) => mutatedBytes(GZIP, random) },
  brotli: {
    input: (random) => mutatedBytes(brotliCompressSync(text.repeat(9)), random),
    options: { name: 'a.br' },
  },
  lz4: { input: (random) => mutatedBytes(lz4(random), random) },
  'lz4 with a checksum that fits': { input: (random) => withLz4Checksum(mutatedBytes(lz4(random), random)) },
  compress: {
    input: (random) => {
      const packed = buildCompress(text.repeat(3), { mostBits: 10 + random(7), clearEvery: 1 + random(900) });
      return mutatedBytes(packed, random);
    },
  },
  mail: { input: (random) => Buffer.from(mutatedLines(MAIL, random)) },
  'mail, byte by byte': { input: (random) => mutatedBytes(Buffer.from(MAIL), random) },
  uuencode: { input: (random) => Buffer.from(mutatedLines(buildUu('a', text).toString(), random)) },
  carve: { input: (random) => mutatedBytes(opaque(random), random), options: { deep: true } },
  blocks: { input: (random) => mutatedBytes(BLOCKS[random(BLOCKS.length)]!, random) },
  'an archive behind a program': {
    input: (random) =>
      Buffer.concat([
        Buffer.from('MZ'),
        Buffer.alloc(998),
        mutatedBytes(buildCab('a', text.slice(0, 300)), random),
      ]),
  },
  'pages of a PDF': {
    input: (random) => {
      const content =
        `BT /F1 9 Tf 9 9 Td [(${text.slice(0, 200)}\\137)-3<4142>-300(a)] TJ 0 -1 TD (b\\)) ' ET `.repeat(3);
      const codes =
        'begincodespacerange <00> <ff> endcodespacerange beginbfchar <41> <005f> endbfchar beginbfrange <42> <60> <0061> <61> <62> [<0041> <0042>] endbfrange';
      const streams = [content, codes, content].map((each) =>
        deflateSync(mutatedBytes(Buffer.from(each), random)),
      );
      const filters = ['ASCII85Decode', 'AHx', 'LZW', 'RL', 'A85/Fl'];
      const written = filters.map(
        (filter) => `<</Filter [/${filter}]>>stream\n${content.slice(0, 90)}~>\nendstream\n`,
      );
      return Buffer.concat([
        Buffer.from('%PDF-1.4\n'),
        ...streams,
        mutatedBytes(Buffer.from(written.join('')), random),
      ]);
    },
    options: { deep: true },
  },
  'macros of Office': {
    input: (random) => buildCompound('Module1', mutatedBytes(buildModule(text.slice(0, 600), 50), random)),
  },
  'a mailbox of Outlook': { input: (random) => mutatedBytes(buildMailbox(Buffer.from(text)), random) },
  SQLite: {
    input: (random) => {
      const build = random(3) === 0 ? buildSqliteLog : buildSqlite;
      return mutatedBytes(build([text, text.slice(0, 1500)], { pageSize: 512 << random(3) }), random);
    },
  },
  image: {
    input: (random) => buildTar(withDocuments(random(2) === 0 ? DOCKER : OCI, random)),
  },
  'what shows further in': { input: (random) => mutatedBytes(disk(random), random) },
};

describe.each(Object.entries(TARGETS))('%s', (name, { input, options, regressions = [] }) => {
  const run = async (round: number) => {
    const random = generator(seedOf(name) + round);
    const bytes = input(random);
    const started = Date.now();
    const seen = await collect(
      expanding(bytes, { ...options, limits: LIMITS, piped: random(2) === 0, chunk: 1 + random(5000) }),
    );
    expect(seen.units.length + seen.diagnostics.length, `round ${round}`).toBeGreaterThan(0);
    expect(Date.now() - started, `round ${round}`).toBeLessThan(SLOWEST);
  };

  test('the regressions that rounds found before stay fixed', async () => {
    for (const round of regressions) await run(round);
  });

  test(
    'no damage makes the reader throw, hang, or say that nothing is wrong',
    async () => {
      const end = Date.now() + SECONDS * 1000;
      let round = FROM;
      for (; Date.now() < end; round++) {
        try {
          await run(round);
        } catch (error) {
          throw new Error(`round ${round}`, { cause: error });
        }
      }
      if (process.env.FUZZ_SECONDS !== undefined)
        process.stdout.write(`${name}: rounds ${FROM} to ${round}\n`);
    },
    SECONDS * 1000 + 30_000,
  );
});

test('no listing makes its parser throw', () => {
  const listing =
    '--\nPath = /archive\n\n----------\nPath = a\nSize = 3\nEncrypted = -\n\nPath = b\nSize = \nFolder = +\n';
  const end = Date.now() + SECONDS * 500;
  for (let round = FROM; Date.now() < end; round++) {
    const random = generator(round);
    const members = parseListing(mutatedLines(listing, random));
    for (const { size } of members) expect(size === undefined || typeof size === 'number').toBe(true);
  }
});

/** Frames of every kind, and one that decoders skip. */
function lz4(random: Random): Buffer {
  const skipped = Buffer.from('502a4d1804000000aabbccdd', 'hex');
  const legacy = Buffer.concat([Buffer.from('02214c18', 'hex'), block(literals(text.slice(0, 100)))]);
  const frame = (flags: number, sizes: number) =>
    withLz4Checksum(
      Buffer.concat([
        Buffer.from([4, 0x22, 0x4d, 0x18, flags, sizes, ...(flags & 8 ? Buffer.alloc(8) : []), 0]),
        block(literals(text.slice(0, 300))),
        ...(flags & 16 ? [Buffer.alloc(4)] : []),
        stored(text.slice(0, 200)),
        ...(flags & 16 ? [Buffer.alloc(4)] : []),
        Buffer.alloc(4),
        ...(flags & 4 ? [Buffer.alloc(4)] : []),
      ]),
    );
  const frames = [
    frame(0x40, 0x40),
    frame(0x60, 0x70),
    frame(0x4c, 0x50),
    frame(0x58, 0x40),
    skipped,
    legacy,
  ];
  const first = frames[random(4)]!;
  return Buffer.concat([first, ...frames.filter(() => random(2) === 0)]);
}

/** A sequence of literals alone, and one that repeats what came before. */
function literals(from: string): Buffer {
  const data = Buffer.from(from);
  const length = (value: number) => [
    ...Buffer.alloc(Math.floor((value - 15) / 255), 255),
    (value - 15) % 255,
  ];
  return Buffer.concat([
    Buffer.from([0xff, ...length(data.length)]),
    data,
    Buffer.from([16, 0, 5]),
    Buffer.from([0x50]),
    data.subarray(0, 5),
  ]);
}

function block(packed: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(packed.length);
  return Buffer.concat([size, packed]);
}

function stored(from: string): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE((from.length | 0x80000000) >>> 0);
  return Buffer.concat([size, Buffer.from(from)]);
}

function withLz4Checksum(bytes: Buffer): Buffer {
  if (bytes.length < 20 || bytes.readUInt32LE(0) !== 0x184d2204) return bytes;
  const end = bytes[4]! & 8 ? 14 : 6;
  bytes[end] = (new XxHash32().update(Buffer.from(bytes.subarray(4, end))).digest() >>> 8) & 0xff;
  return bytes;
}

function withTarChecksums(bytes: Buffer): Buffer {
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    const header = bytes.subarray(at, at + 512);
    if (header.toString('latin1', 257, 262) !== 'ustar') continue;
    header.fill(0x20, 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  }
  return bytes;
}

/** Streams of zlib and gzip in bytes of nothing, some of them beginnings alone. */
function opaque(random: Random): Buffer {
  const parts = [
    deflateSync(text),
    gzipSync(text),
    deflateSync(ZIP),
    gzipSync(GZIP),
    zstd(text),
    blocks.snappyFrames(text),
    buildLzop(text),
    buildCab('a', text.slice(0, 300)),
    ZIP,
    Buffer.from('BZh91AY&SY'),
    Buffer.from('02214c18ff000000', 'hex'),
    Buffer.from('28b52ffd', 'hex'),
    Buffer.from('04224d18', 'hex'),
    Buffer.from([0x78, 0x9c]),
    Buffer.from([0x1f, 0x8b, 8, 8]),
  ];
  return Buffer.concat([
    Buffer.alloc(1 + random(40)),
    ...parts.flatMap((part) => (random(2) === 0 ? [part, Buffer.alloc(random(9))] : [])),
  ]);
}

const LAYERS = { layers: [[{ name: 'a/b', data: text }], [{ name: 'a/.wh.b' }], [{ name: '.wh..wh..opq' }]] };
const DOCKER = dockerSave(LAYERS);
const OCI = ociLayout(LAYERS);

function withDocuments(members: readonly TarMemberSpec[], random: Random): TarMemberSpec[] {
  return members.map((member) => {
    const data = String(member.data ?? '');
    return /^[[{]/.test(data) && random(3) === 0
      ? { ...member, data: mutatedJson(data, random) }
      : { ...member };
  });
}

/** The marks of disks, in a disk of nothing. */
function disk(random: Random): Buffer {
  const bytes = Buffer.alloc(0x9000);
  const marks: readonly (readonly [number, string])[] = [
    [3, 'NTFS    '],
    [54, 'FAT16'],
    [510, '\x55\xaa'],
    [512, 'EFI PART\0\0\x01\0'],
    [1024, 'H+\0\x04'],
    [1080, '\x53\xef'],
    [0x8001, 'CD001'],
    [0x9000 - 512, 'conectix'],
    [2, '-lh5-'],
  ];
  bytes.writeUInt16LE(512, 11);
  const chosen = random(marks.length);
  for (const [at, mark] of [marks[chosen]!, marks[2]!]) bytes.write(mark, at, 'latin1');
  return bytes;
}

function seedOf(name: string): number {
  return [...name].reduce((sum, character) => Math.imul(sum, 31) + character.charCodeAt(0), 7) >>> 8;
}
