import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { skippableFrame, zstdFrame } from '../../../fixtures/archives/zstd-builder.js';
import { NearDecoder } from '../../../src/sources/archive/zstd-decoder.js';
import { KIND } from '../../../src/sources/archive/zstd-kernel.js';
import { randomNumbers } from '../../support/random.js';
import { collect, expanding } from '../collect.js';

/** How long each target runs; a longer campaign sets FUZZ_SECONDS. */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 2);

/** The same 60 lines, as zstd packs them with a checksum: by its highest usual level, in which every table is described, and by a quick one. */
const PACKED = Buffer.from(
  'KLUv/QRoxQ0ARt5GG2BP0gGffDIun2iU/gRBkEK5t5RJJg5YIApCT1UANgA3AFdi3oqLeCdEp5G9xXLVFa03YjwiRXgXKmyvxzkIGsccDIYDhQOCEXHwQHEMMAAcBY2Bw+ICQOGBMdE4IBoWJBCOigbBwUDReAg4EgQOJBwOhkHEMQFn4hYaMV8xk6ORcvFcpvLlrtnf57sQa1Q7b+qLV1wbrdwhLLuF0K61wrP2x78163bKmXaubAl03kvf4o30V2yxnhhnrDfCukov/F/y8YxKtHOpsOySlVYt3bwyJRPvKc1ZOyo/IsW+uIwvxEQYbDmVzRtRDfFuqkI0KpWd6kXruWy8Ka4h/BBXIeyYywpnylXHzn3ih/yWN/avtNYnZnn8IhpdH3uoESCOEHHefwNgFaX0QljUgv//3z8A8202haZho0aby8bJxmLw/AlbvJ+9s262wk7n7m3tVIzdduv+bFrhvAuYuh1L99C5LZgpoYWnTzDBrIQmzs27gJ2bzEqsmSPl8sjVuD5xFS4YuPItzlt16+NW24JpK9jirlW17qj1tHzSKjRJtYyQUQEXOaClYQJTfZ4CLyYlVkF4dBX1W4an',
  'base64',
);
const QUICK = Buffer.from(
  'KLUv/QRIhRsAhCwwIHRoZSBxdWljayBicm93biBmb3gganVtcHMgb3ZlciB0aGUgbGF6eSBkb2cgYW5kIHdyaXRlcyBsaW5lIDAgb2YgMAo5MTkxIG9mIDEKODM4IDIgb2YgNAo3NTcgMyBvZiA5CjY3NiA0IG9mIDE2CjU5NTUgb2YgMjUKNTE0NiBvZiAzNgo0MzM3IG9mIDQ5CjM1Mjggb2YgNjQKMjcxOSBvZiA4MQoxOTAxMCBvZiAxMDAKMTA5MTIxCjIxMiBvZiAxNDQKOTQxMyBvZiAxNjkKODYxOTYKNzg1MjUKNzA0NjYKNjIxNyBvZiAyODkKNTQxOCBvZiAzMjQKNDYxOSBvZiAzNjEKMzgyMCBvZiA0MDAKMjkyMSBvZiA0NDEKMjEyODQKMTM3MjMgb2YgNTI5CjU2NCBvZiA1NzYKOTc1NSBvZiA2MjUKODk0NiBvZiA2NzYKODEzNyBvZiA3MjkKNzMyOCBvZiA3ODQKNjUxNDEKNTczMCBvZiA5MDAKNDgzMSBvZiA5NjEKNDAzMDI0CjMyNzMgb2YgMTA4OQoyNDMxNTYKMTY1NSBvZiAxMjI1Cjg0Njk2CjM3IG9mIDEzNjkKOTIzOCBvZiAxNDQ0Cjg0Mzkgb2YgMTUyMQo3NjQ2MDAKNjc5MSBvZiAxNjgxCjU5OCB0NzY0CjUxNzQzIG9mIDE4NDkKNDM2IDQ5MzYKMzU1NDAyNQoyNzQxMTYKMTkzMjA5CjExMjggb2YgMjMwNAozMTkgb2YgMjQwMQo5NTAgdDUwIG9mIDI1MDAKODY5IDUxIG9mIDI2MDEKNzg4IDUyIG9mIDI3MDQKNzA3IDUzIG9mIDI4MDkKNjI1NCBvZiAyOTE2CjU0NSA1NSBvZiAzMDI1CjQ2NCA1MTM2CjM4Mzcgb2YgMzI0OQozMDIgdDM2NAoyMjE5IG9mIDM0ODEKTKhhKCEiCAoiSsF7B8DiaiZ5EtAT/P///QFz1FHnEj8yZEF/+GgGj47FiYd/efccEV2Ic8iTi/RefnEhleGOAqXtjgg4R1UWorHTM+fomisfM9WsYXDnUDPHx1znxKCU02Z1Zg4sctrtF+4CF81CUAKtufHOwejM0cjVxEkYuOsk3pp3t7im4tz200Z2LTFqomnzqb80dGkp1yJIIJU9KVMQKV9aBfVbhqc=',
  'base64',
);
const LINES = Array.from(
  { length: 60 },
  (_, at) =>
    `${(at * 7919) % 1000} the quick brown fox jumps over the lazy dog and writes line ${at} of ${at * at}\n`,
).join('');

test('the frames that are damaged here hold what they should', () => {
  for (const frame of [PACKED, QUICK]) expect(unpack(frame)).toEqual({ faults: 0, content: digest(LINES) });
});

test(
  'damage to a frame with a checksum is noticed, whatever it is',
  () => {
    const random = randomNumbers(21);
    const whole = digest(LINES);
    const end = Date.now() + SECONDS * 1000;
    let rounds = 0;
    for (; Date.now() < end; rounds++) {
      const frame = damaged(rounds % 2 === 0 ? PACKED : QUICK, random);
      const { faults, content, scraps } = unpack(frame);
      // A magic number that has become that of a frame to be skipped leaves nothing to unpack: it is searched as it is.
      if (content !== whole && scraps === undefined) expect(faults, frame.toString('hex')).toBeGreaterThan(0);
    }
    expect(rounds).toBeGreaterThan(100);
  },
  SECONDS * 1000 + 30_000,
);

test(
  'damage to several frames makes the reader neither throw nor hang, on this thread or on another',
  async () => {
    const random = randomNumbers(22);
    const long = zstdFrame([{ raw: Buffer.alloc(300_000, 'x') }, { repeat: 100_000, byte: 66 }], {
      window: 0x48,
    });
    const short = Buffer.concat([
      PACKED,
      skippableFrame('skipped'),
      QUICK,
      zstdFrame([{ raw: LINES }], { checksum: true }),
    ]);
    const end = Date.now() + SECONDS * 1000;
    for (let round = 0; Date.now() < end; round++) {
      const far = round % 8 === 0;
      const bytes = Buffer.concat([damaged(short, random), ...(far ? [long, damaged(short, random)] : [])]);
      const started = Date.now();
      const seen = await collect(
        expanding(bytes, {
          limits: { ratio: 200, ratioFloor: 4_000_000 },
          piped: round % 2 === 0,
          chunk: 50_000,
        }),
      );
      expect(seen.units.length + seen.diagnostics.length, `round ${round}`).toBeGreaterThan(0);
      for (const { detail } of seen.diagnostics)
        expect(detail, `round ${round}`).not.toMatch(/could not be read|broke off/);
      expect(Date.now() - started, `round ${round}`).toBeLessThan(10_000);
    }
  },
  SECONDS * 1000 + 30_000,
);

interface Unpacked {
  readonly faults: number;
  readonly content: string;
  readonly scraps?: true;
}

function unpack(packed: Buffer): Unpacked {
  const decoder = new NearDecoder(packed);
  const hash = createHash('sha256');
  let faults = 0;
  let scraps = false;
  for (let pieces = 0; ; pieces++) {
    expect(pieces).toBeLessThan(100_000);
    const { kind, bytes } = decoder.next();
    if (kind === KIND.end) break;
    expect([KIND.content, KIND.scrap, KIND.fault]).toContain(kind);
    if (kind === KIND.content) hash.update(bytes);
    if (kind === KIND.scrap) scraps = true;
    if (kind === KIND.fault) faults += 1;
  }
  decoder.close();
  return { faults, content: hash.digest('hex'), ...(scraps ? { scraps } : {}) };
}

/** One to three changes where they hurt: mostly in headers and tables, which come first, and in bits that are read backwards. */
function damaged(original: Buffer, random: () => number): Buffer {
  let bytes = Buffer.from(original);
  for (let change = Math.floor(random() * 3); change >= 0; change--) {
    const at = Math.floor(random() ** (random() < 0.5 ? 3 : 1) * (bytes.length - 4));
    const kind = Math.floor(random() * 6);
    if (kind === 0) bytes[at]! ^= 1 << Math.floor(random() * 8);
    else if (kind === 1) bytes[at] = Math.floor(random() * 256);
    else if (kind === 2)
      bytes.fill(
        [0, 255][Math.floor(random() * 2)]!,
        at,
        Math.min(bytes.length, at + 1 + Math.floor(random() * 8)),
      );
    else if (kind === 3) bytes.writeUInt32LE(Math.floor(random() * 2 ** 32), at);
    else if (kind === 4) bytes = bytes.subarray(0, Math.max(9, at));
    else bytes.copy(bytes, at, Math.floor(random() * bytes.length), Math.floor(random() * bytes.length));
    bytes = Buffer.from(bytes);
  }
  return bytes;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
