import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { lz4 } from '../../fixtures/archives/lz4-builder.js';
import { buildCompress } from '../../fixtures/archives/rare.js';
import { bzip2, xz } from '../../fixtures/archives/seven-zip.js';
import { zstd } from '../../fixtures/archives/zstd-encoder.js';
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
  readonly pack: () => Buffer | Promise<Buffer>;
}

const FORMATS: readonly Format[] = [
  { name: 'gzip', called: 'app.log.1.bz2', pack: () => gzipSync(log) },
  { name: 'gzip, in several members', called: 'app.log.1', pack: inMembers },
  { name: 'zstd', called: 'app.log.2.gz', pack: () => zstd(log) },
  { name: 'xz', called: 'app.log.3.txt', pack: () => xz(log) },
  { name: 'bzip2', called: 'app.log.4.xz', pack: () => bzip2(log) },
  { name: 'lz4', called: 'app.log-20250102', pack: () => lz4(log) },
  { name: 'compress', called: 'app.log.5.zst', pack: () => buildCompress(log) },
];

test.each(FORMATS)('a log packed by $name is read under the name $called', async ({ called, pack }) => {
  const cwd = folder();
  const bytes = await pack();
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

function inMembers(): Buffer {
  const middle = log.length / 2;
  return Buffer.concat([gzipSync(log.slice(0, middle)), gzipSync(log.slice(middle))]);
}
