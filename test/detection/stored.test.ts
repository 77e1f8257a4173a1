import { describe, expect, test } from 'vitest';
import { createDetector } from '../../src/detection/detector.js';
import type { Match } from '../../src/model/match.js';
import { RULES } from '../../src/rules/builtin.generated.js';
import { body, orgToken } from '../support/tokens.js';

const detector = createDetector(RULES);

function texts(matches: readonly Match[], wanted = 'high'): string[] {
  return matches.filter(({ confidence }) => confidence === wanted).map(({ secret }) => secret.reveal());
}

type Bytes = string | readonly number[] | Buffer;
const join = (...parts: Bytes[]) =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  );

function varint(value: number): number[] {
  return value < 128 ? [value] : [128 | (value >> 7), value & 127];
}

/** A cell of a table's leaf, or of an index without the ID of its row (sqlite.org/fileformat2, 1.6 and 2.1). */
function cell(
  values: readonly (string | number | null)[],
  row: number | undefined,
  write: (text: string) => Buffer = Buffer.from,
): Buffer {
  const types = values.flatMap((value) =>
    value === null ? [0] : typeof value === 'number' ? [4] : varint(13 + 2 * write(value).length),
  );
  const contents = values.map((value) => {
    if (typeof value === 'string') return write(value);
    const bytes = Buffer.alloc(value === null ? 0 : 4);
    if (value !== null) bytes.writeInt32BE(value);
    return bytes;
  });
  const record = join([types.length + 1], types, ...contents);
  return join(varint(record.length), row === undefined ? [] : varint(row), record);
}

/** A text between what says how long it is (Redis, listpack.c). */
function entry(text: string): Buffer {
  const { length } = text;
  const header = length < 0x40 ? [0x80 | length] : [0xe0 | (length >> 8), length & 255];
  const total = length + header.length;
  return join(header, text, total < 0x80 ? [total] : [total >> 7, 0x80 | (total & 127)]);
}

const four = (value: number, isBig = false) =>
  isBig ? [0, 0, value >> 8, value & 255] : [value & 255, value >> 8, 0, 0];

/** A value that PostgreSQL keeps as `jsonb` (jsonb.h): keys and then values, in a row, behind entries that say how long each is. */
function jsonb(texts: readonly string[], isObject: boolean): Buffer {
  const header = Buffer.alloc(4 + 4 * texts.length);
  header.writeUInt32LE((isObject ? 0x2000_0000 + texts.length / 2 : 0x4000_0000 + texts.length) >>> 0);
  for (const [index, text] of texts.entries()) header.writeUInt32LE(text.length, 4 + 4 * index);
  return join(header, ...texts);
}

/** How they keep one that a token ends: its length is that of the whole, and letters may follow it. */
const AROUND: Record<string, (text: string) => Buffer> = {
  'a pickle': (text) => join('}q\0X', four(text.length), text, 'q\nX', four(1), 'au.'),
  'bytes in a pickle': (text) => join('q\x02C', [text.length], text, 'q\x03u.'),
  Parquet: (text) => join([0, 0], four(5), 'alice', four(text.length), text, four(76), 'L'.repeat(76)),
  'a certificate': (text) =>
    join('0F1\x080\x06\x06\x03U\x04\x0b\x0c', [text.length], text, '0\x81\x9f0\x0d\x06\x09'),
  'undo of Vim': (text) => join([0, 0, 0, 1], [0, 0, 0, text.length], text, [0x35, 0x81, 0xe7, 0xaa]),
  'serialized Java': (text) => join('\xac\xedt\0', [text.length], text, 't\0\x05alice'),
  'Java, one that was written before': (text) => join('x\x01t\0', [text.length], text, 'q\0~\0\x05'),
  Erlang: (text) =>
    join([131, 108], four(2, true), 'm', four(text.length, true), text, 'm', four(3, true), 'abcj'),
  'compiled Python': (text) => join([0xa9, 2, 0xda, text.length], text, 'r', four(3), [0xda, 5], 'TOKEN'),
  CBOR: (text) =>
    join([0xa3, 0x65], 'token', [0x78, text.length], text, 'eowner', 'ealice', [0x63], 'num', [0x18, 100]),
  'CBOR, as the last value but one': (text) =>
    join([0x82, 0x78, text.length], text, 'calice'.slice(0, 4), [0xf6]),
  LMDB: (text) =>
    join(four(text.length), [0, 0, 3, 0], 'key', text, four(72), [0, 0, 4, 0], 'name', 'H'.repeat(72)),
  'a value of jsonb': (text) => jsonb(['line', 'url', text, 'https://npm.flatt.tech/'], true),
  'a log of LevelDB': (text) =>
    join([1], '\x06_x\0\x01k1', [text.length + 1, 1], text, 'k4Xm', [40, 0, 1, 9], [0, 0, 0, 0, 0, 0, 0, 1]),
};

/** How formats keep a text between others: nothing tells where it ends but its length. */
const FORMATS: Record<string, (text: string) => Buffer> = {
  'a row of SQLite': (text) => cell(['ci', text, 'alice', 'active'], 7),
  'a row of SQLite with numbers': (text) => cell([null, 'deploy', text, 0x61626364, 'x'], 300),
  'a long row of SQLite': (text) => cell([null, 'word '.repeat(90), text, 'production'], 90_000 % 16_000),
  'an index of SQLite': (text) => cell([text, 0x61626364], undefined),
  'Protocol Buffers': (text) => join([10, 4], 'user', [18, text.length], text, [50, 5], 'alice'),
  'Protocol Buffers, fields of high numbers': (text) =>
    join([10, 4], 'user', [66, text.length], text, [74, 5], 'alice', [24, 1]),
  'a pickle of Python 2': (text) =>
    join('}q\0(X', [text.length, 0, 0, 0], text, 'q\x01X', [1, 0, 0, 0], 'au.'),
  'compiled Python': (text) => join('d\x01S\0)\x02', [0xda, text.length], text, 'N)\x01', [0xda, 5], 'TOKEN'),
  'a binary property list': (text) =>
    join('bplist00', [0xd1, 1, 2], 'Utoken_\x10', [text.length], text, 'Ualice'),
  'a property list that goes on with a URL': (text) =>
    join('bplist00', [0xd1, 1, 2], 'Utoken_\x10', [text.length], text, 'Zhttps://x/'),
  'an object of jsonb': (text) => jsonb(['token', 'user', text, 'alice'], true),
  'a list of jsonb': (text) => jsonb([text, 'hello', 'world'], false),
  bencode: (text) => join(`d5:token${text.length}:${text}4:user5:alicee`),
  'a list in bencode': (text) => join(`l4:user${text.length}:${text}i7ee`),
  'the end of a list in bencode': (text) => join(`d3:now${text.length}:${text}ee`),
  'lengths of eight bytes': (text) => join([text.length, 0, 0, 0, 0, 0, 0, 0], text, 'alice'),
  CBOR: (text) => join([0xa2, 0x65], 'token', [0x78, text.length], text, [0x64], 'user', [0x65], 'alice'),
  'a certificate': (text) => join('0F1\x080\x06\x06\x03U\x04\x0b\x0c', [text.length], text, '0\x81\x9f0\x0d'),
  'bencode (torrents)': (text) => join(`d7:comment${text.length}:${text}4:name5:alicee`),
  'a commit of Bazaar': (text) => join(`ll7:message${text.length + 4}:fix ${text}ee`),
  'a list of Redis': (text) => join(entry('token'), entry(text), entry('alice'), [0xff]),
  'a list of Redis, a longer value': (text) =>
    join(entry('k'), entry(`${'Authorization: Bearer'.padEnd(60)}${text}`), entry('alice')),
  'a list of older Redis': (text) =>
    text.length < 0x40 ? join([7, text.length], text, [text.length + 2, 5], 'alice', [0xff]) : entry(text),
  'serialized Java': (text) =>
    join([0xac, 0xed, 0, 5], 't\0\x05tokent', [0, text.length], text, 't\0\x04user'),
};

describe('a token that is stored with its length ends there', () => {
  test.each(Object.keys(FORMATS))('in %s', (name) => {
    for (const [index, alphabet] of (['hex', 'base32', 'base62', 'base64url'] as const).entries()) {
      for (let length = 16 + index; length < 64; length += 4) {
        const token = orgToken(`${name} ${length}`, length, alphabet).replace(/[-_]$/, '7');
        const found = detector.scan(join('\0\0', FORMATS[name]!(token), '\0'));
        expect(texts(found), `${alphabet} ${length}`).toEqual([token]);
        expect(found.find(({ confidence }) => confidence === 'high')?.reasons).toContain('stored_length');
      }
    }
  });

  test.each(Object.keys(AROUND))('behind other text in %s', (name) => {
    for (const lead of ['//npm.flatt.tech/:_authToken=', 'Bearer ', 'https://token:']) {
      for (let index = 0; index < 8; index++) {
        const token = orgToken(`${name} ${lead} ${index}`, 40);
        const found = detector.scan(join('\0\0', AROUND[name]!(lead + token)));
        expect(texts(found), lead).toEqual([token]);
      }
    }
  });

  test('the letter that ends a word, and a blank, are no length of a text that a zero ends', () => {
    const token = orgToken('behind a word');
    for (const behind of ['\0', '\0\0\0\0', '\0\x01'])
      expect(texts(detector.scan(join('\0index ', token, behind)))).toEqual([token]);
  });

  test('no letter that begins a text in memory is taken for its length', () => {
    for (let letter = 0x21; letter < 0x7f; letter++) {
      for (const before of ['\0\0\0', 'k\0\0\0', '\x01', 't\0', 'A\0\0\0\0\0\x03\0']) {
        for (const behind of ['\0', '\0\0\0\0', '\r\nHost: x\0', '"\0', ' \0']) {
          const token = orgToken(`${letter} ${before} ${behind}`, 40);
          const lead = `${String.fromCharCode(letter)}uthorization: Bearer `;
          const found = texts(detector.scan(join(before, lead, token, behind)));
          expect(found, JSON.stringify([letter, before, behind])).toEqual([token]);
        }
      }
    }
  });

  test.each([
    ['little', (text: string) => Buffer.from(text, 'utf16le')],
    ['big', (text: string) => Buffer.from(text, 'utf16le').swap16()],
  ])('in rows of SQLite in UTF-16, the %s end first', (_, write) => {
    for (const before of ['', 'ci', 'Schlüssel']) {
      for (const lead of ['', '//npm.flatt.tech/:_authToken=']) {
        const token = orgToken(`UTF-16 ${before}${lead}`, 40);
        for (let offset = 0; offset < 2; offset++) {
          const row = cell([7, before, lead + token, 'alice', 'active'], 7, write);
          const found = detector.scan(join('\0\0'.slice(offset), row, row));
          expect(texts(found), before + lead).toEqual([token, token]);
        }
      }
    }
  });

  test('where the text begins before the token', () => {
    const token = orgToken('bearer', 40);
    expect(texts(detector.scan(cell([1, `Bearer ${token}`, 'web'], 12)))).toEqual([token]);
    const field = `TOKEN=${token}`;
    const found = detector.scan(join([18, field.length], field, [50, 5], 'alice'));
    expect(found.map(({ secret }) => secret.reveal())).toContain(token);
  });

  test('what goes on behind it is told beside it, for a probe to decide', () => {
    const token = orgToken('beside', 40);
    const found = detector.scan(cell(['ci', token, 'alice'], 1));
    expect(texts(found, 'low')).toEqual([`${token}alice`]);
    expect(found.find(({ confidence }) => confidence === 'low')?.reasons).toEqual(['other_reading']);
  });

  test('a name stays a name', () => {
    expect(texts(detector.scan(cell(['x', 'tg_org_members_check_seat_limit', 'alice'], 1)))).toEqual([]);
  });
});

test('where the length of the next text looks like an end, it ends before that, too', () => {
  const token = orgToken('a mark behind');
  const bytes = join([0xa2, 0x65], 'token', [0x78, 47], token, [0x64], 'user', [0x78, 60], 'a'.repeat(60));
  const found = detector.scan(bytes).map(({ secret }) => secret.reveal());
  expect(found).toContain(token);
});

test('where zeros part texts, a token is whole whatever stands before it', () => {
  for (let length = 16; length <= 64; length++) {
    for (const before of ['=', ' ', ':', '/', '"', ',', '@', '2', '\0']) {
      const token = `tg_org_${body(`zeros ${length}`, length)}`;
      const found = detector.scan(Buffer.from(`PATH=/bin\0NPM_TOKEN${before}${token}\0LANG=C\0`));
      if (before !== '2') expect(texts(found), `${before} ${length}`).toEqual([token]);
      expect(found.map(({ secret }) => secret.reveal())).toContain(token);
    }
  }
});

test('in a text no character is a length', () => {
  for (let length = 16; length <= 64; length++) {
    for (const before of ['/', '2', '.', "'", ' ', '「', 'é=']) {
      const token = `tg_org_${body(`text ${length}`, length)}`;
      const found = detector.scan(Buffer.from(`curl https://npm.example${before}${token}\n\u001b[0m$ ls\n`));
      expect(found.map(({ secret }) => secret.reveal())).toEqual([token]);
    }
  }
});
