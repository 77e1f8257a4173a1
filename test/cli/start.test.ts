import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROGRAM } from '../support/program.js';
import { orgToken } from '../support/tokens.js';

const DIST = dirname(PROGRAM);
const SCRIPTS = ['cli-script', 'search-thread-script'];

test.each(SCRIPTS)('what V8 made of %s when it was built is taken by this Node', (name) => {
  const cachedData = readFileSync(join(DIST, `${name}.v8`));
  const script = new Script(readFileSync(join(DIST, `${name}.js`), 'utf8'), { cachedData });
  expect(script.cachedDataRejected).toBe(false);
});

describe('the program starts without it', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'guardsweep-test-'));
    for (let index = 0; index < 4100; index++) writeFileSync(join(folder, `${index}.txt`), 'text');
    writeFileSync(join(folder, 'leak.txt'), orgToken('start'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ['where it is missing', undefined],
    ['where another V8 made it', Buffer.alloc(4096, 1)],
  ])('%s', (_, cache) => {
    const copy = mkdtempSync(join(tmpdir(), 'guardsweep-test-'));
    cpSync(DIST, join(copy, 'dist'), { recursive: true });
    writeFileSync(join(copy, 'package.json'), '{"type":"module"}');
    for (const name of SCRIPTS) {
      const file = join(copy, 'dist', `${name}.v8`);
      if (cache === undefined) rmSync(file);
      else writeFileSync(file, cache);
    }
    const args = [
      join(copy, 'dist/cli.js'),
      'scan',
      folder,
      '--no-probe',
      '--threads',
      '2',
      '--format',
      'json',
    ];
    const { stdout, code } = run(args);
    const report = JSON.parse(stdout);
    expect(code).toBe(1);
    expect(report.findings).toHaveLength(1);
    expect(report.coverage.units.files).toBe(4101);
    rmSync(copy, { recursive: true });
  });
});

function run(args: readonly string[]): { stdout: string; code: number } {
  try {
    return { stdout: execFileSync(process.execPath, args, { encoding: 'utf8', stdio: 'pipe' }), code: 0 };
  } catch (error) {
    const { stdout, status } = error as { stdout: string; status: number };
    return { stdout, code: status };
  }
}
