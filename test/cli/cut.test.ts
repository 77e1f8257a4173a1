import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildZip } from '../../fixtures/archives/zip-builder.js';
import { LOG_CUTTERS, LOOSE_CUTTERS, MARKUP_CUTTERS } from '../detection/cutters.js';
import { folder, guardsweep } from '../support/program.js';
import { fingerprintOf, reportOf } from '../support/report.js';
import { orgToken } from '../support/tokens.js';
import { lacking } from '../support/tools.js';

const token = orgToken('cut by a tool');
const CUTTERS = Object.entries({ ...LOG_CUTTERS, ...LOOSE_CUTTERS, ...MARKUP_CUTTERS });

describe('a token that something cut in two', () => {
  test('is found in files, with what cut it', async () => {
    const cwd = folder();
    const tokens = CUTTERS.map(([name]) => orgToken(name));
    for (const [index, [, { cut }]] of CUTTERS.entries()) {
      const text = `some\nlines\n${cut(tokens[index]!.slice(0, 12), tokens[index]!.slice(12))}`;
      writeFileSync(join(cwd, `${index}.log`), text);
    }
    const { findings } = reportOf(await guardsweep(['scan', '--format', 'json', '.'], { cwd }));
    for (const [index, [name, { via }]] of CUTTERS.entries()) {
      const found = findings.find(({ fingerprint }) => fingerprint === fingerprintOf(tokens[index]!));
      expect(
        found?.sightings.map((sighting) => sighting.via),
        name,
      ).toEqual([[via]]);
    }
  });

  test('is found in the documents of an office', async () => {
    const cwd = folder();
    const { Word, Excel, PowerPoint, OpenDocument } = MARKUP_CUTTERS;
    const parts = { Word, Excel, PowerPoint, OpenDocument };
    for (const [name, cutter] of Object.entries(parts)) {
      const data = `<?xml version="1.0"?><x>${cutter!.cut(orgToken(name).slice(0, 6), orgToken(name).slice(6))}</x>`;
      writeFileSync(join(cwd, name), buildZip([{ name: 'content.xml', data, method: 8 }]));
    }
    const { findings, coverage } = reportOf(await guardsweep(['scan', '--format', 'json', '.'], { cwd }));
    expect(coverage.unscanned).toEqual([]);
    const high = findings.filter(({ confidence }) => confidence === 'high');
    expect(high.map(({ fingerprint }) => fingerprint).sort()).toEqual(
      Object.keys(parts)
        .map((name) => fingerprintOf(orgToken(name)))
        .sort(),
    );
  });
});

describe.skipIf(lacking('perl') !== '')(`the printed commands lead to it${lacking('perl')}`, () => {
  test.each(CUTTERS)('in %s', async (_, { cut }) => {
    const cwd = folder();
    writeFileSync(join(cwd, 'leak'), `some\nlines\n${cut(token.slice(0, 12), token.slice(12))}`);
    const script = await guardsweep(['locate', 'leak', fingerprintOf(token)], { cwd });
    expect(script.stdout).not.toContain(token.slice(0, 12));
    const { stdout } = spawnSync('sh', ['-c', script.stdout], { cwd, encoding: 'latin1' });
    expect(stdout, script.stdout).toContain(token);
  });
});
