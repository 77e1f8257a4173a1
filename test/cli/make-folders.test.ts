import { chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolders } from '../../src/cli/make-folders.js';
import { folder } from '../support/program.js';

test('makes what is missing, for its user alone, and leaves what is there', () => {
  const there = join(folder(), 'there');
  mkdirSync(there, { mode: 0o755 });
  makeFolders(join(there, 'a', 'b'));
  expect(statSync(there).mode & 0o777).toBe(0o755);
  for (const path of ['a', 'a/b']) expect(statSync(join(there, path)).mode & 0o777).toBe(0o700);
  writeFileSync(join(there, 'file'), '');
  expect(() => makeFolders(join(there, 'file'))).toThrow('EEXIST');
  expect(() => makeFolders(join(there, 'file', 'below'))).toThrow(/EEXIST|ENOTDIR/);
});

test.runIf(existsSync('/proc/self'))('comes to an end where none can be made', () => {
  expect(() => makeFolders('/proc/self/none/below')).toThrow('ENOENT');
});

test.runIf(process.getuid?.() === 0)('made by root in somebody’s home, each is that somebody’s', () => {
  const home = folder();
  chownSync(home, 1234, 1234);
  makeFolders(join(home, '.local', 'state', 'guardsweep'));
  for (const path of ['.local', '.local/state', '.local/state/guardsweep']) {
    expect(statSync(join(home, path))).toMatchObject({ uid: 1234, gid: 1234 });
  }
});
