import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { AccessStream, bytesAt, MemoryAccess, WindowAccess } from '../../src/sources/random-access.js';
import { pin, removeStaleSpools, Spool } from '../../src/sources/spool.js';

const spools: Spool[] = [];

afterEach(() => {
  for (const spool of spools.splice(0)) spool.close();
});

describe('what is kept', () => {
  test.each([
    ['in memory', 1e9],
    ['in a file', 0],
    ['in memory, then in a file', 500_000],
  ])('%s reads as it was written, at any place', async (_, memory) => {
    const data = Buffer.from(Array.from({ length: 900_000 }, (_, i) => (i * 31 + (i >> 8)) & 0xff));
    const kept = await made(memory).keep(new AccessStream(new MemoryAccess(data)));
    expect(kept.size).toBe(data.length);
    expect(bytesAt(kept, 0, data.length).equals(data)).toBe(true);
    expect(bytesAt(kept, 456_789, 100).equals(data.subarray(456_789, 456_889))).toBe(true);
  });

  test('several things lie side by side, and room is used again', async () => {
    const spool = made(0);
    const one = spool.copy(Buffer.from('one'));
    const two = spool.copy(Buffer.from('two'));
    expect([one, two].map((kept) => bytesAt(kept, 0, 9).toString())).toEqual(['one', 'two']);
    one.close();
    two.close();
    expect(bytesAt(spool.copy(Buffer.from('three')), 0, 9).toString()).toBe('three');
  });

  test('lent bytes outlive their buffer once they are pinned', () => {
    const lent = Buffer.from('xxlentxx');
    const pinned = pin(new WindowAccess(new MemoryAccess(lent, true), 2, 4), made(100));
    lent.fill(0);
    expect(bytesAt(pinned, 0, 9).toString()).toBe('lent');
  });
});

describe('the private folder', () => {
  test('has no name that others can open, and is gone when the spool is closed', () => {
    const spool = made(0);
    spool.copy(Buffer.from('x'));
    const folder = join(tmpdir(), folders(process.pid)[0]!);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).toEqual([]);
    spool.close();
    expect(existsSync(folder)).toBe(false);
  });

  test('of a run that was killed is removed, and nothing else is', () => {
    const gone = 2 ** 22 + 1;
    const stale = join(tmpdir(), `guardsweep-spool-${gone}-a`);
    const link = join(tmpdir(), `guardsweep-spool-${gone}-b`);
    const alive = join(tmpdir(), `guardsweep-spool-${process.ppid}-c`);
    mkdirSync(stale);
    mkdirSync(alive);
    symlinkSync(alive, link);
    try {
      removeStaleSpools();
      expect([stale, alive].map(existsSync)).toEqual([false, true]);
    } finally {
      rmSync(link, { force: true });
      rmSync(alive, { recursive: true });
    }
  });
});

function made(memory: number): Spool {
  const spool = new Spool(memory);
  spools.push(spool);
  return spool;
}

function folders(pid: number): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`guardsweep-spool-${pid}-`));
}
