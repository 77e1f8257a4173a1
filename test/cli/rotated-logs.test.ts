import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { folder, guardsweep } from '../support/program.js';
import { findingOf, reportOf } from '../support/report.js';
import { body, orgToken } from '../support/tokens.js';

/** A log of some length, so that every format packs it; one token in its middle. */
const token = orgToken('rotated');
const log = Array.from({ length: 4_000 }, (_, at) =>
  at === 2_500 ? `key ${token}` : body(`line ${at}`, 60),
).join('\n');

interface Format {
  readonly name: string;
  /** A name that says something else. */
  readonly called: string;
  readonly tool?: string;
  readonly pack: () => Buffer;
}

const FORMATS: readonly Format[] = [
  { name: 'gzip', called: 'app.log.1.bz2', pack: () => gzipSync(log) },
  { name: 'gzip, in several members', called: 'app.log.1', pack: inMembers },
  { name: 'zstd', called: 'app.log.2.gz', tool: 'zstd', pack: () => packed('zstd', '-qc') },
  { name: 'xz', called: 'app.log.3.txt', tool: 'xz', pack: () => packed('xz', '-c') },
  { name: 'bzip2', called: 'app.log.4.xz', tool: 'bzip2', pack: () => packed('bzip2', '-c') },
  { name: 'lz4', called: 'app.log-20250102', tool: 'lz4', pack: () => packed('lz4', '-qc') },
  { name: 'compress', called: 'app.log.5.zst', tool: 'compress', pack: () => packed('compress', '-c') },
];

test.each(FORMATS)('a log packed by $name is read under the name $called', async ({ called, tool, pack }) => {
  if (tool !== undefined && spawnSync(tool, ['--version']).error !== undefined) {
    process.stdout.write(`skipped: there is no ${tool} to make it with\n`);
    return;
  }
  const cwd = folder();
  const bytes = pack();
  writeFileSync(join(cwd, called), bytes);
  const runs = [
    await guardsweep(['scan', '--format', 'json', called], { cwd }),
    await guardsweep(['scan', '--format', 'json', '.'], { cwd }),
    await guardsweep(['scan', '--format', 'json', '-'], { stdin: bytes }),
  ];
  for (const report of runs.map(reportOf)) {
    expect(report.coverage.complete).toBe(true);
    expect(findingOf(report, token)!.sightings).toMatchObject([
      { where: { kind: 'member' }, line: 2_501, column: 5, offset: 2_500 * 61 + 4 },
    ]);
  }
});

test('plain text under the name of a packed log is read as it is', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'app.log.1.gz'), log);
  const report = reportOf(await guardsweep(['scan', '--format', 'json', 'app.log.1.gz'], { cwd }));
  expect(report.coverage.complete).toBe(true);
  expect(findingOf(report, token)!.sightings).toMatchObject([{ where: { kind: 'file' }, line: 2_501 }]);
});

function packed(command: string, ...args: string[]): Buffer {
  return execFileSync(command, args, { input: log });
}

function inMembers(): Buffer {
  const middle = log.length / 2;
  return Buffer.concat([gzipSync(log.slice(0, middle)), gzipSync(log.slice(middle))]);
}
