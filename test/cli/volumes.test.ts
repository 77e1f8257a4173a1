import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { buildEwf } from '../../fixtures/archives/ewf-builder.js';
import { sevenZip } from '../../fixtures/archives/seven-zip.js';
import { buildTar } from '../../fixtures/archives/tar-builder.js';
import {
  buildRarVolumes,
  buildZipVolumes,
  cutInto,
  type Volumes,
} from '../../fixtures/archives/volumes-builder.js';
import { buildZip } from '../../fixtures/archives/zip-builder.js';
import { inProcess } from '../support/in-process.js';
import { folder } from '../support/program.js';
import { findingOf, reportOf } from '../support/report.js';
import { body, orgToken } from '../support/tokens.js';

const TOKEN = orgToken('volumes');
/** Random, so that packing does not make it short, and a token in each third. */
const TOKENS = ['first', 'second', 'third'].map((each) => orgToken(`volumes ${each}`));
const TEXTS = TOKENS.map(
  (token, index) => `${body(`filling ${index}`, 3000)}\nkey=${token}\n${body(`more ${index}`, 3000)}\n`,
);
const FILES = TEXTS.map((data, index) => ({ name: `${index}.txt`, data }));
const TAR = gzipSync(buildTar(FILES));

const three = (index: number) => String(index + 1).padStart(3, '0');
const two = (index: number) => String(index).padStart(2, '0');

const SETS: Readonly<Record<string, () => Volumes | Promise<Volumes>>> = {
  '7z cut by 7-Zip': async () =>
    cutInto(
      await sevenZip(Object.fromEntries(FILES.map(({ name, data }) => [name, data]))),
      4,
      (index) => `leak.7z.${three(index)}`,
    ),
  'tar.gz cut by split': () => cutInto(TAR, 5, (index) => `leak.tar.gz.a${'abcdefg'[index]}`),
  'tar.gz cut by split -d': () => cutInto(TAR, 12, (index) => `leak.tgz.part${two(index)}`),
  'tar.gz in parts that a download counts': () => cutInto(TAR, 11, (index) => `leak.tgz.part${index + 1}`),
  'what split calls x': () => cutInto(TAR, 3, (index) => `xa${'abc'[index]}`),
  'an image of a disk': () =>
    Object.fromEntries(
      buildEwf(Buffer.from(TEXTS.join('\0'.repeat(60_000))), 2).map((file, index) => [
        `leak.E${two(index + 1)}`,
        file,
      ]),
    ),
  'zip cut as it is': () => cutInto(buildZip(FILES), 3, (index) => `leak.zip.${three(index)}`),
  'zip in volumes': () => buildZipVolumes('leak', FILES, 4),
  'zip in two volumes': () => buildZipVolumes('leak', FILES, 2),
  'rar in volumes': () => buildRarVolumes((index) => `leak.part${index + 1}.rar`, 'all', TEXTS.join(''), 5),
  'rar in volumes, named as of old': () =>
    buildRarVolumes(
      (index) => (index === 0 ? 'leak.rar' : `leak.r${two(index - 1)}`),
      'all',
      TEXTS.join(''),
      5,
    ),
};

function write(volumes: Volumes, at = folder()): string {
  for (const [name, bytes] of Object.entries(volumes)) writeFileSync(join(at, name), bytes);
  return at;
}

async function scan(...targets: readonly string[]) {
  const ended = await inProcess(['scan', '--no-probe', '--format', 'json', ...targets], {});
  return { code: ended.code, report: reportOf(ended) };
}

describe.each(Object.entries(SETS))('%s', (_, make) => {
  test('is read as one archive in a folder, once', async () => {
    const at = write(await make());
    mkdirSync(join(at, 'deeper'));
    write(await make(), join(at, 'deeper'));
    const { code, report } = await scan(at);
    expect([code, report.coverage.unscanned]).toEqual([1, []]);
    for (const token of TOKENS) expect(findingOf(report, token)?.sightings, token).toHaveLength(2);
  });

  test('by whichever volume it is named, and by all of them', async () => {
    const volumes = await make();
    const at = write(volumes);
    const paths = Object.keys(volumes).map((name) => join(at, name));
    const whole = await scan(...paths);
    expect([whole.code, whole.report.coverage.unscanned]).toEqual([1, []]);
    expect(whole.report.run.evidence?.map(({ path }) => path)).toEqual(paths);
    for (const path of [paths[0]!, paths[1]!, paths.at(-1)!]) {
      const { code, report } = await scan(path);
      expect([code, report.findings, report.run.evidence]).toEqual([
        1,
        whole.report.findings,
        whole.report.run.evidence,
      ]);
    }
    for (const token of TOKENS) expect(findingOf(whole.report, token)?.sightings, token).toHaveLength(1);
  });

  test('with a volume missing, what comes before is read, and the rest is said to be unread', async () => {
    const volumes = Object.entries(await make());
    const missing = Math.min(2, volumes.length - 1);
    const at = write(Object.fromEntries(volumes.filter((_, index) => index !== missing)));
    const { code, report } = await scan(at);
    expect([code, report.coverage.complete]).toEqual([2, false]);
    expect(report.coverage.unscanned.length).toBeGreaterThan(0);
  });
});

/** By what others are called, these are no volumes: what is kept until all members were seen is kept for its name. */
const NAMED_LOOSELY = new Set(['what split calls x']);
const INSIDE = Object.entries(SETS).filter(([name]) => !NAMED_LOOSELY.has(name));

describe.each(INSIDE)('%s, inside another archive', (_, make) => {
  test.each(['tar', 'zip', 'stored zip'])('a %s', async (kind) => {
    const volumes = Object.entries(await make()).map(([name, data]) => ({ name: `backup/${name}`, data }));
    // As they may lie there: in no order.
    const [first, ...rest] = volumes.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const members = [...rest, first!, { name: 'note.txt', data: TOKEN }];
    const ordered = rest.some(({ name }) => name.endsWith('.zip'))
      ? [first!, ...rest, members.at(-1)!]
      : members;
    const at = folder();
    const packed =
      kind === 'tar'
        ? buildTar(ordered)
        : buildZip(ordered.map((each) => ({ ...each, method: kind === 'zip' ? 8 : 0 })));
    writeFileSync(join(at, 'leak'), packed);
    const { code, report } = await scan(join(at, 'leak'));
    expect([code, report.coverage.unscanned]).toEqual([1, []]);
    for (const token of [TOKEN, ...TOKENS])
      expect(findingOf(report, token)?.sightings, token).toHaveLength(1);
    const missing = { ...ordered[1]!, name: 'elsewhere' };
    writeFileSync(join(at, 'cut'), buildTar([ordered[0]!, missing, ...ordered.slice(2)]));
    expect((await scan(join(at, 'cut'))).report.coverage.complete).toBe(false);
  });
});

test('of two members of one name both are read', async () => {
  const named = TOKENS.map((token, index) => ({
    name: index === 2 ? 'leak.tar.gz.ab' : 'leak.tar.gz.aa',
    data: gzipSync(`key=${token}\n`),
  }));
  const at = write({ 'leak.tar': buildTar(named) });
  const { report } = await scan(join(at, 'leak.tar'));
  expect(TOKENS.map((token) => findingOf(report, token)?.sightings.length)).toEqual([1, 1, 1]);
});

test('a first volume that lies there alone is read as far as it goes, a later one is listed', async () => {
  for (const [name, bytes] of Object.entries(cutInto(TAR, 2, (index) => `leak.tar.gz.a${'ab'[index]}`))) {
    const { code, report } = await scan(write({ [name]: bytes }));
    expect([code, report.coverage.unscanned.length > 0], name).toEqual([2, true]);
    expect(report.findings.length, name).toBe(name.endsWith('aa') ? 1 : 0);
  }
});

test('a member that lies in a volume which is not there is named with the volume', async () => {
  const { 'leak.z02': _, ...rest } = buildZipVolumes('leak', FILES, 4);
  const { report } = await scan(write(rest));
  const details = report.coverage.unscanned.map(({ detail }) => detail).join('\n');
  expect(details).toContain('it lies in volume 2 of the zip, which is not among what was scanned');
  expect(findingOf(report, TOKENS[2]!)).toBeDefined();
});

describe('what is no archive and was cut', () => {
  const log = (before: number) =>
    Buffer.from(`${'a line of a log\n'.repeat(600).slice(5, before + 5)}${TOKEN}\nthe end\n`);

  test('a token that goes on in the next piece is read as a whole', async () => {
    const bytes = log(8192 - 20);
    const at = write({ 'app.log.aa': bytes.subarray(0, 4096), 'app.log.ab': bytes.subarray(4096, 8192) });
    write({ 'app.log.ac': bytes.subarray(8192) }, at);
    const { code, report } = await scan(at);
    expect([code, report.findings.length]).toEqual([1, 1]);
    const [sighting] = findingOf(report, TOKEN)!.sightings;
    expect(sighting).toMatchObject({ offset: 8172, where: { path: join(at, 'app.log.aa'), volumes: 3 } });
  });

  test('files that end with a line, and those of no round size, are read each for itself', async () => {
    for (const size of [4096, 4097]) {
      const bytes = Buffer.alloc(size, 'x\n');
      bytes[size - 1] = size === 4096 ? 0x0a : 0x78;
      const at = write({ 'app.log.1': bytes, 'app.log.2': Buffer.from(`${TOKEN}\n`) });
      const { report } = await scan(at);
      expect(findingOf(report, TOKEN)!.sightings[0]).toMatchObject({
        offset: 0,
        where: { path: join(at, 'app.log.2') },
      });
    }
  });
});

test('files that are only named alike are read each for itself', async () => {
  const at = folder();
  const logs = [1, 2].map((each) => gzipSync(`rotated ${each} ${each === 2 ? TOKEN : ''}`));
  for (const [index, log] of logs.entries()) writeFileSync(join(at, `app.log.${index + 1}`), log);
  writeFileSync(join(at, 'syslog.1'), `${'a line\n'.repeat(9)}${TOKENS[0]}\n`);
  writeFileSync(join(at, 'syslog.2'), 'another\n');
  // An archive, and a longer file whose name goes on counting.
  writeFileSync(join(at, 'kept-0'), buildZip([{ name: 'a', data: TOKENS[1]! }]));
  writeFileSync(join(at, 'kept-1'), `${'text\n'.repeat(200)}${TOKENS[2]}\n`);
  const { report } = await scan(at);
  expect(report.coverage.unscanned).toEqual([]);
  const places = [TOKEN, ...TOKENS].map((token) =>
    JSON.stringify(findingOf(report, token)?.sightings[0]?.where),
  );
  expect(places.join('\n')).not.toContain('volumes');
  expect(places[0]).toContain('app.log.2');
  expect(places[3]).toContain('kept-1');
});

test('a link among the volumes is followed where the user names them, and in a folder it is not', async () => {
  const at = folder();
  const store = write(await SETS['7z cut by 7-Zip']!());
  for (const index of [0, 1, 2, 3]) {
    const name = `leak.7z.${three(index)}`;
    symlinkSync(join(store, name), join(at, name));
  }
  expect((await scan(join(at, 'leak.7z.001'))).report.findings).toHaveLength(3);
  expect((await scan(at)).report.findings).toEqual([]);
});
