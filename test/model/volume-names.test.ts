import { describe, expect, test } from 'vitest';
import { firstOf, mayBeFirst, volumesCounted, volumesFrom } from '../../src/model/volume-names.js';

const SETS: readonly (readonly [kind: string, opens: string, names: readonly string[]])[] = [
  ['pieces', 'a.7z.001', ['a.7z.001', 'a.7z.002', 'a.7z.003']],
  ['pieces', 'a.iso.000', ['a.iso.000', 'a.iso.001']],
  [
    'pieces',
    'a.tar.gz.part9'.replace('9', '1'),
    Array.from({ length: 11 }, (_, at) => `a.tar.gz.part${at + 1}`),
  ],
  ['pieces', 'a.tgz-00', ['a.tgz-00', 'a.tgz-01']],
  ['pieces', 'a.tar.gz.aa', ['a.tar.gz.aa', 'a.tar.gz.ab']],
  [
    'pieces',
    'xaa',
    Array.from(
      { length: 30 },
      (_, at) => `x${'ab'[Math.floor(at / 26)]}${String.fromCharCode(97 + (at % 26))}`,
    ),
  ],
  ['zip', 'a.zip', ['a.z01', 'a.zip']],
  ['zip', 'A.ZIP', ['A.Z01', 'A.Z02', 'A.ZIP']],
  [
    'zip',
    'a.zip',
    [...Array.from({ length: 101 }, (_, at) => `a.z${String(at + 1).padStart(2, '0')}`), 'a.zip'],
  ],
  ['rar', 'a.part1.rar', ['a.part1.rar', 'a.part2.rar']],
  [
    'rar',
    'a.part01.rar',
    Array.from({ length: 12 }, (_, at) => `a.part${String(at + 1).padStart(2, '0')}.rar`),
  ],
  [
    'rar',
    'a.rar',
    [
      'a.rar',
      ...Array.from({ length: 101 }, (_, at) => (at < 100 ? `a.r${String(at).padStart(2, '0')}` : 'a.s00')),
    ],
  ],
  ['rar', 'A.RAR', ['A.RAR', 'A.R00', 'A.R01']],
];

describe.each(SETS)('%s opened by %s', (kind, opens, names) => {
  const has = (name: string) => names.includes(name) || name === 'other.001';

  test('the first leads to all of them, in order', () => {
    expect(mayBeFirst(names[0]!)).toBe(true);
    expect(volumesFrom(names[0]!, has)).toEqual({ kind, opens, names });
  });

  test('each leads to the first', () => {
    for (const name of names) expect(firstOf(name, has), name).toBe(names[0]);
  });

  test('the one that opens it and how many there are tell their names', () => {
    expect(volumesCounted(opens, names.length)).toEqual({ kind, opens, names });
  });

  test('without the first there is no beginning; what lies behind a gap is not counted', () => {
    const later = (name: string) => names.slice(1).includes(name);
    for (const name of names.slice(1)) expect(firstOf(name, later), name).toBeUndefined();
    if (kind === 'zip' || names.length < 4) return;
    const gap = (name: string) => has(name) && name !== names[2];
    expect(volumesFrom(names[0]!, gap)?.names).toEqual(names.slice(0, 2));
    expect(firstOf(names[3]!, gap)).toBeUndefined();
  });
});

test.each(['a.zip', 'a.rar', 'a.7z.001', 'a.part1.rar', 'schema', 'README', 'a.txt', '001', 'aa', ''])(
  '%j alone is no volume',
  (name) => {
    expect(volumesFrom(name, (each) => each === name)).toBeUndefined();
    expect(firstOf(name, (each) => each === name)).toBeUndefined();
  },
);
