import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyDelta } from '../../../src/sources/git/delta.js';
import { PackKernel } from '../../../src/sources/git/pack-kernel.js';
import { randomNumbers } from '../../support/random.js';

const kernel = new PackKernel();

/** What the kernel makes of compressed bytes; undefined when it refuses them. */
function inflate(packed: Uint8Array, size: number): { bytes: Buffer; consumed: number } | undefined {
  const from = kernel.hold(packed);
  const to = kernel.allocate(size);
  try {
    kernel.inflate(from, to);
    return { bytes: Buffer.from(kernel.view(to)), consumed: kernel.consumed };
  } catch {
    return undefined;
  } finally {
    kernel.free(from);
    kernel.free(to);
  }
}

/** Text that compresses in all the ways there are: runs, repeats near and far, noise. */
function sample(seed: number, length: number): Buffer {
  const random = randomNumbers(seed);
  const bytes = Buffer.alloc(length);
  const noise = random();
  for (let at = 0; at < length; ) {
    const run = 1 + Math.floor(random() ** 3 * 400);
    const back = Math.floor(random() ** 2 * at);
    const kind = random();
    for (let end = Math.min(length, at + run); at < end; at++) {
      if (kind < noise) bytes[at] = Math.floor(random() * 256);
      else if (kind < 0.5 || back === 0) bytes[at] = 97 + Math.floor(random() * 20);
      else bytes[at] = bytes[at - back]!;
    }
  }
  return bytes;
}

describe('inflates what zlib deflates', () => {
  const strategies = [
    constants.Z_DEFAULT_STRATEGY,
    constants.Z_FIXED,
    constants.Z_HUFFMAN_ONLY,
    constants.Z_RLE,
    constants.Z_FILTERED,
  ];
  test('of every level and strategy, and knows where it ends', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 0, max: 80_000 }),
        fc.integer({ min: 0, max: 9 }),
        fc.constantFrom(...strategies),
        fc.integer({ min: 1, max: 9 }),
        (seed, length, level, strategy, memLevel) => {
          const bytes = sample(seed, length);
          const packed = deflateSync(bytes, { level, strategy, memLevel });
          const result = inflate(Buffer.concat([packed, Buffer.from('what follows in the pack')]), length);
          expect(result?.consumed).toBe(packed.length);
          expect(result?.bytes.equals(bytes)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('one byte each, nothing, and long runs', () => {
    for (const bytes of [
      Buffer.alloc(0),
      ...Array.from({ length: 256 }, (_, byte) => Buffer.from([byte])),
      Buffer.alloc(1_000_000, 'x'),
      Buffer.from('abc'.repeat(100_000)),
    ]) {
      expect(inflate(deflateSync(bytes), bytes.length)?.bytes.equals(bytes)).toBe(true);
    }
  });
});

test('refuses what zlib refuses, and never what it accepts: damaged, cut, of another size', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 3000 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
      fc.option(fc.nat(), { nil: undefined }),
      fc.integer({ min: -2, max: 2 }),
      (seed, length, changes, cut, more) => {
        const bytes = sample(seed, length);
        let packed: Buffer = deflateSync(bytes, { level: 1 + (Math.abs(seed) % 9) });
        for (const [at, value] of changes) packed[at % packed.length] = value;
        if (cut !== undefined) packed = packed.subarray(0, cut % packed.length);
        const size = Math.max(0, length + more);
        let expected: Buffer | undefined;
        try {
          expected = inflateSync(packed, { maxOutputLength: Math.max(1, size) });
          if (expected.length !== size) expected = undefined;
        } catch {
          expected = undefined;
        }
        expect(inflate(packed, size)?.bytes).toEqual(expected);
      },
    ),
    { numRuns: 2000 },
  );
});

test('noise does not lead it out of bounds: what lies around stays as it was', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 0, max: 3000 }), (noise, size) => {
      const packed = Buffer.concat([Buffer.from([0x78, 0x9c]), noise]);
      const from = kernel.hold(packed);
      const to = kernel.allocate(size);
      const guard = kernel.hold(Buffer.alloc(4096, 0x5a));
      try {
        kernel.inflate(from, to);
      } catch {
        expect(kernel.produced).toBeLessThanOrEqual(size);
      }
      expect(Buffer.from(kernel.view(guard)).every((byte) => byte === 0x5a)).toBe(true);
      for (const block of [from, to, guard]) kernel.free(block);
    }),
    { numRuns: 2000 },
  );
});

/** Instructions as git writes them, and what they are. */
const pieces = fc.array(
  fc.oneof(
    fc.record({ from: fc.nat(5000), length: fc.integer({ min: 1, max: 3000 }) }),
    fc.record({ text: fc.uint8Array({ minLength: 1, maxLength: 127 }) }),
  ),
  { minLength: 1, maxLength: 12 },
);

function deltaOf(
  base: Buffer,
  parts: readonly ({ from: number; length: number } | { text: Uint8Array })[],
): Buffer {
  const body: number[] = [];
  let size = 0;
  for (const part of parts) {
    if ('text' in part) {
      body.push(part.text.length, ...part.text);
      size += part.text.length;
      continue;
    }
    const from = part.from % base.length;
    const length = Math.min(part.length, base.length - from);
    body.push(0x80 | 0x01 | 0x02 | 0x04 | 0x10 | 0x20, from & 255, (from >> 8) & 255, from >> 16);
    body.push(length & 255, length >> 8);
    size += length;
  }
  return Buffer.from([...varint(base.length), ...varint(size), ...body]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 128; value >>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

describe('deltas', () => {
  test('build the same as the plain reader; what is not fresh stands in the base in one piece', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), pieces, (seed, parts) => {
        const base = sample(seed, 4000);
        const bytes = deltaOf(base, parts);
        const expected = applyDelta(base, bytes, 10 ** 6);
        const [from, delta] = [kernel.hold(base), kernel.hold(bytes)];
        const to = kernel.allocate(kernel.resultOf(delta, base.length, 10 ** 6));
        kernel.applyDelta(from, delta, to);
        const result = Buffer.from(kernel.view(to));
        const fresh = kernel.fresh();
        for (const block of [from, delta, to]) kernel.free(block);
        expect(result.equals(expected)).toBe(true);
        let at = 0;
        for (const { start, end } of [...fresh, { start: result.length, end: result.length }]) {
          expect(start).toBeGreaterThanOrEqual(at);
          expect(base.includes(result.subarray(at, start))).toBe(true);
          at = end;
        }
      }),
      { numRuns: 500 },
    );
  });

  test('damaged ones are refused like the plain reader refuses them', () => {
    fc.assert(
      fc.property(
        pieces,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
        fc.nat(),
        (parts, changes, cut) => {
          const base = sample(1, 4000);
          let bytes: Buffer = deltaOf(base, parts);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          if (cut % 3 === 0) bytes = bytes.subarray(0, cut % bytes.length);
          const plain = attempt(() => applyDelta(base, bytes, 10 ** 6));
          const [from, delta] = [kernel.hold(base), kernel.hold(bytes)];
          const built = attempt(() => {
            const to = kernel.allocate(kernel.resultOf(delta, base.length, 10 ** 6));
            try {
              kernel.applyDelta(from, delta, to);
              return Buffer.from(kernel.view(to));
            } finally {
              kernel.free(to);
            }
          });
          for (const block of [from, delta]) kernel.free(block);
          expect(built).toEqual(plain);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

function attempt<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch {
    return undefined;
  }
}

test('the kernel that is checked in is the one its source makes', async () => {
  const root = join(import.meta.dirname, '../../..');
  const { GIT_KERNELS, generateKernel } = await import(join(root, 'scripts/generate-kernels.mjs'));
  for (const [source, target] of Object.entries<string>(GIT_KERNELS)) {
    expect(readFileSync(join(root, target), 'utf8')).toBe(await generateKernel(source));
  }
});
