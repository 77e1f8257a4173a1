import { describe, expect, test } from 'vitest';
import { generator } from '../../fixtures/archives/mutate.js';
import { leave, SharedWork, WORK } from '../../src/sources/shared-work.js';
import type { Common, Task } from '../../src/sources/tree-work.js';

const folder = (path: string, gitDir?: string): Task => ({ kind: 'folder', path, gitDir });
const board = () => new SharedArrayBuffer(WORK);
const share = (index: number, again = false) => ({ index, of: 3, again });

describe('one walk', () => {
  test('begins with the root, once for all threads, and ends when nothing is left', async () => {
    const shared = board();
    const first = new SharedWork(shared, share(0), 'root');
    const second = new SharedWork(shared, share(1), 'root');
    expect(await first.take()).toEqual(folder(''));
    expect(first.give([])).toEqual([]);
    expect(await first.take()).toBeUndefined();
    expect(await second.take()).toBeUndefined();
  });

  test('a thread with nothing to do waits for what a busy one may still find', async () => {
    const shared = board();
    const busy = new SharedWork(shared, share(0), 'root');
    const idle = new SharedWork(shared, share(1), 'root');
    await busy.take();
    const waiting = idle.take();
    busy.give([folder('a', 'a'), { kind: 'files', paths: ['b', 'c'] }]);
    expect(await waiting).toEqual(folder('a', 'a'));
    expect(await busy.take()).toEqual({ kind: 'files', paths: ['b', 'c'] });
  });

  test('nobody waits for a thread that died or gave up', async () => {
    const shared = board();
    const dead = new SharedWork(shared, share(0), 'root');
    const given = new SharedWork(shared, share(1), 'root');
    await dead.take();
    dead.give([folder('a')]);
    await given.take();
    const last = new SharedWork(shared, share(2), 'root').take();
    leave(shared, 0);
    given.end();
    expect(await last).toBeUndefined();
  });

  test('what is for all is told to each', async () => {
    const shared = board();
    const first = new SharedWork(shared, share(0), 'root');
    await first.take();
    const common: Common[] = [
      { kind: 'repository', path: '.git' },
      { kind: 'long file', path: 'a.log' },
    ];
    expect(first.give(common)).toEqual([]);
    expect(first.common()).toEqual(common);
    expect(new SharedWork(shared, share(1), 'root').common()).toEqual(common);
  });
});

test('a thread that comes late to a walk goes on to the next', async () => {
  const shared = board();
  const one = share(0);
  const walk = new SharedWork(shared, one, 'root');
  await walk.take();
  walk.give([]);
  expect(await walk.take()).toBeUndefined();
  // The same target may be named twice: that is another walk.
  const next = new SharedWork(shared, one, 'root');
  expect(await next.take()).toEqual(folder(''));
  const other = share(1);
  expect(await new SharedWork(shared, other, 'root').take()).toBeUndefined();
  const late = new SharedWork(shared, other, 'root').take();
  next.give([folder('a')]);
  expect(await late).toEqual(folder('a'));
});

test.each(['plain', 'with é, 日本 and \u0000'])('a root is the same in every thread: %s', async (root) => {
  const shared = board();
  await new SharedWork(shared, share(0), root).take();
  leave(shared, 0);
  expect(await new SharedWork(shared, share(1), root).take()).toBeUndefined();
});

describe('the work of a thread that died', () => {
  test('is done again by who is told to, and only what that thread had taken', async () => {
    const shared = board();
    const dead = new SharedWork(shared, share(1), 'root');
    const alive = new SharedWork(shared, share(0), 'root');
    await dead.take();
    dead.give([folder('a'), folder('b')]);
    expect(await dead.take()).toEqual(folder('a'));
    leave(shared, 1);
    expect(await alive.take()).toEqual(folder('b'));
    alive.give([]);
    expect(await alive.take()).toBeUndefined();
    const again = new SharedWork(shared, share(1, true), 'root');
    expect(await again.take()).toEqual(folder(''));
    // That came so far as to say what it led to; the other did not.
    expect(again.give([folder('a'), folder('b')])).toEqual([]);
    expect(await again.take()).toEqual(folder('a'));
    expect(again.give([folder('a/c')])).toEqual([folder('a/c')]);
    expect(again.give([folder('a/c/d')])).toEqual([folder('a/c/d')]);
    expect(await again.take()).toBeUndefined();
  });
});

test('where there is no room on the board, a thread keeps what it has found', async () => {
  const shared = board();
  const work = new SharedWork(shared, share(0), 'root');
  await work.take();
  const large: Task = { kind: 'files', paths: ['x'.repeat(13 * 1024 * 1024)] };
  expect(work.give([large, large, folder('a')])).toEqual([large]);
});

test('every folder of any tree is taken once, in whatever order threads come by', async () => {
  const random = generator(7);
  for (let round = 0; round < 200; round++) {
    const shared = board();
    const threads = [0, 1, 2].map((index) => new SharedWork(shared, share(index), 'root'));
    const children = new Map<string, string[]>();
    let folders = 1;
    const grow = (path: string) => {
      const inside = Array.from({ length: folders < 60 ? random(5) : 0 }, (_, at) => `${path}/${at}`);
      folders += inside.length;
      children.set(path, inside);
      return inside;
    };
    const taken: string[] = [];
    await Promise.all(
      threads.map(async (work) => {
        for (let task = await work.take(); task !== undefined; task = await work.take()) {
          if (task.kind !== 'folder') continue;
          taken.push(task.path);
          for (let wait = random(3); wait > 0; wait--) await Promise.resolve();
          work.give(grow(task.path).map((path) => folder(path)));
        }
      }),
    );
    expect(new Set(taken).size).toBe(taken.length);
    expect(taken.length).toBe(folders);
  }
});
