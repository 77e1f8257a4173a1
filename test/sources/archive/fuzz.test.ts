import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { buildTar, paxRecord } from '../../../fixtures/archives/tar-builder.js';
import { buildZip } from '../../../fixtures/archives/zip-builder.js';
import { collect, expanding } from '../collect.js';

/** How long each target runs; a longer campaign sets FUZZ_SECONDS. */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 2);
const LIMITS = { ratio: 200, ratioFloor: 4_000_000, memory: 8_000_000 };
const text = 'words of a file '.repeat(200);

/** Valid archives, and the places where numbers stand that a parser believes. */
const TARGETS = {
  zip: buildZip([
    { name: 'a', data: text },
    { name: 'b', data: text, method: 0 },
    {
      name: 'c',
      data: buildZip([{ name: 'd', data: text, descriptor: true }]),
      extra: Buffer.from([1, 0, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8]),
    },
  ]),
  tar: buildTar(
    [
      { name: 'x', type: 'x', data: paxRecord('size', '3200') },
      { name: 'n'.repeat(140), data: text },
      { name: 'l', type: '2', link: 'x' },
      { name: 'repo/.git/objects/pack/p.pack', data: 'PACK' },
      { name: 'repo/.git/HEAD', data: 'ref: refs/heads/main\n' },
    ],
    { dialect: 'pax' },
  ),
  gzip: Buffer.concat([
    gzipSync(text),
    gzipSync(text.repeat(20), { level: 1 }),
    gzipSync(buildTar([{ name: 'a', data: text }])),
  ]),
};

test.each(Object.entries(TARGETS))(
  'no damage to a %s makes the reader throw, hang, or say that nothing is wrong',
  async (name, original) => {
    const random = generator(name.length * 7919);
    const end = Date.now() + SECONDS * 1000;
    for (let round = 0; Date.now() < end; round++) {
      const bytes = mutated(original, random);
      const started = Date.now();
      const seen = await collect(
        expanding(bytes, { limits: LIMITS, piped: round % 2 === 0, chunk: 1 + random(5000) }),
      );
      expect(seen.units.length + seen.diagnostics.length, `round ${round}`).toBeGreaterThan(0);
      expect(Date.now() - started, `round ${round}`).toBeLessThan(10_000);
    }
  },
  SECONDS * 1000 + 30_000,
);

/** One to four changes: bytes, numbers at their limits, runs removed, doubled or moved. */
function mutated(original: Buffer, random: (below: number) => number): Buffer {
  let bytes = Buffer.from(original);
  for (let change = random(4); change >= 0; change--) {
    const at = random(Math.max(1, bytes.length - 4));
    const length = random(600);
    const kind = random(6);
    if (kind === 0) bytes[at] = random(256);
    else if (kind === 1)
      bytes.writeUInt32LE(
        [0, 1, 0x7fffffff, 0xffffffff, bytes.length][random(5)]!,
        Math.min(at, bytes.length - 4),
      );
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    else if (kind === 4) bytes = bytes.subarray(0, Math.max(8, at));
    else bytes.copy(bytes, random(Math.max(1, bytes.length - length)), at, at + length);
    if (bytes.length < 8) bytes = Buffer.from(original);
  }
  return bytes;
}

/** mulberry32: the same rounds every time. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
