import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf, reasonsOf } from '../collect.js';

const token = orgToken('gzip');
const log = `${'GET /index.html 200\n'.repeat(20_000)}${token}\n`;

describe.each([
  { way: 'in memory', piped: false },
  { way: 'through a pipe', piped: true },
])('gzip $way', ({ piped }) => {
  const read = (bytes: Buffer, name = 'app.log.gz') => collect(expanding(bytes, { piped, name }));

  test('shows its content under the name without .gz', async () => {
    const seen = await read(gzipSync(log));
    expect(seen.units.map(({ path, text }) => [path, text])).toEqual([['app.log.gz!app.log', log]]);
    expect(seen.diagnostics).toEqual([]);
  });

  test('is told by its content, whatever its name', async () => {
    expect(placesOf(token, await read(gzipSync(log), 'photo.jpg'))).toEqual(['photo.jpg!content']);
  });

  test('reads several members as one content', async () => {
    const parts = [log.slice(0, 399_990), log.slice(399_990, 400_010), log.slice(400_010)];
    const seen = await read(Buffer.concat(parts.map((part) => gzipSync(part))));
    expect(placesOf(token, seen)).toEqual(['app.log.gz!app.log']);
    expect(seen.diagnostics).toEqual([]);
  });

  test('searches the name and the comment in its header', async () => {
    const packed = gzipSync('x');
    packed[3] = 8 | 16;
    const named = Buffer.concat([
      packed.subarray(0, 10),
      Buffer.from(`dump.sql\0by ${token}\0`),
      packed.subarray(10),
    ]);
    const seen = await read(named);
    expect(placesOf(token, seen)).toEqual(['name:app.log.gz']);
    expect(seen.units[0]!.path).toBe('app.log.gz!dump.sql');
  });

  test('reads what comes before a cut, to the byte', async () => {
    const packed = gzipSync(log, { level: 1 });
    for (const lost of [1, 8, 9, 20]) {
      const seen = await read(packed.subarray(0, packed.length - lost));
      expect(seen.units[0]!.text.length).toBeGreaterThan(log.length - 3 * lost);
      expect(reasonsOf(seen)).toEqual(['corrupt app.log.gz']);
    }
  });

  test('goes on at the next member after damage', async () => {
    const torn = gzipSync('x'.repeat(5000));
    torn[10] = 0xff;
    const seen = await read(Buffer.concat([torn, gzipSync(log)]));
    expect(placesOf(token, seen)).toEqual(['app.log.gz!app.log']);
    expect(reasonsOf(seen)).toEqual(['corrupt app.log.gz']);
  });

  test('searches what stands behind the data', async () => {
    const seen = await read(Buffer.concat([gzipSync('x'), Buffer.alloc(700), Buffer.from(token)]));
    expect(placesOf(token, seen)).toEqual(['name:app.log.gz']);
    expect(seen.diagnostics).toEqual([]);
  });

  test('lists a checksum that does not fit', async () => {
    const packed = gzipSync(log);
    packed[packed.length - 5]! ^= 1;
    const seen = await read(packed);
    expect(reasonsOf(seen)).toEqual(['corrupt app.log.gz']);
    expect(placesOf(token, seen)).toEqual(['app.log.gz!app.log']);
  });

  test('stops at a bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    const seen = await collect(expanding(bomb, { piped, limits: { ratio: 100, ratioFloor: 1_000_000 } }));
    expect(reasonsOf(seen)).toEqual(['budget a']);
    expect(seen.units[0]!.text.length).toBeLessThan(3_000_000);
  });
});

test('goes back for a member that the damage before it swallowed', async () => {
  const torn = gzipSync(log.slice(0, 3000));
  torn.fill(0xee, 30, 60);
  const seen = await collect(expanding(Buffer.concat([torn, gzipSync(log)])));
  expect(placesOf(token, seen)).toEqual(['a!content']);
  expect(reasonsOf(seen)).toEqual(['corrupt a']);
});

test('a file that is nothing but headers costs seconds, and says in few lines how it is damaged', async () => {
  const bytes = Buffer.from('\x1f\x8b\x08\0'.repeat(500_000), 'latin1');
  const begun = performance.now();
  const seen = await collect(expanding(bytes));
  expect(performance.now() - begun).toBeLessThan(20_000);
  expect(seen.diagnostics.length).toBeLessThan(110);
  const details = seen.diagnostics.map(({ detail }) => detail);
  expect(details).toContainEqual(expect.stringMatching(/^damaged at \d+ more places, the last at byte/));
});
