import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDetector, type Detector } from '../../src/detection/detector.js';
import { type Literal, literalsOf } from '../../src/detection/prefilter/literals.js';
import { ScalarPrefilter } from '../../src/detection/prefilter/scalar.js';
import { SimdPrefilter } from '../../src/detection/prefilter/simd.js';
import { tableFor } from '../../src/detection/prefilter/tables.js';
import { RULES } from '../../src/rules/builtin.generated.js';
import { orgToken } from '../support/tokens.js';
import { ENCODERS } from './encoders.js';

const PREFIXES = RULES.map((rule) => rule.prefix);
const table = tableFor(PREFIXES);
const literals = literalsOf(PREFIXES);
const CAPACITY = 1 << 16;
const scalar = new ScalarPrefilter(table, CAPACITY);
const simd = SimdPrefilter.create(table, CAPACITY)!;
/** How long each property is tried: seconds in CI, longer in a campaign (see CONTRIBUTING.md). */
const seconds = Number(process.env.GUARDSWEEP_PROPERTY_SECONDS ?? 3);
const budget = { numRuns: 1_000_000, interruptAfterTimeLimit: seconds * 1_000, endOnFailure: true };
const timeout = seconds * 1_000 + 60_000;

/** Literals that are told by what stands beside them, too. */
const SHORT = literals.filter(({ after }) => after !== undefined);

/** Whole literals, beginnings of literals and noise, in a row. */
const soup = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: literals.length - 1 }).map((index) => literals[index]!.text),
      fc
        .constantFrom(...SHORT)
        .chain(({ text, after, before = ' ' }) =>
          fc
            .tuple(fc.constantFrom(...before), fc.constantFrom(...after!))
            .map(([last, next]) => last + text + next),
        ),
      fc
        .tuple(fc.integer({ min: 0, max: literals.length - 1 }), fc.integer({ min: 1, max: 15 }))
        .map(([index, length]) => literals[index]!.text.slice(0, length)),
      fc.uint8Array({ maxLength: 24 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    ),
    { maxLength: 60 },
  )
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));

describe('the kernels', () => {
  test.each([
    ['scalar', scalar],
    ['simd', simd],
  ])(
    '%s finds what a naive search finds',
    (_, prefilter) => {
      fc.assert(
        fc.property(soup, fc.nat(200), fc.nat(200), (bytes, skipped, left) => {
          prefilter.memory.fill(0xaa);
          prefilter.memory.set(bytes);
          const from = Math.min(skipped, bytes.length);
          const limit = Math.max(from, bytes.length - left);
          const found: string[] = [];
          prefilter.find(from, limit, bytes.length, (start, literal) => {
            // Where another character stands beside it, it depends on the place whether it is told.
            if (standsRight(bytes, start, literals[literal]!)) found.push(`${start} ${literal}`);
          });
          expect(found.sort()).toEqual(naive(bytes, from, limit).sort());
        }),
        budget,
      );
    },
    timeout,
  );

  test(
    'both find the same beginnings of zlib, none in a word',
    () => {
      const parts = fc.array(
        fc.oneof(
          fc.constantFrom(
            'eJw',
            'eJz',
            'eNo',
            'eNs',
            'eAE',
            'eF4',
            'eF8',
            'e',
            '\\n',
            '%3D',
            '\\u003d',
            'x',
            ' ',
            'aB3_-+/0z9\\%9',
          ),
          fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
        ),
        { maxLength: 40 },
      );
      fc.assert(
        fc.property(parts, fc.nat(100), fc.nat(100), (texts, skipped, left) => {
          const text = texts.join('');
          const from = Math.min(skipped, text.length);
          const limit = Math.max(from, text.length - left);
          const found = [scalar, simd].map((prefilter) => {
            prefilter.memory.set(Buffer.from(text, 'latin1'));
            const starts: number[] = [];
            prefilter.findZlib(from, limit, text.length, (start) => starts.push(start));
            return starts;
          });
          const header = '(?:eJ[w-z]|eN[o-r]|eA[E-H]|eF[4-7])(?=[A-Za-z0-9+/_%\\\\-]{13})';
          const headers = new RegExp(`(?:(?<![A-Za-z0-9])|(?<=\\\\.|%..|\\\\u....))${header}`, 'gs');
          const expected = [...text.matchAll(headers)].map(({ index }) => index);
          const within = expected.filter((at) => at >= from && at < limit);
          expect(found).toEqual([within, within]);
        }),
        budget,
      );
    },
    timeout,
  );

  test(
    'both count lines',
    () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 9000 }), fc.nat(50), fc.nat(50), (bytes, skipped, left) => {
          const input = bytes.map((byte) => (byte % 5 === 0 ? 10 : byte));
          const from = Math.min(skipped, input.length);
          const to = Math.max(from, input.length - left);
          const lines = input.subarray(from, to).filter((byte) => byte === 10).length;
          for (const prefilter of [scalar, simd]) {
            prefilter.memory.set(input);
            expect(prefilter.countLines(from, to)).toBe(lines);
          }
        }),
        budget,
      );
    },
    timeout,
  );

  test('more hits than the kernel lists at once are all told', () => {
    const text = 'tg_org_ '.repeat(CAPACITY / 8);
    for (const prefilter of [scalar, simd]) {
      prefilter.memory.set(Buffer.from(text));
      let count = 0;
      prefilter.find(0, CAPACITY, CAPACITY, () => count++);
      expect(count).toBe(CAPACITY / 8);
    }
  });
});

describe('detection', () => {
  const detectors: Detector[] = [createDetector(RULES), createDetector(RULES, { simd: false })];
  /** Tokens in layers of encodings between stretches of noise, some of them longer than the memory of a session. */
  const input = fc
    .array(
      fc.oneof(
        {
          weight: 3,
          arbitrary: fc.tuple(fc.nat(1e6), fc.nat(ENCODERS.length), fc.nat(ENCODERS.length)).map(encoded),
        },
        {
          weight: 1,
          arbitrary: fc
            .integer({ min: 1, max: 200_000 })
            .map((length) => Buffer.alloc(length, 'log line \n')),
        },
        { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
      ),
      { maxLength: 8 },
    )
    .map((parts) => Buffer.concat(parts));

  test(
    'pieces of any size give what the whole gives, with either kernel, each match once',
    () => {
      fc.assert(
        fc.property(
          input,
          fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 20 }),
          (bytes, sizes) => {
            const [whole, ...others] = detectors.flatMap((detector) => [
              detector.scan(bytes).map(plain).sort(),
              pieces(detector, bytes, sizes).sort(),
            ]);
            for (const other of others) expect(other).toEqual(whole);
            expect(new Set(whole).size).toBe(whole!.length);
          },
        ),
        budget,
      );
    },
    timeout,
  );

  test('sessions of one detector may be open at once', () => {
    const [first, second] = [detectors[0]!.session(), detectors[0]!.session()];
    const tokens = [orgToken('first'), orgToken('second')];
    for (const [index, session] of [first, second].entries()) {
      session.window().set(Buffer.from(tokens[index]!));
      session.commit(tokens[index]!.length);
    }
    const found = [first, second].map((session) => session.end().map(({ secret }) => secret.reveal()));
    expect(found).toEqual(tokens.map((token) => [token]));
    expect(() => first.window()).toThrow(/session is over/);
  });
});

function encoded([seed, outer, inner]: [number, number, number]): Buffer {
  const text = Buffer.from(` token: ${orgToken(String(seed), 16 + (seed % 40))} `);
  const once = ENCODERS[inner]?.encode(text) ?? text;
  return ENCODERS[outer]?.encode(once) ?? once;
}

function pieces(detector: Detector, bytes: Buffer, sizes: readonly number[]): string[] {
  const session = detector.session();
  const found: string[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const window = session.window();
    const piece = bytes.subarray(at, at + Math.min(window.length, sizes[turn % sizes.length]!));
    window.set(piece);
    found.push(...session.commit(piece.length).map(plain));
    at += piece.length;
  }
  return [...found, ...session.end().map(plain)];
}

function plain(match: ReturnType<Detector['scan']>[number]): string {
  const { span, line, column, confidence, reasons, via, rule } = match;
  return JSON.stringify([rule, span, line, column, confidence, reasons, via, match.secret.reveal()]);
}

function naive(bytes: Buffer, from: number, limit: number): string[] {
  return literals.flatMap((literal, index) => {
    const found: string[] = [];
    const needle = Buffer.from(literal.text, 'latin1');
    for (let at = bytes.indexOf(needle, from); at !== -1 && at < limit; at = bytes.indexOf(needle, at + 1)) {
      if (standsRight(bytes, at, literal)) found.push(`${at} ${index}`);
    }
    return found;
  });
}

function standsRight(bytes: Buffer, at: number, { text, after, before }: Literal): boolean {
  const isOne = (characters: string | undefined, byte: number | undefined) =>
    characters === undefined || (byte !== undefined && characters.includes(String.fromCharCode(byte)));
  return isOne(after, bytes[at + text.length]) && isOne(before, bytes[at - 1]);
}
