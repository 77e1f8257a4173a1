import { describe, expect, test } from 'vitest';
import { lzString } from '../../../fixtures/archives/lz-string-builder.js';
import { unpackLzString } from '../../../src/sources/archive/lz-string.js';
import { body } from '../../support/tokens.js';

const MOST = 1024 * 1024;

describe('what lz-string packed', () => {
  test('is unpacked, by codes of what came before and of what is just being told, in any script', () => {
    const packed = Buffer.from('IY0g0AECXnAdgE0oIntDq2lMYqwc9QA=', 'base64');
    expect(unpackLzString(packed, MOST).text).toBe('aaaaaaaa, é and 漢字, aaaaaaaa, é and 漢字');
  });

  test('is unpacked at every length, as codes grow', () => {
    for (let length = 0; length < 600; length += 7) {
      const text = body('lz-string', length);
      expect(unpackLzString(lzString(text), MOST)).toEqual({ text, isCut: false });
    }
  });

  test('is unpacked up to where it breaks off', () => {
    const text = body('lz-string, cut', 900);
    const packed = lzString(text);
    const { text: part } = unpackLzString(packed.subarray(0, packed.length / 2), MOST);
    expect(part.length).toBeGreaterThan(300);
    expect(text.startsWith(part.slice(0, -1))).toBe(true);
  });

  test('becomes no more than was asked for', () => {
    const ones = Buffer.alloc(64 * 1024, 0xff);
    for (const packed of [ones, Buffer.alloc(64 * 1024), lzString(body('lz-string, long', 9_000))]) {
      const { text } = unpackLzString(packed, 1_000);
      expect(text.length).toBeLessThanOrEqual(1_000);
    }
  });

  test('may be anything', () => {
    let seed = 1;
    for (let round = 0; round < 300; round++) {
      const packed = lzString(body(`any ${round}`, 200));
      for (let change = 0; change < 4; change++) {
        seed = (seed * 48_271) % 0x7fffffff;
        packed[seed % packed.length] = seed >> 8;
      }
      expect(unpackLzString(packed, MOST).text.length).toBeLessThan(MOST);
    }
  });
});
