import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import * as builder from '../../../fixtures/archives/block-builder.js';
import { buildHeap, buildToast } from '../../../fixtures/archives/heap-builder.js';
import { lz4 } from '../../../fixtures/archives/lz4-builder.js';
import { xz } from '../../../fixtures/archives/seven-zip.js';
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
import { collect, expanding, placesOf, reasonsOf, unpackedPlacesOf } from '../collect.js';

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
  'what Apple packed by LZ4': () => buildTrace(text).subarray(buildTrace(text).indexOf('bv41')),
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
      expect(unpackedPlacesOf(token, seen).length).toBeGreaterThan(0);
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

function borgChunk(kind: readonly number[], packed: Buffer): Buffer {
  return Buffer.concat([Buffer.from(kind), packed]);
}
