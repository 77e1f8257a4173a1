import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import * as builder from '../../../fixtures/archives/block-builder.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf, reasonsOf } from '../collect.js';

const token = orgToken('unread');
const text = `key=${token}\n${'one line more '.repeat(60)}\n`;
const other = Buffer.from('nothing to see in this one, nothing at all, it is the same again and again');

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
