import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { SAMPLE } from '../../../src/sources/archive/deflate-sample.js';
import { beginsLikeDeflate, MarkSearch } from '../../../src/sources/archive/mark-search.js';
import { randomNumbers } from '../../support/random.js';

const MARKS = ['\x78\x9c', '\x78\xda', '\x1f\x8b\x08', '\xfd7zXZ\0', 'MSCF', '7z\xbc\xaf'];
const random = randomNumbers(1);
const below = (limit: number) => Math.floor(random() * limit);

function naive(bytes: Buffer): number[] {
  const firsts = MARKS.map((mark) => Buffer.from(mark.slice(0, 3), 'latin1'));
  return [...bytes.keys()].filter((at) =>
    firsts.some((first) => bytes.subarray(at, at + first.length).equals(first)),
  );
}

describe('marks', () => {
  const search = new MarkSearch(MARKS);

  test('are found wherever they stand, and no other places', () => {
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(Array.from({ length: below(400) }, () => below(256)));
      for (let mark = 0; mark < 8; mark++)
        bytes.write(MARKS[below(MARKS.length)]!, below(bytes.length + 1), 'latin1');
      const places = [...search.placesIn(bytes)];
      expect(places).toEqual(naive(bytes));
    }
  });

  test('are found across every border of what is searched at once', () => {
    for (const place of [0, 65_533, 65_534, 65_535, 65_536, 131_070, 131_071, 131_075, 199_997]) {
      const bytes = Buffer.alloc(200_000);
      bytes.write('\x1f\x8b\x08', place, 'latin1');
      expect([...search.placesIn(bytes)]).toEqual([place]);
    }
  });

  test('are found however many there are, and whatever else is searched meanwhile', () => {
    const bytes = Buffer.from('\x78\x9c'.repeat(50_000), 'latin1');
    const other = new MarkSearch(['abc']);
    let count = 0;
    for (const place of search.placesIn(bytes)) {
      expect(place).toBe(2 * count++);
      if (count % 1000 === 0) expect([...other.placesIn(Buffer.from('--abc'))]).toEqual([2]);
    }
    expect(count).toBe(50_000);
  });

  test('more than eight share what tells them apart, and are found all the same', () => {
    const many = Array.from({ length: 19 }, (_, mark) => String.fromCharCode(mark, 200 - mark, 2 * mark));
    const set = new MarkSearch(many);
    for (const mark of many) expect([...set.placesIn(Buffer.from(`....${mark}....`, 'latin1'))]).toContain(4);
  });
});

test('whether DEFLATE begins somewhere is told as zlib tells it', () => {
  let yes = 0;
  for (let round = 0; round < 2000; round++) {
    const letters = 1 + below(255);
    const content = Buffer.from(Array.from({ length: 20 + below(4000) }, () => below(letters)));
    const strategy = [constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY][below(3)]!;
    const packed = deflateRawSync(content, { level: below(10), strategy });
    const sample = Buffer.concat([packed, Buffer.alloc(SAMPLE, below(256))]).subarray(0, SAMPLE);
    for (let change = below(4); change > 0; change--) sample[below(Math.min(80, SAMPLE))] = below(256);
    const told = beginsLikeDeflate(sample);
    // It looks at the first 512 bytes that are made; zlib looks at no fewer, and at up to twice as many.
    if (byZlib(sample, 512)) expect(told).toBe(true);
    if (told) expect(byZlib(sample, 256)).toBe(true);
    yes += told ? 1 : 0;
  }
  expect(yes).toBeGreaterThan(500);
  expect(yes).toBeLessThan(1900);
});

function byZlib(sample: Buffer, enough: number): boolean {
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: enough, maxOutputLength: enough };
    return inflateRawSync(sample, options).length >= 32;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
  }
}
