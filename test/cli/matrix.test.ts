import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { filesIn } from '../../fixtures/archives/folder.js';
import { buildZip } from '../../fixtures/archives/zip-builder.js';
import { fingerprint } from '../../src/findings/fingerprint.js';
import { SecretValue } from '../../src/model/secret.js';
import { ENCODERS } from '../detection/encoders.js';
import { commit, repository } from '../support/git.js';
import { folder, guardsweep } from '../support/program.js';
import { reportOf } from '../support/report.js';
import { orgToken } from '../support/tokens.js';

const KIB = 1024;
/** Wherever some reader ends a piece: pipes, inflate windows, small files, sessions. */
const BOUNDARIES = [8, 16, 32, 64, 128, 256, 288, 512, 960, 1024].map((size) => size * KIB);
/**
 * How many places around each boundary: they move from one encoding to the next, so that all together lie closely. A
 * campaign (`GUARDSWEEP_MATRIX_PLACES=64`) tries more in each.
 */
const PLACES = Number(process.env.GUARDSWEEP_MATRIX_PLACES ?? 2);
const SPREAD = 240;
const FILLER = Buffer.from('2026-11-23T20:11:02Z INFO  nothing to see in this line of the log\n');

/** A text in which an encoded token lies across every boundary, and which tokens those are. */
function planted(encoder: (typeof ENCODERS)[number], turn: number): { text: Buffer; tokens: string[] } {
  const text = Buffer.alloc(1152 * KIB, FILLER);
  const tokens = BOUNDARIES.map((boundary, index) => {
    const token = orgToken(`${encoder.name}/${turn}/${boundary}`, 32);
    const encoded = encoder.encode(Buffer.from(`  key=${token} and more `));
    const back = (encoder.name.length * 37 + turn * 53 + index * 29) % SPREAD;
    // Dumps and wide text need what is around them to be no part of them.
    const framed = Buffer.concat([Buffer.from('\n'), encoded, Buffer.from('\n')]);
    framed.copy(text, boundary - Math.min(back, framed.length));
    return token;
  });
  return { text, tokens };
}

const texts = ENCODERS.flatMap((encoder) =>
  Array.from({ length: PLACES }, (_, turn) => ({
    name: `${encoder.name.replace(/[^a-z0-9]+/gi, '-')}-${turn}.log`,
    ...planted(encoder, turn),
  })),
);

/** Every text as a file of one folder. */
function written(path: string): string {
  for (const { name, text } of texts) writeFileSync(join(path, name), text);
  return path;
}

describe('every encoding across every boundary is found whole', () => {
  test('in files', async () => {
    await expectAll([written(folder())]);
  });

  test('in blobs of a repository, deleted again', async () => {
    const path = repository();
    commit(path, Object.fromEntries(texts.map(({ name, text }) => [name, text])));
    commit(path, Object.fromEntries(texts.map(({ name }) => [name, 'gone\n'])));
    await expectAll([path]);
  });

  test('in a zip', async () => {
    const path = written(folder());
    const archive = join(folder(), 'all.zip');
    writeFileSync(archive, buildZip(filesIn(path)));
    await expectAll([archive]);
  });

  test('in a packed tar', async () => {
    const path = written(folder());
    const archive = join(folder(), 'all.tar.gz');
    execFileSync('tar', ['-czf', archive, '-C', path, '.']);
    await expectAll([archive]);
  });

  test('in files that are packed one by one', async () => {
    const path = folder();
    for (const { name, text } of texts) writeFileSync(join(path, `${name}.gz`), gzipSync(text));
    await expectAll([path]);
  });

  test('from standard input', async () => {
    const missing = [];
    // Each second: what differs from files is how pieces come, and that is the same for all.
    for (const { name, text, tokens } of texts.filter((_, index) => index % (2 * PLACES) === 0)) {
      const found = await fingerprintsOf(['-'], text);
      missing.push(...tokens.filter((token) => !found.has(nameOf(token))).map(() => name));
    }
    expect(missing).toEqual([]);
  }, 120_000);
});

async function expectAll(targets: readonly string[]): Promise<void> {
  const found = await fingerprintsOf(targets);
  const missing = texts.flatMap(({ name, tokens }) =>
    tokens.flatMap((token, index) => (found.has(nameOf(token)) ? [] : [`${name} at ${BOUNDARIES[index]}`])),
  );
  expect(missing).toEqual([]);
}

async function fingerprintsOf(targets: readonly string[], stdin?: Buffer): Promise<ReadonlySet<string>> {
  const ended = await guardsweep(['scan', '--no-probe', '--format', 'json', ...targets], {
    ...(stdin === undefined ? {} : { stdin }),
  });
  return new Set(reportOf(ended).findings.map((finding: { fingerprint: string }) => finding.fingerprint));
}

function nameOf(token: string): string {
  return fingerprint(new SecretValue(token, 'tg_org_'.length));
}
