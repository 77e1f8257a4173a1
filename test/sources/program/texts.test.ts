import { describe, expect, test } from 'vitest';
import { generator, mutatedBytes } from '../../../fixtures/archives/mutate.js';
import {
  buildElf,
  buildMach,
  buildObject,
  buildPe,
  buildWasm,
  NAMINGS,
  type NamingName,
} from '../../../fixtures/archives/program-builder.js';
import { mayBeProgram } from '../../../src/sources/program/headers.js';
import { type Place, textsIn } from '../../../src/sources/program/texts.js';
import { MemoryAccess } from '../../../src/sources/random-access.js';
import { orgToken } from '../../support/tokens.js';

const token = orgToken('program', 41);
const TEXTS = ['unexpected EOF', 'user', token, 'alice', 'production', 'x'.repeat(300)];

/** Where the token stands, and that its characters go on behind it. */
function placeIn(bytes: Buffer): Place {
  const at = bytes.indexOf(token);
  return { at, least: at + 23, most: at + token.length + 200 };
}

function textsOf(bytes: Buffer, place = placeIn(bytes)): string[] {
  const spans = textsIn(new MemoryAccess(bytes), [place]).get(place)!;
  return spans.map(({ start, end }) => bytes.toString('latin1', start, end));
}

const PROGRAMS: Record<string, Buffer> = {
  ...Object.fromEntries(
    (Object.keys(NAMINGS) as NamingName[])
      .filter((naming) => naming !== 'chained')
      .map((naming) => [`for Linux, by ${naming}`, buildElf(TEXTS, naming, 2)]),
  ),
  'for Windows, by pair': buildPe(TEXTS, 'pair', 2),
  'for Windows, by x86': buildPe(TEXTS, 'x86', 2),
  'for a Mac, by pair': buildMach(TEXTS, 'pair', 2),
  'for a Mac, by chained': buildMach(TEXTS, 'chained', 2),
  'for a Mac, by arm64': buildMach(TEXTS, 'arm64', 2),
  'for two Macs': buildMach(TEXTS, 'pair', 2, true),
  'not linked yet': buildObject(TEXTS),
  'for the web, by pair': buildWasm(TEXTS, 'pair', 2),
  'for the web, by constants': buildWasm(TEXTS, 'constants', 2),
};

describe('a text of a program ends where its length says that stands elsewhere', () => {
  test.each(Object.keys(PROGRAMS))('%s', (name) => {
    expect(mayBeProgram(PROGRAMS[name]!)).toBe(true);
    expect(textsOf(PROGRAMS[name]!)[0]).toBe(token);
  });

  test('also where it begins before', () => {
    const bytes = buildElf(['user', `Bearer ${token}`, 'alice'], 'pair', 1);
    expect(textsOf(bytes)).toEqual([`Bearer ${token}`]);
  });

  test('where nothing names it, it ends where the next begins that something names', () => {
    expect(textsOf(buildElf(TEXTS, 'x86', 3))).toEqual([token]);
  });

  test('where nothing names either, nothing is told', () => {
    expect(textsOf(buildElf(TEXTS, 'pair', 0))).toEqual([]);
    const text = Buffer.from(`MZ no program ${token}alice`.padEnd(600));
    expect(textsIn(new MemoryAccess(text), [placeIn(text)]).size).toBe(0);
  });
});

/** `npm run fuzz` runs a campaign. */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 1);

test('whatever is made of a program, texts lie in it, and are told soon', () => {
  const end = Date.now() + SECONDS * 1000;
  const originals = Object.values(PROGRAMS);
  for (let round = Number(process.env.FUZZ_FROM ?? 0); Date.now() < end; round++) {
    const random = generator(round);
    const bytes = mutatedBytes(originals[random(originals.length)]!, random);
    const at = Math.max(0, bytes.indexOf('tg_org_'));
    const place = { at, least: at + 23, most: Math.min(bytes.length, at + 263) };
    const before = Date.now();
    const spans = textsIn(new MemoryAccess(bytes), [place]).get(place) ?? [];
    expect(Date.now() - before, `round ${round}`).toBeLessThan(5000);
    for (const { start, end: last } of spans) {
      expect(start, `round ${round}`).toBeGreaterThanOrEqual(0);
      expect(last - start, `round ${round}`).toBeLessThan(8192);
    }
  }
});

test('a file full of addresses is given up soon', () => {
  const bytes = Buffer.concat([buildElf(TEXTS, 'pair', 2), Buffer.alloc(4 * 1024 * 1024)]);
  const place = placeIn(bytes);
  for (let at = 0x3000; at + 16 <= bytes.length; at += 16) {
    bytes.writeUInt32LE(0x500400, at);
    bytes.writeUInt32LE(64, at + 8);
  }
  // The last segment is all that follows.
  bytes.writeUInt32LE(bytes.length - 0x3000, 64 + 2 * 56 + 32);
  const before = Date.now();
  textsIn(new MemoryAccess(bytes), [place]);
  expect(Date.now() - before).toBeLessThan(5000);
});
