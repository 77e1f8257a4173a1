import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDetector } from '../../src/detection/detector.js';
import { Budget } from '../../src/model/budget.js';
import type { Screen } from '../../src/model/screen.js';
import { RULES } from '../../src/rules/builtin.generated.js';
import { DiskTree } from '../../src/sources/disk-tree.js';
import { Glance } from '../../src/sources/glance.js';
import { Spool } from '../../src/sources/spool.js';
import { orgToken } from '../support/tokens.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guardsweep-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function glance(deep = false) {
  const detector = createDetector(RULES);
  const passed = { files: 0, bytes: 0 };
  const screen: Screen = {
    longest: 100,
    room: detector.room,
    suspects: (bytes) => detector.find(bytes).map(({ at }) => at),
    suspectsInRoom: (length) => detector.findInRoom(length).map(({ at }) => at),
    passed: (_, files, bytes) => {
      passed.files += files;
      passed.bytes += bytes;
    },
    attributable: () => {},
  };
  const budget = new Budget();
  const options = { budget, spool: new Spool(1024), history: false, screen, deep };
  return { look: new Glance(new DiskTree(folder), screen, options), passed };
}

test('plain files that hold nothing end here; all others are told', () => {
  const token = orgToken('glance');
  const write = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content);
  write('plain', 'nothing to see\n');
  write('leak', `token=${token}\n`);
  write('utf16', Buffer.from(`token=${token}`, 'utf16le'));
  write('zip', 'PK\x03\x04 and so on');
  write('named.br', 'any bytes');
  write('empty', '');
  write('long', 'x'.repeat(128 * 1024));
  write('nearly long', 'x'.repeat(128 * 1024 - 1));
  write('unicode é', 'nothing either');
  mkdirSync(join(folder, 'folder'));
  symlinkSync('leak', join(folder, 'link'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  const { look, passed } = glance();
  const names = ['plain', 'leak', 'utf16', 'zip', 'named.br', 'empty', 'long', 'nearly long'];
  const others = [Buffer.from('unicode é').toString('latin1'), 'folder', 'link', 'pipe', 'gone'];
  expect(look.unclear([...names, ...others]).sort()).toEqual(
    ['leak', 'utf16', 'zip', 'named.br', 'empty', 'long', 'folder', 'link', 'pipe', 'gone'].sort(),
  );
  expect(passed).toEqual({ files: 3, bytes: 15 + 128 * 1024 - 1 + 14 });
});

test('a token is told whatever its files neighbours are, at the seams of the room too', () => {
  const token = orgToken('seam');
  const paths: string[] = [];
  for (let index = 0; index < 300; index++) {
    const path = `seam-${index}`;
    const padding = 'y'.repeat((index * 7919) % 20_000);
    writeFileSync(
      join(folder, path),
      index % 9 === 0 ? `${padding}${token}` : `${padding}org_${token.slice(7)}`,
    );
    paths.push(path);
  }
  const { look, passed } = glance();
  expect(look.unclear(paths)).toEqual(paths.filter((_, index) => index % 9 === 0));
  expect(passed.files).toBe(300 - 34);
});

test('what begins a file is told whatever the file before ends in', () => {
  writeFileSync(join(folder, 'word'), 'a file that ends in a word');
  writeFileSync(join(folder, 'zlib'), deflateSync(`session of ${orgToken('begins')}`).toString('base64'));
  const { look, passed } = glance();
  expect(look.unclear(['word', 'zlib', 'plain'])).toEqual(['zlib']);
  expect(passed).toEqual({ files: 2, bytes: 26 + 15 });
});

test('opaque bytes are told where streams in them are looked for', () => {
  writeFileSync(join(folder, 'opaque'), 'a program\0with bytes');
  expect(glance(false).look.unclear(['opaque'])).toEqual([]);
  expect(glance(true).look.unclear(['opaque'])).toEqual(['opaque']);
});
