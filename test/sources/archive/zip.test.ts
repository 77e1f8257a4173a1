import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { filesIn } from '../../../fixtures/archives/folder.js';
import { sevenZip } from '../../../fixtures/archives/seven-zip.js';
import { buildTar } from '../../../fixtures/archives/tar-builder.js';
import { buildZip } from '../../../fixtures/archives/zip-builder.js';
import { zstd } from '../../../fixtures/archives/zstd-encoder.js';
import { commit, repository } from '../../support/git.js';
import { orgToken } from '../../support/tokens.js';
import { lacking } from '../../support/tools.js';
import { collect, expanding, placesOf, reasonsOf } from '../collect.js';

const token = orgToken('zip');
const text = `//npm.flatt.tech/:_authToken=${token}\n`;
const long = `${'lorem ipsum '.repeat(5000)}${token}`;

describe.each([
  { way: 'in memory', piped: false },
  { way: 'through a pipe', piped: true },
])('a zip $way', ({ piped }) => {
  const read = (bytes: Buffer) => collect(expanding(bytes, { piped }));

  test('shows its deflated and stored members, and stored ones once', async () => {
    const seen = await read(
      buildZip([
        { name: 'deflated/.npmrc', data: text },
        { name: 'stored.txt', data: text, method: 0 },
      ]),
    );
    expect(placesOf(token, seen)).toEqual(['a!deflated/.npmrc', 'a!stored.txt']);
    expect(seen.diagnostics).toEqual([]);
  });

  test('shows names, comments and what surrounds the members at their own offset', async () => {
    const zip = buildZip([{ name: `${token}.txt`, data: 'x' }], {
      comment: Buffer.from(`remember ${token}`),
    });
    const seen = await read(zip);
    expect(placesOf(token, seen)).toEqual(['a']);
    const shown = seen.units.at(-1)!.text;
    expect(shown.length).toBe(zip.length);
    for (const found of [zip.indexOf(token), zip.lastIndexOf(token)])
      expect(shown.indexOf(token, found)).toBe(found);
  });

  test('a name is not run together with the letters that mark what follows it', async () => {
    const extra = Buffer.from('UT\x05\0\x03abcd', 'latin1');
    const seen = await read(
      buildZip([
        { name: token, data: 'x', extra },
        { name: `second ${token}`, data: text },
      ]),
    );
    const ends = seen.units.at(-1)!.text.split(token).slice(1);
    expect(ends.length).toBeGreaterThan(2);
    for (const end of ends) expect(end[0]).toBe('\0');
  });

  test('lists an encrypted member and reads the others', async () => {
    const seen = await read(
      buildZip([
        { name: 'locked', data: 'x', flags: 1 },
        { name: 'open', data: text },
      ]),
    );
    expect(reasonsOf(seen)).toEqual(['encrypted a!locked']);
    expect(placesOf(token, seen)).toEqual(['a!open']);
  });

  test('lists a method that it does not know', async () => {
    expect(reasonsOf(await read(buildZip([{ name: 'odd', data: 'x', method: 97 }])))).toEqual([
      'unsupported a!odd',
    ]);
  });

  test('finds members without a directory', async () => {
    const members = [
      { name: 'one', data: text },
      { name: 'two', data: text, descriptor: true },
      { name: 'three', data: text, method: 0 },
    ];
    const seen = await read(buildZip(members, { headless: true }));
    expect(placesOf(token, seen)).toEqual(['a!one', 'a!two', 'a!three']);
    expect(reasonsOf(seen)).toEqual(['corrupt a']);
  });

  test('finds a member that the directory does not name', async () => {
    const seen = await read(
      buildZip([
        { name: 'shown', data: 'x' },
        { name: 'hidden', data: text, unlisted: true },
      ]),
    );
    expect(placesOf(token, seen)).toEqual(['a!hidden']);
    expect(seen.diagnostics).toEqual([]);
  });

  test('finds a member that hides behind a lying size', async () => {
    const seen = await read(
      buildZip([
        { name: 'shown', data: 'x', method: 0, packedClaim: 500 },
        { name: 'hidden', data: text, unlisted: true },
        { name: 'filler', data: Buffer.alloc(600, 'y'), method: 0 },
      ]),
    );
    // What claims those bytes as its own is looked into as well.
    expect(placesOf(token, seen)).toEqual(['a!shown!stream at byte 1', 'a!hidden']);
    expect(reasonsOf(seen)).toEqual(['corrupt a!shown']);
  });

  test('reads a member in both ways when its two headers disagree', async () => {
    const seen = await read(buildZip([{ name: 'm', data: text, local: { method: 0 } }]));
    expect(placesOf(token, seen)).toEqual(['a!m']);
  });

  test('reads what lies before the damage, to the byte, and lists its offset', async () => {
    const zip = buildZip([{ name: 'torn', data: long }]);
    const cut = zip.indexOf('torn') + 'torn'.length;
    const packed = zip.subarray(cut, zip.indexOf('PK\x01\x02', 0, 'latin1'));
    packed.fill(0xff, packed.length - 10);
    const seen = await read(zip);
    expect(placesOf(token.slice(0, -12), seen)).toEqual(['a!torn']);
    expect(reasonsOf(seen)).toEqual(['corrupt a!torn']);
    expect(seen.diagnostics[0]!.detail).toMatch(/damaged at byte \d+/);
  });

  test('reads a cut off zip up to the cut', async () => {
    const zip = buildZip([
      { name: 'whole', data: text },
      { name: 'half', data: `${long} and more`, method: 0 },
    ]);
    const seen = await read(zip.subarray(0, zip.indexOf(token, 600) + token.length));
    expect(placesOf(token, seen)).toEqual(['a!whole', 'a!half']);
    expect(reasonsOf(seen).sort()).toEqual(['corrupt a', 'corrupt a!half']);
  });

  test('reads a zip behind a program, adjusted or not', async () => {
    for (const adjusted of [true, false]) {
      const prefix = Buffer.concat([Buffer.from('#!/usr/bin/env python3\n'), Buffer.alloc(5000, 'z')]);
      const zip = buildZip([{ name: 'main.py', data: text }], { prefix, adjusted });
      const seen = await collect(expanding(zip));
      expect(placesOf(token, seen)).toEqual(['a!main.py']);
      expect(seen.diagnostics).toEqual([]);
    }
  });

  test('reads what is left of a zip behind a program when its directory is gone', async () => {
    const prefix = Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(5000, 'z')]);
    const zip = buildZip([{ name: 'main.py', data: text }], { prefix, adjusted: true });
    zip.fill(0, zip.lastIndexOf('PK\x01\x02'), zip.lastIndexOf('PK\x05\x06'));
    const seen = await read(zip);
    expect(placesOf(token, seen)).toEqual(['a!main.py']);
    expect(reasonsOf(seen)).toEqual(['corrupt a']);
  });

  test('takes no program for an archive that holds the marks of archives, because it reads them', async () => {
    const marks = [
      'PK\x05\x06\0\0\0\0\0\0\0\0\x80\x84.A@\0\0\0D\0\0\0',
      'PK\x05\x06\0  Found archive comment',
      'PK\x05\x06PK\x01\x02PK\x03\x04\xff\xff\xff\xff\x11\0\0\0\x01\0\0\0',
      'PK\x05\x06\xe8u\xbd\xff\xffL\x89\xe1H\x89\xeaH\x89\xdeH\x8b=]\xfc\0',
      'PK\x03\x04\x14\x01\x09\0\x50\x4b\0\0',
      '\xef\xbe\xad\xdeNullsoftInst\0\x01\0\0Nsis\0.rar',
      '\xef\xbe\xad\xdeNullsoftInst\xef\xbe\xad\xdeNullSoftInst\xed\xbe\xad\xdeNullSoft',
    ].map((mark) => Buffer.concat([Buffer.from(mark, 'latin1'), Buffer.alloc(200, 0x90)]));
    const program = Buffer.concat([
      Buffer.from('\x7fELF'),
      Buffer.alloc(5000, 'z'),
      ...marks,
      Buffer.from(text),
    ]);
    const seen = await read(program);
    expect(placesOf(token, seen)).toEqual(['a']);
    expect(seen.diagnostics).toEqual([]);
  });

  test('reads zips in zips', async () => {
    let zip = buildZip([{ name: '.npmrc', data: text }]);
    for (let depth = 0; depth < 5; depth++)
      zip = buildZip([{ name: 'in.zip', data: zip, method: depth % 2 === 0 ? 0 : 8 }]);
    const seen = await read(zip);
    expect(placesOf(token, seen)).toEqual(['a!in.zip!in.zip!in.zip!in.zip!in.zip!.npmrc']);
    expect(seen.diagnostics).toEqual([]);
  });
});

test('nesting beyond the allowed depth is listed', async () => {
  let zip = buildZip([{ name: '.npmrc', data: text }]);
  for (let depth = 0; depth < 4; depth++) zip = buildZip([{ name: 'in.zip', data: zip }]);
  expect(reasonsOf(await collect(expanding(zip, { limits: { depth: 3 } })))).toEqual([
    'budget a!in.zip!in.zip!in.zip',
  ]);
});

test('a bomb is given up, what follows it is read', async () => {
  const zip = buildZip([
    { name: 'bomb', data: Buffer.alloc(3_000_000) },
    { name: 'after', data: text },
  ]);
  const seen = await collect(expanding(zip, { limits: { ratio: 100, ratioFloor: 1_000_000 } }));
  expect(reasonsOf(seen)).toEqual(['budget a!bomb']);
  expect(placesOf(token, seen)).toEqual(['a!after']);
});

test('the same bytes named by many members count each time', async () => {
  const bomb = { name: 'a', data: Buffer.alloc(500_000), method: 0 };
  const zip = buildZip([
    bomb,
    ...Array.from({ length: 500 }, () => ({
      name: 'again',
      data: '',
      method: 0,
      packedClaim: 500_000,
      checksum: 0,
      offset: 0,
    })),
  ]);
  const seen = await collect(expanding(zip, { limits: { ratio: 10, ratioFloor: 1_000_000 } }));
  expect(reasonsOf(seen).some((line) => line.startsWith('budget'))).toBe(true);
});

const noPython = lacking('python3');
test.skipIf(noPython !== '')(`what Python writes is read as it means it${noPython}`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'guardsweep-test-'));
  try {
    writeFileSync(join(folder, '.npmrc'), text);
    writeFileSync(join(folder, 'big.log'), long.repeat(40));
    const script = `
import zipfile, sys
with zipfile.ZipFile('python.zip', 'w', zipfile.ZIP_DEFLATED) as z:
    z.write('.npmrc'); z.write('big.log')
    with z.open('zip64.txt', 'w', force_zip64=True) as f: f.write(open('.npmrc', 'rb').read())
`;
    execFileSync('python3', ['-c', script], { cwd: folder });
    const seen = await collect(expanding(readFileSync(join(folder, 'python.zip'))));
    expect(placesOf(token, seen)).toEqual(['a!.npmrc', 'a!big.log', 'a!zip64.txt']);
    expect(seen.diagnostics).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each(['BZip2', 'LZMA', 'Deflate64', 'xz', 'PPMd'])('members that 7-Zip packs by %s', async (method) => {
  for (const data of [long, long.repeat(20)]) {
    const zip = await sevenZip({ '.npmrc': data }, { type: 'zip', args: [`-mm=${method}`] });
    const seen = await collect(expanding(zip));
    expect(placesOf(token, seen)).toEqual(['a!.npmrc']);
    expect(seen.diagnostics).toEqual([]);
  }
});

test('members that are packed by zstd', async () => {
  const seen = await collect(expanding(buildZip([{ name: '.npmrc', data: zstd(long), method: 93 }])));
  expect(seen.units.map(({ path, text: found }) => [path, found.length])).toContainEqual([
    'a!.npmrc',
    long.length,
  ]);
  expect(seen.diagnostics).toEqual([]);
});

describe('a repository in a zip is read as one', () => {
  /** What no other copy of is there: only the object holds it. */
  function leaky(): Record<string, Buffer> {
    const repo = repository();
    commit(repo, { '.npmrc': text });
    commit(repo, { '.npmrc': 'gone\n' });
    const files = filesIn(join(repo, '.git'), 'app/.git/');
    return Object.fromEntries(files.map(({ name, data }) => [name, data]));
  }

  test.each(['BZip2', 'LZMA', 'xz', 'PPMd', 'Deflate64', 'Copy'])(
    'packed by %s, encrypted or not',
    async (method) => {
      for (const locked of [[], ['-pswordfish', '-mem=ZipCrypto'], ['-pswordfish', '-mem=AES256']]) {
        const zip = await sevenZip(leaky(), { type: 'zip', args: [`-mm=${method}`, ...locked] });
        for (const passwords of [['swordfish'], ['wrong', 'swordfish']]) {
          const seen = await collect(expanding(zip, { passwords }));
          expect(placesOf(token, seen)).toEqual(['a!app/.git#blob']);
          expect(seen.diagnostics).toEqual([]);
        }
      }
    },
    60_000,
  );

  test('packed by zstd', async () => {
    const members = Object.entries(leaky()).map(([name, data]) => ({ name, data: zstd(data), method: 93 }));
    for (const headless of [false, true]) {
      const seen = await collect(expanding(buildZip(members, { headless })));
      expect(placesOf(token, seen)).toContain('a!app/.git#blob');
      expect(reasonsOf(seen)).toEqual(headless ? ['corrupt a'] : []);
    }
  });

  test('without its password every encrypted member is listed, and what is not encrypted is read', async () => {
    const zip = await sevenZip(leaky(), { type: 'zip', args: ['-pswordfish', '-mem=AES256'] });
    for (const passwords of [[], ['wrong']]) {
      const seen = await collect(expanding(zip, { passwords }));
      expect(placesOf(token, seen)).toEqual([]);
      expect(reasonsOf(seen)).toHaveLength(Object.keys(leaky()).length);
      expect(new Set(reasonsOf(seen).map((line) => line.split(' ')[0]))).toEqual(new Set(['encrypted']));
    }
  });

  test('an object of it that is damaged is listed, the others are read', async () => {
    const files = leaky();
    const objects = Object.keys(files).filter((name) => /objects\/../.test(name));
    const members = Object.entries(files).map(([name, data]) => {
      const packed = zstd(data);
      return { name, data: name === objects[0] ? packed.subarray(0, packed.length - 9) : packed, method: 93 };
    });
    const seen = await collect(expanding(buildZip(members)));
    expect(reasonsOf(seen)).toContain(`corrupt a!${objects[0]}`);
    expect(seen.units.filter(({ path }) => path.startsWith('a!app/.git#')).length).toBeGreaterThan(1);
  });
});

test('a zip behind other bytes, with a comment, is read: as a file, and as a member that arrives once', async () => {
  const zip = buildZip([{ name: 'x', data: text }], { comment: Buffer.from('a comment') });
  const file = Buffer.concat([Buffer.from('a prefix'), zip]);
  expect(placesOf(token, await collect(expanding(file)))).toEqual(['a!x']);
  const packed = gzipSync(buildTar([{ name: 'jar', data: file }]));
  expect(placesOf(token, await collect(expanding(packed, { piped: true })))).toContain('a!jar!x');
});
