import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import * as builder from '../../../fixtures/archives/block-builder.js';
import { buildHeap, buildToast } from '../../../fixtures/archives/heap-builder.js';
import { lz4 } from '../../../fixtures/archives/lz4-builder.js';
import { buildLzop } from '../../../fixtures/archives/lzo-builder.js';
import { buildCab, buildRar } from '../../../fixtures/archives/rare.js';
import { bzip2, sevenZip, xz } from '../../../fixtures/archives/seven-zip.js';
import { buildTar } from '../../../fixtures/archives/tar-builder.js';
import {
  buildBorg,
  buildCassandra,
  buildClickHouse,
  buildFirefoxCache,
  buildHadoop,
  buildHFile,
  buildIwa,
  buildLz4Java,
  buildTrace,
} from '../../../fixtures/archives/unmarked-builder.js';
import { buildZip } from '../../../fixtures/archives/zip-builder.js';
import { zstd } from '../../../fixtures/archives/zstd-encoder.js';
import { body, orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf, reasonsOf } from '../collect.js';

const token = orgToken('blocks');
// What stands in front lets the token be cut up: its prefix is a copy.
const text = `keys begin with tg_org_, say the docs; tg_org_ it is\n${'one line more '.repeat(60)}\nkey=${token}\nrest ${'of it '.repeat(90)}`;
// Cut within the token where a value of PostgreSQL is put into parts of 1,996 bytes.
const long = `tg_org_ ${body('long', 1960)}\nkey=${token}\n${body('more', 4000)}${'rest '.repeat(400)}`;
const other = Buffer.from('nothing to see in this one, nothing at all, it is the same again and again');

/** The same in pieces, cut within the token. */
const cutText = [text.slice(0, -570), text.slice(-570)];

const { snappyBlock, lz4Block } = builder;
const packed = { snappy: snappyBlock(text), lz4: lz4Block(text) };
const crc = Buffer.alloc(4);

/** Where it was unpacked: the stand-in for Zstandard leaves what it holds as it is. */
function unpackedPlaces(seen: Awaited<ReturnType<typeof collect>>): string[] {
  return placesOf(token, seen).filter((path) =>
    /!(?:.*!)?(?:content|block at|stream at|value at|data at|archive at|a|b)\b|!in/.test(path),
  );
}

const FILES: Readonly<Record<string, () => Buffer | Promise<Buffer>>> = {
  'a session of Firefox': () => builder.buildMozilla(text),
  'frames of Snappy': () => builder.snappyFrames(text),
  'frames of Snappy as Java writes them': () => builder.snappyOfJava(text),
  'a dump of Redis': () => builder.buildRedis(text.slice(0, 1200)),
  'a journal, LZ4': () =>
    builder.buildJournal([
      { flag: 0, data: other },
      { flag: 2, data: builder.withSize(packed.lz4, text.length) },
    ]),
  'a journal, Zstandard': () =>
    builder.buildJournal([
      { flag: 4, data: zstd(text) },
      { flag: 4, data: zstd(other) },
    ]),
  'a journal, xz': async () => builder.buildJournal([{ flag: 1, data: await xz(text) }]),
  'Avro, Snappy': () =>
    builder.buildAvro('snappy', [
      Buffer.concat([snappyBlock(other), crc]),
      Buffer.concat([packed.snappy, crc]),
    ]),
  'Avro, DEFLATE': () => builder.buildAvro('deflate', [deflateRawSync(other), deflateRawSync(text)]),
  'Avro, Zstandard': () => builder.buildAvro('zstandard', [zstd(text)]),
  'Parquet, Snappy': () =>
    builder.buildParquet(1, [
      { packed: snappyBlock(other), size: other.length },
      { packed: packed.snappy, size: text.length },
    ]),
  'Parquet, gzip': () => builder.buildParquet(2, [{ packed: gzipSync(text), size: text.length }]),
  'Parquet, Zstandard': () => builder.buildParquet(6, [{ packed: zstd(text), size: text.length }]),
  'Parquet, LZ4': () => builder.buildParquet(7, [{ packed: packed.lz4, size: text.length }]),
  'a table of LevelDB, Snappy': () => builder.buildTable(1, [snappyBlock(other), packed.snappy]),
  'a log of Kafka, gzip': () => builder.buildKafka(1, [gzipSync(other), gzipSync(text)]),
  'a log of Kafka, Snappy': () => builder.buildKafka(2, [builder.snappyOfJava(text)]),
  'a log of Kafka, Snappy alone': () => builder.buildKafka(2, [packed.snappy]),
  'a log of Kafka, LZ4': () => builder.buildKafka(3, [lz4(other), lz4(text)]),
  'a log of Kafka, Zstandard': () => builder.buildKafka(4, [zstd(text)]),
  'a dump of PostgreSQL': () => builder.buildPgDump([deflateSync(other), deflateSync(text)], 100),
  'a dump of PostgreSQL, LZ4': () => builder.buildPgDump([lz4(text)], 100),
  'a dump of PostgreSQL, Zstandard': () => builder.buildPgDump([zstd(text)], 100),
  'a table of PostgreSQL': () => buildHeap(text),
  'a table of PostgreSQL, LZ4': () => buildHeap(text, 'lz4'),
  'long values of PostgreSQL': () => buildToast(long),
  'long values of PostgreSQL, packed': () => buildToast(long, 'pglz'),
  'long values of PostgreSQL, LZ4': () => buildToast(long, 'lz4'),
  'an archive of Electron': () => builder.buildAsar({ a: other, 'b.gz': gzipSync(text) }),
  'a winmail.dat': () => builder.buildTnef(buildZip([{ name: 'a', data: text, method: 8 }])),
  'an entry of a cache, Brotli': () => builder.buildChromiumCache(brotliCompressSync(text), 'br'),
  'an entry of a cache, DEFLATE': () => builder.buildChromiumCache(deflateSync(text), 'deflate'),
  'an entry of a cache, a zip': () =>
    builder.buildChromiumCache(buildZip([{ name: 'in', data: text, method: 8 }]), ''),
  'a picture': () => builder.buildPng(text),
  'a table of WiredTiger, Snappy': () =>
    builder.buildWiredTiger(builder.withLength(packed.snappy), text.length),
  'a table of WiredTiger, Zstandard': () =>
    builder.buildWiredTiger(builder.withLength(zstd(text)), text.length),
  'a table of WiredTiger, zlib': () => builder.buildWiredTiger(deflateSync(text), text.length),
  'a journal of WiredTiger': () => builder.buildWiredTigerLog(builder.withLength(packed.snappy), text.length),
  'a column of ClickHouse': () => buildClickHouse([other.toString(), text]),
  'a table of Cassandra': () => buildCassandra(cutText),
  'a table of Cassandra, Snappy': () => buildCassandra(cutText, 'snappy'),
  'a document of iWork': () => buildIwa(cutText),
  'what Java packed by LZ4': () => buildLz4Java(cutText),
  'a file of Hadoop, Snappy': () => buildHadoop(cutText, 'snappy'),
  'a file of Hadoop, LZ4': () => buildHadoop(cutText, 'lz4'),
  'what Elasticsearch keeps of indices': () =>
    Buffer.concat([
      Buffer.from('\x3f\xd7\x6c\x17\x08metadata\0\0\0\x01DFL\0', 'latin1'),
      deflateRawSync(text),
      Buffer.alloc(16),
    ]),
  'a file of HBase, gzip': () => buildHFile([gzipSync(other), gzipSync(text)], [other.length, text.length]),
  'a file of HBase, Snappy': () =>
    buildHFile([buildHadoop([text], 'snappy'), buildHadoop(cutText, 'snappy')], [text.length, text.length]),
  'the log of macOS': () => buildTrace(text),
  'Snappy alone': () => packed.snappy,
  'an entry of Firefox’s cache': () => buildFirefoxCache(brotliCompressSync(text), 'br'),
  'a repository of Borg, LZ4': () =>
    buildBorg([Buffer.from([2, 0, 0, 65]), borgChunk([2, 1, 0], packed.lz4)]),
  'a repository of Borg, zlib': () => buildBorg([borgChunk([2], deflateSync(text))]),
  'a repository of Borg, Zstandard, with sums': () =>
    buildBorg([borgChunk([7, ...Buffer.alloc(32), 3, 0], zstd(text))]),
  'a value of IndexedDB in a table that is not packed': () =>
    builder.buildTable(0, [Buffer.concat([Buffer.from('05ff1102', 'hex'), packed.snappy, other])]),
  'an image of U-Boot': () =>
    Buffer.concat([Buffer.from('27051956'.padEnd(128, '0'), 'hex'), deflateSync(text)]),
  'what OpenPGP packed': () => builder.buildOpenPgp(text),
};

describe.each(Object.entries(FILES))('%s', (_, make) => {
  test('a token in it is found, also where it lies in something else', async () => {
    const bytes = await make();
    for (const [file, piped] of [
      [bytes, false],
      [bytes, true],
      [buildZip([{ name: 'in', data: bytes }]), false],
      [gzipSync(buildTar([{ name: 'in', data: bytes }])), true],
    ] as const) {
      const seen = await collect(expanding(file, { piped }));
      expect(unpackedPlaces(seen).length).toBeGreaterThan(0);
      expect(seen.diagnostics).toEqual([]);
    }
  });

  test('damage is listed or hides nothing', async () => {
    const bytes = await make();
    for (let cut = bytes.length - 1; cut > 20; cut -= Math.ceil(bytes.length / 40)) {
      const seen = await collect(expanding(bytes.subarray(0, cut)));
      expect(seen.units.length).toBeGreaterThan(0);
    }
  });
});

describe('messages of OpenPGP in letters', () => {
  const armored = (bytes: Buffer) =>
    `-----BEGIN PGP MESSAGE-----\nComment: x\n\n${bytes.toString('base64').replace(/.{64}/g, '$&\n')}\n=abcd\n-----END PGP MESSAGE-----\n`;

  test('what is only signed or packed is read, each of several', async () => {
    const file = Buffer.from(
      armored(builder.buildOpenPgp(other.toString())) + armored(builder.buildOpenPgp(text)),
    );
    for (const bytes of [file, gzipSync(file)]) {
      const seen = await collect(expanding(bytes));
      expect(placesOf(token, seen)).toEqual([expect.stringMatching(/message at byte \d+!block at byte 2$/)]);
      expect(seen.diagnostics).toEqual([]);
    }
  });

  test.each([
    ['8501', 'known'],
    ['d2c0', 'not known'],
  ])('what is encrypted is listed: %s', async (start) => {
    const bytes = Buffer.concat([
      Buffer.from(start, 'hex'),
      Buffer.from('0c03', 'hex'),
      Buffer.alloc(200, 1),
    ]);
    expect(reasonsOf(await collect(expanding(Buffer.from(armored(bytes)))))).toEqual([
      expect.stringMatching(/^encrypted a!message at byte/),
    ]);
  });
});

test.each([
  [32_000, 'lzf', 0, true],
  [2, 'shuffle', 8, true],
  [2, 'shuffle', 1, false],
  [7, 'lzf', 0, false],
])('a table of HDF5 that a filter packed is listed: %i %s %i', async (number, name, size, isListed) => {
  const filter = Buffer.alloc(24);
  filter.writeUInt16LE(number);
  filter.write(name, 8);
  filter.writeUInt32LE(size, 16);
  const seen = await collect(expanding(Buffer.concat([Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), filter])));
  expect(reasonsOf(seen)).toEqual(isListed ? ['unsupported a'] : []);
});

test('a repository of Borg that is encrypted is listed, once', async () => {
  const chunk = borgChunk([3], Buffer.alloc(100, 9));
  const seen = await collect(expanding(buildBorg([chunk, chunk])));
  expect(reasonsOf(seen)).toEqual(['encrypted a']);
});

test('what only begins like a block that has no mark is searched as it is', async () => {
  for (const bytes of [
    buildClickHouse([text]),
    buildCassandra([text]),
    buildHadoop([text], 'lz4'),
    buildIwa([text]),
    snappyBlock(text),
  ]) {
    for (let at = 0; at < bytes.length; at += 7) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 0x55;
      expect((await collect(expanding(damaged))).units.length).toBeGreaterThan(0);
    }
  }
});

test('pages of WiredTiger that are packed otherwise are listed', async () => {
  const seen = await collect(expanding(builder.buildWiredTiger(Buffer.alloc(500, 7), 900)));
  expect(reasonsOf(seen)).toEqual(['unsupported a']);
});

describe('records of a log that go on in another block', () => {
  // So that the block ends within the token.
  const filled = (size: number) => {
    const value = Buffer.from(`value ${token} rest ${'of it '.repeat(9000)}`);
    return [Buffer.alloc(32_768 - 2 * size - 26, '\0key and value'), value];
  };
  test.each([false, true])('the token is put together (RocksDB: %s)', async (isRocks) => {
    const log = builder.buildRecordLog(filled(isRocks ? 11 : 7), isRocks);
    for (const piped of [false, true]) {
      const seen = await collect(expanding(log, { piped }));
      expect(placesOf(token, seen)).toEqual([expect.stringContaining('a!record at byte ')]);
      expect(seen.diagnostics).toEqual([]);
    }
  });

  test('what does not add up is no such log, and damage costs only its block', async () => {
    const log = builder.buildRecordLog([...filled(7), Buffer.alloc(40_000), ...filled(7)]);
    for (let at = 32_768; at < log.length; at += 4099) {
      const damaged = Buffer.from(log);
      damaged.fill(0xff, at, at + 9);
      expect((await collect(expanding(damaged))).diagnostics).toEqual([]);
    }
    const wrong = builder.buildRecordLog(filled(7));
    wrong[9] = 1;
    expect(placesOf(token, await collect(expanding(wrong)))).toEqual([]);
  });
});

test('what somebody stuck on the end of a picture is read, in an archive too', async () => {
  const png = builder.buildPng('', gzipSync(text));
  for (const bytes of [png, buildTar([{ name: 'a.png', data: png }])])
    expect(placesOf(token, await collect(expanding(bytes)))).toHaveLength(1);
});

describe('streams that lie in other bytes', () => {
  const STREAMS: Readonly<Record<string, () => Buffer | Promise<Buffer>>> = {
    zstd: () => zstd(text),
    lz4: () => lz4(text),
    xz: () => xz(text),
  };
  test.each(Object.entries(STREAMS))('%s, twice, at any place', async (name, make) => {
    const stream = await make();
    for (const offset of [1, 256 * 1024 - 3]) {
      const core = Buffer.concat([
        Buffer.alloc(offset),
        stream,
        Buffer.alloc(5000, 1),
        stream,
        Buffer.alloc(9),
      ]);
      const seen = await collect(expanding(core, { deep: true }));
      const second = offset + stream.length + 5000;
      expect(unpackedPlaces(seen)).toEqual([`a!stream at byte ${offset}`, `a!stream at byte ${second}`]);
      expect(seen.units.at(-1)!.unit.provenance).toMatchObject({
        formats: ['stream', name],
        span: { start: second, end: second + stream.length },
      });
      expect(seen.diagnostics).toEqual([]);
    }
  });

  const ARCHIVES: Readonly<Record<string, () => Buffer | Promise<Buffer>>> = {
    bzip2: () => bzip2(text),
    lzop: () => buildLzop(text),
    'framed Snappy': () => builder.snappyFrames(text),
    'LZ4 of old': () => oldLz4(text),
    'a member of a zip': () => buildZip([{ name: 'a/b.txt', data: text, method: 8 }]).subarray(0, -30),
    '7z': () => sevenZip({ in: text }),
    rar: () => buildRar('in', text),
    cab: () => buildCab('in', text),
  };
  test.each(Object.entries(ARCHIVES))('%s, between other things', async (_, make) => {
    const core = Buffer.concat([Buffer.alloc(3000, '\x01\0'), await make(), Buffer.alloc(9000, '\x02\xf3')]);
    const seen = await collect(expanding(core, { deep: true }));
    const places = placesOf(token, seen).filter((place) => place !== 'a');
    expect(places).toContainEqual(expect.stringContaining('a!stream at byte 3000'));
    expect(reasonsOf(seen)).toEqual([]);
  });

  const PICTURES: Readonly<Record<string, string>> = {
    'a JPEG': '\xff\xd8\xff\xe1\0\x08\xff\xd8\xff\xd9..\xff\xda\xf3\0\xff\xd9',
    'a GIF': 'GIF89a\x01\0\x01\0\x80\0\0abcdef!\xfe\x03a;b\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;',
    'a WebP': 'RIFF\x0c\0\0\0WEBPVP8 \0\0\0\0',
    'a film': '\0\0\0\x10ftypmp42\0\0\0\0\0\0\0\x0cmdat7z\xbc\xaf',
  };
  test.each(Object.entries(PICTURES))('an archive behind %s is opened, on disk too', async (_, picture) => {
    const front = Buffer.from(picture, 'latin1');
    for (const archive of [await sevenZip({ in: text }), buildTar([{ name: 'in', data: gzipSync(text) }])]) {
      for (const gap of ['', '\0\n']) {
        const bytes = Buffer.concat([front, Buffer.from(gap), archive]);
        const seen = await collect(expanding(bytes));
        const place = `a!archive at byte ${front.length + gap.length}!in`;
        expect(placesOf(token, seen)).toEqual([expect.stringContaining(place)]);
        expect(seen.diagnostics).toEqual([]);
      }
      expect(
        (await collect(expanding(Buffer.concat([front, Buffer.from('no'), archive])))).units,
      ).toHaveLength(1);
    }
  });

  test('marks alone are no streams, and cost no lines', async () => {
    const marks = [
      ...['\x28\xb5\x2f\xfd', '\x04\x22\x4d\x18', '\xfd7zXZ\0', '\x02\x21\x4c\x18', 'BZh9', 'PK\x03\x04'],
      ...['7z\xbc\xaf\x27\x1c', 'Rar!\x1a\x07\0', 'MSCF\0\0\0\0', 'hsqs', '\xff\x06\0\0sNaPpY'],
    ].map((mark) => Buffer.from(mark, 'latin1'));
    const noise = marks.flatMap((mark) => [Buffer.alloc(3), mark, Buffer.alloc(40, 0xff), mark]);
    const seen = await collect(expanding(Buffer.concat([...noise, zstd(text)]), { deep: true }));
    expect(unpackedPlaces(seen)).toHaveLength(1);
    expect(seen.diagnostics).toEqual([]);
  });

  const HOLD: Readonly<Record<string, Buffer>> = {
    'a PDF': Buffer.from('%PDF-1.7\n'),
    'a capture of a network': Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex'),
    'a capture of the web': Buffer.from('WARC/1.0\r\n\r\n'),
    'a table of HDF5': Buffer.from('\x89HDF\r\n\x1a\n\0\0', 'latin1'),
    'a back-up of Android': Buffer.from('ANDROID BACKUP\n5\n1\nnone\n'),
    'zlib by itself': Buffer.alloc(0),
    'a revlog of Mercurial': Buffer.concat([
      Buffer.from('000300010000000000000060', 'hex'),
      Buffer.alloc(12),
      Buffer.alloc(8, 0xff),
      Buffer.alloc(20, 0xab),
      Buffer.alloc(12),
    ]),
    'a pack of Bazaar': Buffer.from('Bazaar pack format 1 (introduced in 0.18)\nB90\nname\n\n'),
    'revisions of Subversion': Buffer.from('DELTA 12 0 345\nSVN\x01\0\0\x81\x10\x05\x40', 'latin1'),
    'a database of SQLite': Buffer.from(`SQLite format 3\0\x10\0${'\0'.repeat(90)}`, 'latin1'),
  };
  test.each(Object.entries(HOLD))('%s is opened wherever it stands', async (_, head) => {
    const seen = await collect(expanding(Buffer.concat([head, deflateSync(text)])));
    expect(placesOf(token, seen)).toEqual([`a!stream at byte ${head.length}`]);
    expect(seen.diagnostics).toEqual([]);
  });

  test('what Mercurial keeps apart is told by its name, whatever it begins with', async () => {
    for (const first of [Buffer.from(`u${'a'.repeat(40)}\n`), deflateSync('first'), zstd(other)]) {
      const file = Buffer.concat([first, deflateSync(text), Buffer.from('u')]);
      for (const name of ['.hg/store/data/a.d', 'x/.hg/store/00changelog.d']) {
        const seen = await collect(expanding(file, { name }));
        expect(placesOf(token, seen)).toEqual([`${name}!stream at byte ${first.length}`]);
        expect(seen.diagnostics).toEqual([]);
      }
    }
  });

  test('a zip stuck on behind a picture is read, too', async () => {
    const file = Buffer.concat([builder.buildPng('x'.repeat(99)), buildZip([{ name: 'in', data: text }])]);
    expect(placesOf(token, await collect(expanding(file)))).toEqual(['a!in']);
  });
});

describe('what lies behind', () => {
  test.each([
    ['tar.gz', () => gzipSync(buildTar([{ name: 'in', data: text }]))],
    ['tar', () => buildTar([{ name: 'in.gz', data: gzipSync(text) }])],
    ['xz', () => xz(text)],
    ['zstd', () => zstd(text)],
  ] as const)('a script: %s', async (_, make) => {
    const file = Buffer.concat([Buffer.from('#!/bin/sh\ntail -n +3 "$0" | tar x\n'), await make()]);
    for (const piped of [false, true]) {
      const seen = await collect(expanding(file, { piped }));
      expect(unpackedPlaces(seen)).not.toEqual([]);
      expect(seen.diagnostics).toEqual([]);
    }
  });
});

describe('what is known and not read is listed', () => {
  const at = (offset: number, mark: string) => {
    const bytes = Buffer.alloc(0x11000);
    bytes.write(mark, offset, 'latin1');
    return bytes;
  };
  const KNOWN: Readonly<Record<string, readonly [string, Buffer]>> = {
    XFS: ['unsupported', at(0, 'XFSB')],
    Btrfs: ['unsupported', at(0x10040, '_BHRfS_M')],
    LVM: ['unsupported', at(512, 'LABELONE')],
    BitLocker: ['encrypted', at(0, '\xeb\x58\x90-FVE-FS-')],
    ORC: ['unsupported', at(0, 'ORC')],
    Lucene: ['unsupported', at(0, '\x3f\xd7\x6c\x17\x1cLucene90StoredFieldsFastData')],
    'OpenPGP, for a key': ['encrypted', at(0, '\x85\x02\x0c\x03abcdefgh\x01')],
    'OpenPGP, for a password': ['encrypted', at(0, '\x8c\x0d\x04\x09\x03\x02')],
    CMS: ['encrypted', at(0, '\x30\x82\x01\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03')],
  };
  test.each(Object.entries(KNOWN))('%s', async (_, [reason, bytes]) => {
    for (const piped of [false, true]) {
      expect(reasonsOf(await collect(expanding(bytes, { piped })))).toEqual([`${reason} a`]);
    }
  });

  test.each([
    ['Avro of an unknown codec', () => builder.buildAvro('lz5', [other])],
    ['Parquet of an unknown codec', () => builder.buildParquet(3, [{ packed: other, size: 99 }])],
    ['a table of Pebble', () => Buffer.concat([Buffer.alloc(600), Buffer.from('🪳🪳')])],
    ['a table of RocksDB', () => Buffer.concat([Buffer.alloc(600), Buffer.from('f7cff485b741e288', 'hex')])],
  ] as const)('%s', async (_, make) => {
    expect(reasonsOf(await collect(expanding(make())))).toEqual(['unsupported a']);
  });

  test('packed files in a file system that is not read are found', async () => {
    const disk = Buffer.concat([at(0, 'XFSB'), gzipSync(text), Buffer.alloc(4096)]);
    expect(placesOf(token, await collect(expanding(disk)))).toHaveLength(1);
  });
});

/** The format of LZ4 before frames, as kernels and what boots them still use it. */
function oldLz4(content: string): Buffer {
  const block = builder.lz4Block(content);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(block.length);
  return Buffer.concat([Buffer.from('02214c18', 'hex'), size, block, Buffer.alloc(4)]);
}

function borgChunk(kind: readonly number[], packed: Buffer): Buffer {
  return Buffer.concat([Buffer.from(kind), packed]);
}
