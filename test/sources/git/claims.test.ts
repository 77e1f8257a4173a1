import { expect, test } from 'vitest';
import { BOARD, claims, STRETCHES } from '../../../src/sources/git/claims.js';

const ALL = Array.from({ length: STRETCHES }, (_, stretch) => stretch);

function crew(of: number) {
  const board = new SharedArrayBuffer(BOARD);
  return Array.from({ length: of }, (_, index) => ({ index, of, board }));
}

test('threads that take turns as they please have all stretches, each once', () => {
  const threads = crew(3).map((share) => claims('a pack', share)!);
  const taken = threads.map((): number[] => []);
  for (let turn = 0; taken.flat().length < STRETCHES; turn++) {
    const thread = (turn * turn) % 3;
    const next = threads[thread]!.next();
    if (next.done !== true) taken[thread]!.push(next.value);
  }
  for (const thread of threads) expect(thread.next().done).toBe(true);
  expect(taken.flat().sort((a, b) => a - b)).toEqual(ALL);
  expect(taken.filter((stretches) => stretches.length > 0).length).toBeGreaterThan(1);
});

test('what a thread had taken before it died is taken again, and nothing else', () => {
  const [first, second] = crew(2);
  const dying = claims('a pack', second!)!;
  const lost = [dying.next().value, dying.next().value, dying.next().value];
  const rest = [...claims('a pack', first!)!];
  expect([...claims('a pack', { ...second!, again: true })!]).toEqual(lost);
  expect([...rest, ...lost].sort((a, b) => a - b)).toEqual(ALL);
});

test('packs are told apart, and visits of one pack by the same thread', () => {
  const [share] = crew(2);
  for (const pack of ['a pack', 'another', 'a pack']) expect([...claims(pack, share!)!]).toEqual(ALL);
});

test('where there is no board, or no room on it, nobody takes anything', () => {
  expect(claims('a pack', { index: 0, of: 2 })).toBeUndefined();
  const [first, second] = crew(2);
  let packs = 0;
  while (claims(`pack ${packs}`, first!) !== undefined) packs++;
  expect(packs).toBeGreaterThan(10);
  expect(claims('one more', second!)).toBeUndefined();
  expect([...claims('pack 0', second!)!]).toEqual(ALL);
});
