import { closeSync, mkdirSync, mkdtempSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Report } from '../../src/model/report.js';
import { commit, repository } from '../support/git.js';
import { guardsweep } from '../support/program.js';
import { reportOf } from '../support/report.js';
import { body, orgToken } from '../support/tokens.js';

/** More files than one thread is given, and history; a broken archive that one thread must list, once. */
function largeTree(): string {
  const path = repository();
  for (let folder = 0; folder < 50; folder++) {
    mkdirSync(join(path, `f${folder}`));
    for (let file = 0; file < 100; file++) {
      const token = file % 25 === 0 ? orgToken(`${folder}/${file}`) : body(`${folder}/${file}`);
      writeFileSync(join(path, `f${folder}`, `${file}.txt`), `${file}\n${token}\n`);
    }
  }
  commit(path, { 'broken.gz': Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]) });
  return path;
}

/** What must not depend on who read what. */
function essence({ coverage, findings }: Report): unknown {
  const places = findings.map(({ fingerprint, sightings }) => [
    fingerprint,
    sightings.map((sighting) => JSON.stringify(sighting)).sort(),
  ]);
  return { ...coverage, unscanned: coverage.unscanned.map((each) => JSON.stringify(each)).sort(), places };
}

test('two threads, or three, report what one does', async () => {
  const path = largeTree();
  const [one, two, three] = await Promise.all(
    ['1', '2', '3'].map(async (threads) =>
      reportOf(await guardsweep(['scan', '--threads', threads, '--format', 'json', path])),
    ),
  );
  expect(one!.findings).toHaveLength(200);
  expect(one!.coverage.unscanned.length).toBeGreaterThan(0);
  expect(essence(two!)).toEqual(essence(one!));
  expect(essence(three!)).toEqual(essence(one!));
});

test('a long log that two threads, or three, divide', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'guardsweep-test-')), 'long.log');
  const file = openSync(path, 'w');
  // Mostly a hole: reading it costs no disk.
  const length = 400 * 1024 * 1024;
  for (let at = 0; at < length; at += 4 * 1024 * 1024 + 8191) {
    writeSync(file, `\nat ${at}: ${orgToken(`${at}`)}\n`, at);
  }
  closeSync(file);
  const [one, two, three] = await Promise.all(
    ['1', '2', '3'].map(async (threads) =>
      reportOf(await guardsweep(['scan', '--threads', threads, '--format', 'json', path])),
    ),
  );
  expect(one!.findings).toHaveLength(100);
  expect(essence(two!)).toEqual(essence(one!));
  expect(essence(three!)).toEqual(essence(one!));
});
