import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildTar } from '../../../fixtures/archives/tar-builder.js';
import { buildZip } from '../../../fixtures/archives/zip-builder.js';
import { skippableFrame, zstdFrame } from '../../../fixtures/archives/zstd-builder.js';
import { zstd } from '../../../fixtures/archives/zstd-encoder.js';
import samplesOfZstd from '../../../fixtures/archives/zstd-samples.json' with { type: 'json' };
import { randomNumbers } from '../../support/random.js';
import { orgToken } from '../../support/tokens.js';
import { lacking } from '../../support/tools.js';
import { collect, expanding, placesOf, reasonsOf } from '../collect.js';

const token = orgToken('zstd');
const text = `first\n${token}\nlast\n`;
const long = Buffer.from(
  Array.from({ length: 60_000 }, (_, line) => `${line * 7919} GET /${(line * 31) % 997}\n`).join(''),
);
const noZstd = lacking('zstd');

describe('frames written by hand', () => {
  test.each([
    ['one block', zstdFrame([{ raw: text }], { checksum: true })],
    ['many', zstdFrame([{ raw: '' }, { raw: text.slice(0, 9) }, { raw: text.slice(9) }], { window: 0 })],
    ['without blocks that matter', Buffer.concat([zstdFrame([{ raw: '' }]), zstdFrame([{ raw: text }])])],
    ['one byte that is repeated', zstdFrame([{ repeat: 40, byte: 65 }, { raw: text }], { checksum: true })],
  ])('%s', async (_, file) => {
    for (const piped of [false, true]) {
      const seen = await collect(expanding(file, { name: 'app.log.zst', piped, chunk: 3 }));
      expect(seen.diagnostics).toEqual([]);
      expect(placesOf(token, seen)).toEqual(['app.log.zst!app.log']);
      expect(seen.units[0]!.text.endsWith(text)).toBe(true);
    }
  });

  test('what stands in frames to be skipped is searched', async () => {
    const file = Buffer.concat([zstdFrame([{ raw: 'x' }]), skippableFrame(text), zstdFrame([{ raw: 'y' }])]);
    const seen = await collect(expanding(file));
    expect(seen.units[0]!.text).toBe('xy');
    expect(placesOf(token, seen)).toEqual(['name:a']);
    expect(seen.diagnostics).toEqual([]);
  });

  test('a dictionary is named, and what does not need it is read', async () => {
    const packed = { packed: Buffer.from([1, 2, 3, 4]) };
    const needing = zstdFrame([packed, { raw: text }], { dictionary: 4711, checksum: 1 });
    const seen = await collect(expanding(Buffer.concat([needing, zstdFrame([{ raw: 'behind' }])])));
    expect(seen.units[0]!.text).toBe(`${text}behind`);
    expect(reasonsOf(seen)).toEqual(['unsupported a']);
    expect(seen.diagnostics[0]!.detail).toContain('dictionary 4711');
  });

  test.each([
    ['a wrong checksum', zstdFrame([{ raw: text }], { checksum: 1 }), /checksum/],
    ['a wrong size', zstdFrame([{ raw: text }], { sizeClaim: 5 }), /not as long/],
    ['a block that is cut off', zstdFrame([{ raw: text, sizeClaim: 900 }]), /byte 9: the data ends/],
    [
      'a block of no type',
      zstdFrame([{ raw: text }, { packed: Buffer.alloc(9), type: 3 }]),
      /no block begins/,
    ],
    [
      'a block that is no such thing',
      zstdFrame([{ raw: text }, { packed: Buffer.alloc(9, 255) }]),
      /literals/,
    ],
    [
      'a skipped frame that is cut off',
      Buffer.concat([zstdFrame([{ raw: text }]), skippableFrame('', 9)]),
      /ends/,
    ],
    [
      'half a header',
      Buffer.concat([zstdFrame([{ raw: text }]), zstdFrame([{ raw: '' }]).subarray(0, 6)]),
      /ends/,
    ],
    [
      'no frame at all',
      Buffer.concat([zstdFrame([{ raw: text }]), Buffer.from('something else')]),
      /no frame/,
    ],
  ])('%s is listed, and what came before it is read', async (_, file, says) => {
    for (const piped of [false, true]) {
      const seen = await collect(expanding(file, { piped }));
      expect(placesOf(token, seen)).toEqual(['a!content']);
      expect(reasonsOf(seen)).toEqual(['corrupt a']);
      expect(seen.diagnostics[0]!.detail).toMatch(says);
    }
  });

  test('behind damage the next frame is found', async () => {
    const broken = zstdFrame([{ packed: Buffer.from(long.subarray(0, 300)), type: 3 }]);
    const seen = await collect(expanding(Buffer.concat([broken, zstdFrame([{ raw: text }])])));
    expect(placesOf(token, seen)).toEqual(['a!content']);
    expect(reasonsOf(seen)).toEqual(['corrupt a']);
    // What could not be unpacked is searched as it is.
    expect(seen.units[1]!.text).toContain('7919 GET');
  });

  test('a window of any size costs nothing that is not used', async () => {
    const seen = await collect(expanding(zstdFrame([{ raw: text }], { window: 0xff })));
    expect(placesOf(token, seen)).toEqual(['a!content']);
    expect(seen.diagnostics).toEqual([]);
  });

  test.each([
    ['short', 10],
    ['long', 400_000],
  ])('a bomb ends at the ratio (%s)', async (_, stored) => {
    const noise = Array.from({ length: Math.ceil(stored / 100_000) }, (_, at) => ({
      raw: mixture(at, Math.min(stored, 100_000), 1),
    }));
    const zeros = Array.from({ length: 200 }, () => ({ repeat: 131_072, byte: 0 }));
    const bomb = zstdFrame([...noise, ...zeros], { window: 0x50 });
    const seen = await collect(expanding(bomb, { limits: { ratio: 20, ratioFloor: 1_000_000 } }));
    expect(reasonsOf(seen)).toEqual(['budget a']);
    expect(seen.units[0]!.text.length).toBeLessThan(20 * bomb.length + 2_000_000);
  });

  test('in archives, and archives in it', async () => {
    const tar = buildTar([{ name: '.npmrc', data: text }]);
    const packed = zstdFrame([{ raw: tar }], { checksum: true });
    const zip = buildZip([
      { name: 'in.tar.zst', data: packed },
      { name: 'member', data: zstdFrame([{ raw: text }]), method: 93 },
    ]);
    const seen = await collect(expanding(buildTar([{ name: 'x.zip', data: zip }])));
    expect(placesOf(token, seen)).toEqual(
      expect.arrayContaining(['a!x.zip!in.tar.zst!.npmrc', 'a!x.zip!member']),
    );
    expect(seen.diagnostics).toEqual([]);
  });
});

const samples: [string, Buffer][] = [
  ['nothing', Buffer.alloc(0)],
  ['a log', long],
  ['zeros', Buffer.alloc(3_000_000)],
  ['noise', mixture(1, 400_000, 1)],
  ['a program', readFileSync(process.execPath).subarray(0, 2_500_000)],
  ['a mixture', mixture(2, 2_500_000, 0.3)],
  ['a short mixture', mixture(3, 2000, 0.2)],
];

/** Windows as frames have them: 1 MiB, 128 MiB. */
const [NEAR, FAR] = [80, 136];

describe('what an encoder packs', () => {
  test.each(samples)(
    '%s',
    async (_, data) => {
      for (const frame of [{ checksum: true }, { window: NEAR }, { window: FAR }])
        expect(await unpacked(zstd(data, frame)), JSON.stringify(frame)).toEqual(digest(data));
    },
    60_000,
  );

  test('what zstd wrote once, by every kind of table', async () => {
    for (const { options: how, length, packed: sample } of samplesOfZstd)
      expect(await unpacked(Buffer.from(sample, 'base64')), how).toEqual(digest(long.subarray(0, length)));
  });

  test('what repeats from far away, in several frames of different windows', async () => {
    const far = mixture(5, 12_000_000, 0.9);
    const parts = [Buffer.concat([far, far.subarray(0, 5_000_000)]), mixture(6, 300_000, 0.2)] as const;
    const file = Buffer.concat([zstd(parts[0], { window: FAR }), zstd(parts[1], { window: NEAR })]);
    expect(file.length).toBeLessThan(14_000_000);
    expect(await unpacked(file)).toEqual(digest(Buffer.concat(parts)));
  }, 60_000);

  test('what looks back further than is allowed is listed, and read as far as it does not', async () => {
    const far = mixture(7, 12_000_000, 1);
    const file = zstd(Buffer.concat([far, Buffer.from(token), far.subarray(0, 2_000_000)]), { window: FAR });
    const seen = await collect(expanding(file, { limits: { memory: 4_000_000 } }));
    expect(placesOf(token, seen)).toEqual(['a!content']);
    expect(reasonsOf(seen)).toEqual(['too_large a']);
    expect(seen.diagnostics[0]!.detail).toContain('--max-memory');
  }, 60_000);

  test('a damaged block costs what stands in it, and what repeats that', async () => {
    const lines = mixture(8, 3_000_000, 0.9);
    const file = zstd(Buffer.concat([lines, Buffer.from(text)]), { window: FAR });
    file.fill(0x55, 1_000_000, 1_000_040);
    const seen = await collect(expanding(file));
    expect(placesOf(token, seen)).toEqual(['a!content']);
    const same = Buffer.from(seen.units[0]!.text, 'latin1');
    expect(same.subarray(0, 800_000).equals(lines.subarray(0, 800_000))).toBe(true);
  });

  test('cut off anywhere, it is listed', async () => {
    await isListedWhereverCut(zstd(Buffer.concat([Buffer.from(text), long, long])));
  });
});

describe.skipIf(noZstd !== '')(`what zstd itself packs${noZstd}`, () => {
  const options = [
    ['--fast=5'],
    ['-1', '--long=27'],
    ['-9', '--no-check'],
    ['-3', '--rsyncable', '-T0'],
    ['-3', '--target-compressed-block-size=2000'],
  ];
  test.each(samples)(
    '%s',
    async (_, data) => {
      for (const args of options)
        expect(await unpacked(packed(data, args)), args.join(' ')).toEqual(digest(data));
    },
    60_000,
  );

  test('of the highest levels', async () => {
    const data = mixture(4, 1_500_000, 0.2);
    for (const args of [['-19'], ['--ultra', '-22']])
      expect(await unpacked(packed(data, args))).toEqual(digest(data));
  }, 60_000);

  test('of any size', async () => {
    const random = randomNumbers(11);
    for (let round = 0; round < 20; round++) {
      const data = mixture(round, Math.floor(random() ** 3 * 900_000), random());
      const args = [`-${1 + Math.floor(random() * 12)}`];
      expect(await unpacked(packed(data, args)), `round ${round}`).toEqual(digest(data));
    }
  }, 60_000);

  test('50 MB that repeat from far away, in several frames of different windows', async () => {
    const far = mixture(5, 40_000_000, 0.9);
    const parts = [far, mixture(6, 300_000, 0.2), Buffer.concat([far.subarray(0, 9_000_000), long])];
    const file = Buffer.concat([
      packed(Buffer.concat([parts[0]!, parts[2]!]), ['-1', '--long=27']),
      packed(parts[1]!, ['-3']),
      packed(parts[2]!, ['-3', '--long=24']),
    ]);
    const whole = Buffer.concat([parts[0]!, parts[2]!, parts[1]!, parts[2]!]);
    expect(await unpacked(file)).toEqual(digest(whole));
  }, 60_000);

  test('a damaged block costs what stands in it, and what repeats that', async () => {
    const lines = mixture(8, 3_000_000, 0.9);
    const file = packed(Buffer.concat([lines, Buffer.from(text)]), ['-1']);
    file.fill(0x55, 1_000_000, 1_000_040);
    const seen = await collect(expanding(file));
    expect(placesOf(token, seen)).toEqual(['a!content']);
    expect(seen.units[0]!.text).toHaveLength(lines.length + text.length);
    const same = Buffer.from(seen.units[0]!.text, 'latin1');
    expect(same.subarray(0, 800_000).equals(lines.subarray(0, 800_000))).toBe(true);
    expect(reasonsOf(seen)).toContain('corrupt a');
    expect(seen.diagnostics[0]!.detail).toMatch(/^damaged at byte \d+/);
  });

  test('cut off anywhere, it is listed', async () => {
    const file = packed(Buffer.concat([Buffer.from(text), long]), ['-3']);
    await isListedWhereverCut(file);
  });
});

test('the kernel is the one that its source makes', async () => {
  const root = join(import.meta.dirname, '../../..');
  const { SHARED_KERNELS, UNPACKING_KERNELS, generateKernel } = await import(
    join(root, 'scripts/generate-kernels.mjs')
  );
  for (const [source, target] of Object.entries<string>({ ...SHARED_KERNELS, ...UNPACKING_KERNELS }))
    expect(await generateKernel(source)).toBe(readFileSync(join(root, target), 'utf8'));
}, 60_000);

/** Text, noise and repetitions from near and far, `noise` of it noise. */
function mixture(seed: number, length: number, noise: number): Buffer {
  const random = randomNumbers(seed);
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const end = Math.min(length, at + 1 + Math.floor(random() ** 4 * 3000));
    if (random() < noise) {
      for (; at + 4 <= end; at += 4) bytes.writeUInt32LE(Math.floor(random() * 2 ** 32), at);
      for (; at < end; at++) bytes[at] = Math.floor(random() * 256);
    } else if (random() < 0.3 || at === 0) {
      for (; at < end; at++) bytes[at] = 97 + Math.floor(random() ** 2 * 20);
    } else {
      const back = 1 + Math.floor(random() ** 3 * (at - 1));
      for (; at < end; at++) bytes[at] = bytes[at - back]!;
    }
  }
  return bytes;
}

function packed(data: Buffer, args: readonly string[]): Buffer {
  const { status, stdout, stderr } = spawnSync('zstd', ['-qc', ...args], { input: data, maxBuffer: 1e9 });
  expect(status, stderr.toString()).toBe(0);
  return stdout;
}

async function isListedWhereverCut(file: Buffer): Promise<void> {
  const random = randomNumbers(12);
  for (let round = 0; round < 30; round++) {
    const seen = await collect(expanding(file.subarray(0, 5 + Math.floor(random() * (file.length - 5)))));
    expect(reasonsOf(seen), `round ${round}`).toEqual(['corrupt a']);
  }
}

interface Digest {
  readonly length: number;
  readonly sha256: string;
}

function digest(data: Buffer): Digest {
  return { length: data.length, sha256: createHash('sha256').update(data).digest('hex') };
}

async function unpacked(file: Buffer): Promise<Digest> {
  const seen = await collect(expanding(file, { limits: { ratio: 1e9 }, piped: file.length % 2 === 0 }));
  expect(seen.diagnostics).toEqual([]);
  return digest(Buffer.from(seen.units.find(({ path }) => path === 'a!content')?.text ?? '', 'latin1'));
}
