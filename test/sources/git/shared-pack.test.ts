import { describe, expect, test } from 'vitest';
import type { Share } from '../../../src/model/share.js';
import { BOARD, STRETCHES, sharedPack } from '../../../src/sources/git/shared-pack.js';

const ALL = Array.from({ length: STRETCHES }, (_, stretch) => stretch);

function crew(of: number) {
  const board = new SharedArrayBuffer(BOARD);
  return Array.from({ length: of }, (_, index) => ({ index, of, board }));
}

test('threads that take turns as they please have all stretches, each once', () => {
  const threads = crew(3).map((share) => sharedPack('a pack', share)!.stretches());
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
  const dying = sharedPack('a pack', second!)!.stretches();
  const lost = [dying.next().value, dying.next().value, dying.next().value];
  const rest = [...sharedPack('a pack', first!)!.stretches()];
  expect([...sharedPack('a pack', { ...second!, again: true })!.stretches()]).toEqual(lost);
  expect([...rest, ...lost].sort((a, b) => a - b)).toEqual(ALL);
});

test('packs are told apart, and visits of one pack by the same thread', () => {
  const [share] = crew(2);
  for (const pack of ['a pack', 'another', 'a pack'])
    expect([...sharedPack(pack, share!)!.stretches()]).toEqual(ALL);
});

test('where there is no board, or no room on it, nobody takes anything', () => {
  expect(sharedPack('a pack', { index: 0, of: 2 })).toBeUndefined();
  const [first, second] = crew(2);
  let packs = 0;
  while (sharedPack(`pack ${packs}`, first!) !== undefined) packs++;
  expect(packs).toBeGreaterThan(10);
  expect(sharedPack('one more', second!)).toBeUndefined();
  expect([...sharedPack('pack 0', second!)!.stretches()]).toEqual(ALL);
});

describe('headers', () => {
  const COUNT = 1000;
  const truth = columns();
  for (let entry = 0; entry < COUNT; entry++) {
    truth.size[entry] = entry * 7919;
    truth.parent[entry] = entry - 3;
    truth.header[entry] = entry % 20;
    truth.type[entry] = 1 + (entry % 4);
  }

  function columns() {
    return {
      size: new Uint32Array(COUNT),
      parent: new Int32Array(COUNT),
      header: new Uint8Array(COUNT),
      type: new Uint8Array(COUNT),
    };
  }

  /** A thread that notes which entries it has to read itself. */
  function thread(share: Share) {
    const own = columns();
    const read: number[] = [];
    const readPart = (from: number, to: number) => {
      for (let entry = from; entry < to; entry++) read.push(entry);
      for (const column of ['size', 'parent', 'header', 'type'] as const)
        own[column].set(truth[column].subarray(from, to), from);
      return true;
    };
    const headers = sharedPack('a pack', share)!.headers(COUNT)!;
    return { own, read, readPart, headers };
  }

  test('are read once for all threads, whoever comes when', () => {
    const [first, second, third] = crew(3).map(thread);
    first!.headers.fill(first!.own, (from, to) => {
      // The second comes while the first reads, and has done with the rest.
      if (from === 0)
        second!.headers.fill(second!.own, (begin, end) => begin > 0 && second!.readPart(begin, end));
      return first!.readPart(from, to);
    });
    expect(third!.headers.fill(third!.own, third!.readPart)).toBe(true);
    expect(first!.own).toEqual(truth);
    expect(third!.own).toEqual(truth);
    expect(third!.read).toEqual([]);
    expect([...first!.read, ...second!.read].sort((a, b) => a - b)).toEqual([...truth.type.keys()]);
    expect(second!.read.length).toBeGreaterThan(0);
  });

  test('of a thread that died are read by those that wait for it', () => {
    const [dying, other] = crew(2).map(thread);
    const fatal = () => {
      throw new Error('gone');
    };
    expect(() => dying!.headers.fill(dying!.own, fatal)).toThrow('gone');
    expect(other!.headers.fill(other!.own, other!.readPart)).toBe(true);
    expect(other!.own).toEqual(truth);
  });

  test('that are out of the ordinary are so for every thread', () => {
    const [first, second] = crew(2).map(thread);
    expect(first!.headers.fill(first!.own, (from) => from < 500)).toBe(false);
    expect(second!.headers.fill(second!.own, second!.readPart)).toBe(false);
  });

  test("of more entries than there is room for, or of another number of them, are each thread's own", () => {
    const [first, second] = crew(2);
    expect(sharedPack('huge', first!)!.headers(10 ** 8)).toBeUndefined();
    expect(sharedPack('empty', first!)!.headers(0)).toBeUndefined();
    expect(sharedPack('a pack', first!)!.headers(COUNT)).toBeDefined();
    expect(sharedPack('a pack', second!)!.headers(COUNT - 1)).toBeUndefined();
  });
});
