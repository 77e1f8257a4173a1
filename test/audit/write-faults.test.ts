import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { Journal } from '../../src/audit/journal.js';
import { verifyJournal } from '../../src/audit/verify.js';
import type { JournalEvent } from '../../src/model/journal.js';

/** What the disk does at the nth call: an error, or a write that stops short. */
const disk = vi.hoisted(() => ({ calls: 0, failAt: 0, code: 'EIO', short: false }));

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
      fs.fsyncSync(fd);
    },
  };
});

const EVENTS: JournalEvent[] = ['PLANNED', 'INTENT', 'ACK', 'VERIFIED', 'END'];

beforeEach(() => Object.assign(disk, { calls: 0, failAt: 0, code: 'EIO', short: false }));

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
            expect(String(error)).toContain('can not be written');
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
