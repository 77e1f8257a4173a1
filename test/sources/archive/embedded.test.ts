import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import * as builder from '../../../fixtures/archives/block-builder.js';
import { lz4 } from '../../../fixtures/archives/lz4-builder.js';
import { buildLzop } from '../../../fixtures/archives/lzo-builder.js';
import { buildCab, buildRar } from '../../../fixtures/archives/rare.js';
import { bzip2, sevenZip, xz } from '../../../fixtures/archives/seven-zip.js';
import { buildTar } from '../../../fixtures/archives/tar-builder.js';
import { buildZip } from '../../../fixtures/archives/zip-builder.js';
import { zstd } from '../../../fixtures/archives/zstd-encoder.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf, reasonsOf, unpackedPlacesOf } from '../collect.js';

const token = orgToken('embedded');
// What stands in front lets the token be cut up: its prefix is a copy.
const text = `keys begin with tg_org_, say the docs; tg_org_ it is\n${'one line more '.repeat(60)}\nkey=${token}\nrest ${'of it '.repeat(90)}`;
const other = Buffer.from('nothing to see in this one, nothing at all, it is the same again and again');

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
      expect(unpackedPlacesOf(token, seen)).toEqual([
        `a!stream at byte ${offset}`,
        `a!stream at byte ${second}`,
      ]);
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
    expect(unpackedPlacesOf(token, seen)).toHaveLength(1);
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
      expect(unpackedPlacesOf(token, seen)).not.toEqual([]);
      expect(seen.diagnostics).toEqual([]);
    }
  });

  test('a script: a zip that was cut short is not taken for text', async () => {
    const zip = buildZip(['in', 'last'].map((name) => ({ name, data: text, method: 8 })));
    for (let length = 80; length < zip.length; length += 7) {
      const seen = await collect(
        expanding(Buffer.concat([Buffer.from('#!/bin/sh\n'), zip.subarray(0, length)])),
      );
      expect(seen.diagnostics, `${length} bytes`).not.toEqual([]);
    }
  });
});

/** The format of LZ4 before frames, as kernels and what boots them still use it. */
function oldLz4(content: string): Buffer {
  const block = builder.lz4Block(content);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(block.length);
  return Buffer.concat([Buffer.from('02214c18', 'hex'), size, block, Buffer.alloc(4)]);
}
