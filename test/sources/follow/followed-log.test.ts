import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FollowedBytes } from '../../../src/sources/follow/followed.js';
import { FollowedLog } from '../../../src/sources/follow/followed-log.js';

let folder: string;
let path: string;
let said: string[];
let log: FollowedLog;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  folder = mkdtempSync(join(tmpdir(), 'guardsweep-test-'));
  path = join(folder, 'app.log');
  said = [];
});

afterEach(() => {
  log.close();
  rmSync(folder, { recursive: true });
  vi.useRealTimers();
});

function follow(): void {
  log = new FollowedLog(path, { say: (text) => said.push(text), detail: () => {} });
}

/** Looks, reads everything, and lets go of what is over, as a workflow does. */
function look(): string[] {
  return log.look().map((file) => {
    const text = textOf(file);
    if (file.isOver) log.release(file);
    return text;
  });
}

function textOf(file: FollowedBytes): string {
  const into = Buffer.alloc(1_000);
  return into.subarray(0, file.read(into)).toString();
}

function rotate(to: string, text: string): void {
  renameSync(path, `${path}.${to}`);
  writeFileSync(path, text);
}

test('the last file that was moved away is read however late something comes', () => {
  writeFileSync(path, 'one');
  follow();
  expect(look()).toEqual(['one']);
  rotate('1', 'two');
  expect(look()).toEqual(['', 'two']);
  vi.advanceTimersByTime(3_600_000);
  expect(look()).toEqual(['', '']);
  appendFileSync(`${path}.1`, 'late');
  expect(look()).toEqual(['late', '']);
});

test('those before it are let go when they have been quiet for a while, and so is one that was deleted', () => {
  writeFileSync(path, 'one');
  follow();
  look();
  rotate('1', 'two');
  look();
  rotate('2', 'three');
  expect(look()).toEqual(['', '', 'three']);
  vi.advanceTimersByTime(31_000);
  look();
  expect(look()).toHaveLength(2);
  rmSync(`${path}.2`);
  look();
  expect(look()).toEqual(['']);
});

test('however often it is moved away, few files stay open, and none is let go before it was read', () => {
  writeFileSync(path, '0');
  follow();
  for (let number = 1; number <= 10; number++) rotate(`${number}`, `${number}`);
  expect(look().sort()).toEqual(['0', '1', '10', '2', '3', '4', '5', '6', '7', '8', '9']);
  expect(look()).toHaveLength(4);
});

test('a log that was copied often and then moved away is read on: its copies are no older than it is', () => {
  follow();
  writeFileSync(path, 'one');
  for (let number = 1; number <= 4; number++) {
    copyFileSync(path, `${path}.${number}`);
    truncateSync(path);
  }
  renameSync(path, `${path}.5`);
  while (look().join('') !== '');
  appendFileSync(`${path}.5`, 'late');
  expect(look().join('')).toBe('late');
  expect(log.unread()).toEqual([]);
});

test('what is written to a file that is no longer read is listed', () => {
  writeFileSync(path, 'one');
  follow();
  for (let number = 1; number <= 5; number++) rotate(`${number}`, `${number}`);
  while (look().join('') !== '');
  for (let number = 1; number <= 5; number++) appendFileSync(`${path}.${number}`, 'late');
  look();
  const details = log.unread().map(({ detail }) => detail);
  expect(details).toHaveLength(2);
  for (const detail of details)
    expect(detail).toMatch(/^4 bytes were written to .*app\.log\.\d when it was no longer read/);
});

test('what lies beside it is not its past: what was there before, what is packed, what is called otherwise', () => {
  writeFileSync(path, 'one');
  writeFileSync(`${path}.1`, 'before');
  follow();
  look();
  writeFileSync(`${path}.2.gz`, 'packed');
  writeFileSync(join(folder, 'other.log'), 'other');
  symlinkSync('other.log', `${path}.link`);
  rotate('3', 'two');
  expect(look()).toEqual(['', 'two']);
});

test('of a log that fails in the same way again and again is spoken once', () => {
  writeFileSync(path, 'one');
  follow();
  look();
  for (let time = 0; time < 3; time++) {
    writeFileSync(path, '');
    look();
    writeFileSync(path, 'more than before');
    look();
  }
  expect(said).toHaveLength(1);
  expect(log.unread()).toMatchObject([
    { reason: 'unreadable', detail: expect.stringMatching(/emptied.*\(\d times\)$/) },
  ]);
});
