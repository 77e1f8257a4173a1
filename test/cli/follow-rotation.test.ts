import {
  appendFileSync,
  closeSync,
  copyFileSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { following, logIn, pause, placesOf } from '../support/following.js';
import { folder } from '../support/program.js';
import { findingOf, fingerprintOf } from '../support/report.js';
import { body, orgToken } from '../support/tokens.js';

describe('a log that is rotated', () => {
  test('by moving it away: each file is read to its end, also what comes late, with its own lines', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const [first, second, late, third] = ['first', 'second', 'late', 'third'].map((seed) =>
      orgToken(seed),
    ) as [string, string, string, string];
    writeFileSync(log, `one\ntoken ${first}\n`);
    const running = await following(['app.log'], { cwd });
    await running.says(first.slice(-4));
    const writer = openSync(log, 'a');
    renameSync(log, `${log}.1`);
    writeFileSync(log, `${second} in the new file\n`);
    await running.says(second.slice(-4));
    writeSync(writer, `who wrote did not know\n ${late}\n`);
    closeSync(writer);
    await running.says(late.slice(-4));
    renameSync(`${log}.1`, `${log}.2`);
    renameSync(log, `${log}.1`);
    writeFileSync(log, `${third}\n`);
    await running.says(third.slice(-4));
    const report = await running.report();
    expect(placesOf(report, first)).toEqual(['app.log.2:2:7 @10']);
    expect(placesOf(report, late)).toEqual([`app.log.2:4:2 @${11 + first.length + 24}`]);
    expect(placesOf(report, second)).toEqual(['app.log.1:1:1 @0']);
    expect(placesOf(report, third)).toEqual(['app.log:1:1 @0']);
    expect(report.coverage).toMatchObject({ complete: true, units: { files: 3 } });
    expect(report.exit_code).toBe(1);
    for (const token of [first, second, late, third]) expect(running.tellings(token)).toBe(1);
  });

  test('by copying and emptying it: what was written right before is read from the copy', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const [before, last, after] = ['before', 'last', 'after'].map((seed) => orgToken(seed)) as [
      string,
      string,
      string,
    ];
    writeFileSync(log, `${'x'.repeat(2_000)}\n${before}\n`);
    const running = await following(['app.log'], { cwd });
    await running.says(before.slice(-4));
    // All at once, between two looks.
    appendFileSync(log, `${last}\n`);
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
    appendFileSync(log, `${after}\n`);
    await running.says(after.slice(-4));
    const report = await running.report();
    expect(placesOf(report, before)).toEqual(['app.log.1:2:1 @2001']);
    expect(placesOf(report, last)).toEqual([`app.log.1:3:1 @${2001 + before.length + 1}`]);
    expect(placesOf(report, after)).toEqual(['app.log:1:1 @0']);
    expect(report.coverage.complete).toBe(true);
    for (const token of [before, last, after]) expect(running.tellings(token)).toBe(1);
  });

  test('by emptying it without a copy: it cannot be known that all was read, and that is said', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const token = orgToken('emptied');
    // Longer than before at once: its size alone does not tell.
    writeFileSync(log, 'a\n');
    const running = await following(['app.log'], { cwd });
    await pause(500);
    writeFileSync(log, `${'other lines\n'.repeat(10)}${token}\n`);
    await running.says(token.slice(-4));
    const report = await running.report();
    expect(placesOf(report, token)).toEqual(['app.log:11:1 @120']);
    expect(report.coverage.unscanned).toMatchObject([
      {
        where: { kind: 'file', path: 'app.log' },
        reason: 'unreadable',
        detail: expect.stringContaining('emptied'),
      },
    ]);
    expect(report.exit_code).toBe(2);
  });

  test('by deleting it and making it anew', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const [old, fresh] = [orgToken('deleted'), orgToken('made anew')];
    writeFileSync(log, `${old}\n`);
    const running = await following(['app.log'], { cwd });
    await running.says(old.slice(-4));
    rmSync(log);
    await pause(500);
    writeFileSync(log, `${fresh}\n`);
    await running.says(fresh.slice(-4));
    const report = await running.report();
    expect(findingOf(report, old)!.sightings).toMatchObject([
      { where: { kind: 'file', path: 'app.log', generation: 1 }, line: 1, offset: 0 },
    ]);
    expect(placesOf(report, fresh)).toEqual(['app.log:1:1 @0']);
    expect(report.coverage.complete).toBe(true);
  });

  test('by leading its symbolic link elsewhere, and back', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const [old, fresh, back] = [orgToken('old target'), orgToken('new target'), orgToken('back')];
    const lead = (to: string) => {
      symlinkSync(to, `${log}.tmp`);
      renameSync(`${log}.tmp`, log);
    };
    writeFileSync(join(cwd, 'monday'), `${old}\n`);
    writeFileSync(join(cwd, 'tuesday'), `-\n${fresh}\n`);
    lead('monday');
    const running = await following(['app.log'], { cwd });
    await running.says(old.slice(-4));
    lead('tuesday');
    await running.says(fresh.slice(-4));
    lead('monday');
    appendFileSync(join(cwd, 'monday'), `${back}\n`);
    await running.says(back.slice(-4));
    const report = await running.report();
    expect(placesOf(report, old)).toEqual(['app.log:1:1 @0']);
    expect(placesOf(report, back)).toEqual([`app.log:2:1 @${old.length + 1}`]);
    expect(placesOf(report, fresh)).toEqual([`${join(cwd, 'tuesday')}:2:1 @2`]);
    expect(report.coverage.units.files).toBe(2);
  });

  test('many times, by a writer that never waits: every token once, nothing twice', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const rotations = 12;
    const lines = 50;
    const tokens = Array.from({ length: rotations * lines }, (_, at) => orgToken(`storm ${at}`));
    const running = await following(['app.log'], { cwd });
    for (let rotation = 0; rotation < rotations; rotation++) {
      const writer = openSync(log, 'a');
      const mine = tokens.slice(rotation * lines, (rotation + 1) * lines);
      for (const token of mine) writeSync(writer, `${body('noise', 300)} ${token}\n`);
      for (let number = rotation; number > 0; number--)
        renameSync(`${log}.${number}`, `${log}.${number + 1}`);
      renameSync(log, `${log}.1`);
      closeSync(writer);
      // Now and then faster than anybody can look.
      if (rotation % 3 === 0) await pause(250);
    }
    const report = await running.report();
    expect(report.findings).toHaveLength(tokens.length);
    for (const [at, token] of tokens.entries()) {
      const number = rotations - Math.floor(at / lines);
      const line = (at % lines) + 1;
      expect(placesOf(report, token)).toEqual([
        `app.log.${number}:${line}:302 @${(line - 1) * (302 + token.length) + 301}`,
      ]);
    }
    expect(report.coverage).toMatchObject({ complete: true, units: { files: rotations } });
  });
});

describe('a token in pieces', () => {
  test('written in two goes is one token, and what it looked like meanwhile is not in the report', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const token = orgToken('two goes');
    const running = await following(['app.log'], { cwd });
    appendFileSync(log, `x ${token.slice(0, 27)}`);
    await pause(800);
    appendFileSync(log, `${token.slice(27)}\n`);
    await running.says(token.slice(-4));
    const report = await running.report();
    expect(report.findings).toHaveLength(1);
    expect(placesOf(report, token)).toEqual(['app.log:1:3 @2']);
  });

  test('cut by a rotation is a lead, of low confidence', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const token = orgToken('cut by a rotation');
    const running = await following(['app.log'], { cwd });
    appendFileSync(log, `x ${token.slice(0, 16)}`);
    await pause(400);
    renameSync(log, `${log}.1`);
    writeFileSync(log, `${token.slice(16)}\n`);
    await pause(400);
    const report = await running.report();
    expect(report.findings).toMatchObject([{ confidence: 'low' }]);
    expect(placesOf(report, token.slice(0, 16))).toEqual(['app.log.1:1:3 @2']);
    expect(report.exit_code).toBe(0);
  });

  test('half a character of UTF-16 waits for the other half', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const token = orgToken('wide');
    const bytes = Buffer.from(`\ufefftoken: ${token}\r\n`, 'utf16le');
    const running = await following(['app.log'], { cwd });
    for (const cut of [0, 33, 71]) {
      appendFileSync(log, bytes.subarray(cut, cut === 0 ? 33 : cut === 33 ? 71 : undefined));
      await pause(300);
    }
    await running.says(token.slice(-4));
    const report = await running.report();
    expect(report.findings).toHaveLength(1);
    expect(findingOf(report, token)!.sightings).toMatchObject([{ line: 1, offset: 16, via: ['utf16le'] }]);
  });

  test('of base64 over several lines, written line by line', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const token = orgToken('wrapped');
    const encoded = Buffer.from(`some words before ${token} and after`).toString('base64');
    const running = await following(['app.log'], { cwd });
    for (const line of encoded.match(/.{1,24}/g)!) {
      appendFileSync(log, `${line}\n`);
      await pause(120);
    }
    await running.says(token.slice(-4));
    const report = await running.report();
    expect(report.findings.map(({ fingerprint }) => fingerprint)).toEqual([fingerprintOf(token)]);
  });
});
