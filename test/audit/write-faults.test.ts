import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { Journal } from '../../src/audit/journal.js';
import { verifyJournal } from '../../src/audit/verify.js';
import type { JournalEvent } from '../../src/model/journal.js';

/** What the disk does at the nth call: an error, or a write that stops short. */
const disk = vi.hoisted(() => ({ calls: 0, failAt: 0, code: 'EIO', short: false, synced: [] as boolean[] }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const fault = () => {
    disk.calls += 1;
    if (disk.calls === disk.failAt)
      throw Object.assign(new Error(`${disk.code}: injected`), { code: disk.code });
  };
  return {
    ...fs,
    writeSync: (fd: number, data: Buffer | string, offset = 0) => {
      if (typeof data === 'string') return fs.writeSync(fd, data);
      const rest = data.length - offset;
      const written = disk.short && rest > 1 ? fs.writeSync(fd, data, offset, Math.ceil(rest / 2)) : 0;
      fault();
      return written > 0 ? written : fs.writeSync(fd, data, offset);
    },
    fsyncSync: (fd: number) => {
      fault();
      disk.synced.push(fs.fstatSync(fd).isDirectory());
      fs.fsyncSync(fd);
    },
  };
});

const EVENTS: JournalEvent[] = ['PLANNED', 'INTENT', 'ACK', 'VERIFIED', 'END'];

beforeEach(() => Object.assign(disk, { calls: 0, failAt: 0, code: 'EIO', short: false, synced: [] }));

test.each([
  ['EIO', false],
  ['ENOSPC', true],
])(
  '%s at every write and fsync: what append returned for is on disk, what it threw for is not',
  (code, short) => {
    const folder = mkdtempSync(join(tmpdir(), 'journal-'));
    try {
      for (let failAt = 1; ; failAt++) {
        const file = join(folder, `${failAt}.jsonl`);
        Object.assign(disk, { calls: 0, failAt: 0, code, short });
        const journal = Journal.open(file, { redact: (text) => text });
        Object.assign(disk, { calls: 0, failAt });
        const durable: string[] = [];
        let failed = 0;
        for (const event of EVENTS) {
          try {
            journal.append({ event, run: 'r' });
            durable.push(event);
          } catch (error) {
            expect(String(error)).toContain('cannot be written');
            failed += 1;
          }
        }
        journal.close();
        const events = () =>
          readFileSync(file, 'utf8')
            .trimEnd()
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line).event as string);
        expect(verifyJournal(file)).toMatchObject({ ok: true, truncated: 0 });
        expect(events()).toEqual(durable);
        // Once a write failed nothing follows: a gap would look like a clean record.
        expect(durable).toEqual(EVENTS.slice(0, EVENTS.length - failed));
        disk.failAt = 0;
        const resumed = Journal.open(file, { redact: (text) => text });
        resumed.append({ event: 'RUN', run: 'r2' });
        resumed.close();
        expect(events()).toEqual([...durable, 'RUN']);
        if (failed === 0) break;
      }
      expect(disk.calls).toBeGreaterThan(EVENTS.length);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

test('a failed write names its cause, and what it left behind is taken back at once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'));
  const file = join(folder, 'journal.jsonl');
  const journal = Journal.open(file, { redact: (text) => text });
  journal.append({ event: 'RUN', run: 'r' });
  const before = readFileSync(file, 'utf8');
  Object.assign(disk, { calls: 0, failAt: 2, code: 'ENOSPC', short: true });
  expect(() => journal.append({ event: 'END', run: 'r' })).toThrow(
    expect.objectContaining({
      message: `The journal ${file} cannot be written: ENOSPC: injected. Nothing more is done.`,
      cause: expect.objectContaining({ code: 'ENOSPC' }),
    }),
  );
  expect(readFileSync(file, 'utf8')).toBe(before);
  journal.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a new journal survives a power cut: its folder is synced once it is open, its lock and lines before they count', () => {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'));
  const journal = Journal.open(join(folder, 'journal.jsonl'), { redact: (text) => text });
  expect(disk.synced, 'lock, journal, folder').toEqual([false, false, true]);
  journal.append({ event: 'RUN', run: 'r' });
  expect(disk.synced).toEqual([false, false, true, false]);
  journal.close();
  rmSync(folder, { recursive: true, force: true });
});
