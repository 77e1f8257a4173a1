import { spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/model/report.js';
import { guardsweep } from '../support/in-process.js';
import { folder, guardsweep as started } from '../support/program.js';
import { botId, botKey, orgToken } from '../support/tokens.js';

/** A credential, and nobody there who would take it. */
const NO_SERVICE = {
  TAKUMI_ORG_ID: 'org',
  TAKUMI_BOT_API_KEY: botKey('nobody'),
  TAKUMI_BOT_ID: botId('nobody'),
  TAKUMI_API_URL: 'http://127.0.0.1:9/v1',
};

describe('report', () => {
  test('a saved JSON report renders in every other format', async () => {
    const file = join(folder(), 'report.json');
    await guardsweep(['scan', '--report', `json=${file}`, '-'], { stdin: `a\n${orgToken('rendered')}\n` });
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    for (const format of ['text', 'json', 'sarif', 'csv', 'markdown', 'github']) {
      const run = format === 'text' ? started : guardsweep;
      const ended = await run(['report', file, '--format', format]);
      expect(ended.code, format).toBe(0);
      expect(ended.stdout, format).toMatch(/tg(_|&#95;)org(_|&#95;)(…|&#8230;)/);
    }
    expect(JSON.parse((await guardsweep(['report', file, '--format', 'json'])).stdout)).toEqual(report);
  });

  test('a report replaces neither what is read for it nor another report', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'app.log'), `key ${orgToken('kept')}\n`);
    linkSync(join(cwd, 'app.log'), join(cwd, 'same.log'));
    for (const args of [
      ['--output', './app.log'],
      ['--output', 'same.log'],
      ['--report', `sarif=${join(cwd, 'app.log')}`],
      ['--output', 'x.json', '--report', 'csv=./x.json'],
      ['--output', 'x.json', '--state', './x.json'],
      ['--revoke', '--yes', '--journal', 'x.json', '--report', `json=../${basename(cwd)}/x.json`],
      ['--plan', 'x.json', '--state', 'x.json'],
      ['--revoke', '--yes', '--journal', 'app.log'],
    ]) {
      const ended = await guardsweep(['scan', 'app.log', ...args], { cwd, env: NO_SERVICE });
      expect(ended.code, args.join(' ')).toBe(3);
      expect(ended.stderr).toMatch(/would replace it|cannot be written twice/);
      expect(existsSync(join(cwd, 'x.json'))).toBe(false);
    }
    expect(readFileSync(join(cwd, 'app.log'), 'utf8')).toContain(orgToken('kept'));
  });

  test('what is there and was not written by this program is left as it is: it may be what somebody still has to scan', async () => {
    const cwd = folder();
    const log = `2026-01-01 key ${orgToken('evidence')}`;
    writeFileSync(join(cwd, 'app.log'), log);
    for (const args of [
      ['scan', '.', '--output', 'app.log'],
      ['scan', '.', '--report', 'json=app.log'],
      ['scan', '.', '--plan', 'app.log'],
      ['scan', '.', '--revoke', '--yes', '--journal', 'app.log'],
      ['plan', '.', '--output', 'app.log'],
      ['onboard', 'x', '--to-file', 'app.log'],
      ['ensure', 'x', '--to-file', 'ghost', '--journal', 'app.log'],
    ]) {
      const ended = await guardsweep(args, { cwd, env: NO_SERVICE });
      expect(ended.code, `${args.join(' ')} ${ended.stderr}`).toBe(3);
      expect(ended.stderr).toMatch(/app\.log (already exists and is not|was altered)/);
      expect(readFileSync(join(cwd, 'app.log'), 'utf8')).toBe(log);
    }
    const kept = await guardsweep(['scan', '.', '--state', 'app.log'], { cwd });
    expect(kept).toMatchObject({ code: 1, stderr: expect.stringContaining('is broken') });
    expect(readFileSync(join(cwd, 'app.log'), 'utf8')).toBe(log);
  });

  test('a text that is called as reports are is replaced, whoever wrote it; an archive of that name is not', async () => {
    const cwd = folder();
    for (const name of ['a.json', 'a.sarif', 'a.csv', 'a.md']) {
      writeFileSync(join(cwd, name), '[{"finding": "of another program"}]\n');
      expect(await guardsweep(['scan', '-', '--output', name], { cwd, stdin: 'nothing' })).toMatchObject({
        code: 0,
      });
      expect(readFileSync(join(cwd, name), 'utf8')).toMatch(/^No token found/);
      writeFileSync(join(cwd, name), gzipSync('evidence'));
      expect(await guardsweep(['scan', '-', '--output', name], { cwd, stdin: 'nothing' })).toMatchObject({
        code: 3,
      });
    }
  });

  test('each format’s report is known again, and replaced by any other', async () => {
    const cwd = folder();
    const ended: unknown[] = [];
    for (const stdin of ['nothing', `a ${orgToken('again')} b`]) {
      for (const format of ['text', 'json', 'sarif', 'csv', 'markdown', 'github']) {
        const args = ['scan', '-', '--format', format, '--output', 'report', '--report', 'json=other'];
        ended.push((await guardsweep(args, { cwd, stdin })).code);
        writeFileSync(join(cwd, 'other'), readFileSync(join(cwd, 'report')));
      }
    }
    expect(ended).toEqual([...Array(6).fill(0), ...Array(6).fill(1)]);
  });

  test('a call that is wrong leaves the reports of yesterday, and makes no empty ones', async () => {
    const cwd = folder();
    const reports = ['--output', 'old.txt', '--report', 'json=old.json', '--report', 'csv=new.csv'];
    for (const name of ['old.txt', 'old.json']) {
      writeFileSync(join(cwd, name), '1 token, 1 ALIVE.');
      utimesSync(join(cwd, name), 1, 1);
    }
    for (const args of [
      ['scan', 'nowhere', ...reports],
      ['scan', '--report', 'xml=x', ...reports, '.'],
      ['scan', '--since', 'nope', ...reports, '.'],
      ['scan', '--revoke', '--yes', '--journal', '.', ...reports, '.'],
      ['scan', '--follow', '--deep', ...reports, 'a.log'],
    ]) {
      const ended = await guardsweep(args, { cwd, env: NO_SERVICE });
      expect(ended.code, `${args.join(' ')} ${ended.stderr}`).toBe(3);
      expect(readdirSync(cwd).sort()).toEqual(['old.json', 'old.txt']);
      expect(readFileSync(join(cwd, 'old.json'), 'utf8')).toBe('1 token, 1 ALIVE.');
      expect(statSync(join(cwd, 'old.txt')).mtimeMs).toBe(1000);
    }
    await guardsweep(['scan', '-', ...reports], { cwd, stdin: 'nothing' });
    expect(readFileSync(join(cwd, 'old.txt'), 'utf8')).toMatch(/^No token found/);
  });

  test('the archive that was to be scanned is not taken for where to write', async () => {
    const cwd = folder();
    const archive = gzipSync(orgToken('evidence'));
    writeFileSync(join(cwd, 'leak.gz'), archive);
    for (const args of [
      ['scan', '--output', 'leak.gz'],
      ['scan', '--report', 'json=leak.gz'],
      ['scan', '--plan', 'leak.gz'],
      ['scan', '--plan', './leak.gz', 'leak.gz'],
      ['plan', 'leak.gz', '--output', 'leak.gz'],
    ]) {
      const ended = await guardsweep(args, { cwd, env: NO_SERVICE });
      expect(ended.code, `${args.join(' ')} ${ended.stderr}`).toBe(3);
      expect(ended.stderr).toMatch(/is not a \w+ written by guardsweep|would replace it/);
      expect(readFileSync(join(cwd, 'leak.gz'))).toEqual(archive);
    }
  });

  test('what is no file is not replaced by one, nor read without an end', async () => {
    const cwd = folder();
    spawnSync('mkfifo', [join(cwd, 'pipe')]);
    for (const args of [
      ['scan', '--state', 'pipe', '.'],
      ['scan', '--plan', 'pipe', '.'],
      ['plan', '.', '--output', 'pipe'],
      ['onboard', 'x', '--to-file', 'pipe'],
      ['onboard', 'x', '--write-to', 'pipe'],
    ]) {
      const ended = await guardsweep(args, { cwd, env: NO_SERVICE });
      expect(ended.code, `${args.join(' ')} ${ended.stderr}`).toBe(3);
      expect(ended.stderr).toContain('is not a regular file');
      expect(readdirSync(cwd)).toEqual(['pipe']);
      expect(statSync(join(cwd, 'pipe')).isFIFO()).toBe(true);
    }
  });

  test('what is no report is a wrong call', async () => {
    const file = join(folder(), 'x.json');
    writeFileSync(file, '{"schema":"other"}');
    expect((await guardsweep(['report', file])).code).toBe(3);
  });

  test('one with holes in it is a wrong call, whoever reads it, and the hole is named', async () => {
    const file = join(folder(), 'report.json');
    await guardsweep(['scan', '--report', `json=${file}`, '-'], { stdin: `a\n${orgToken('rendered')}\n` });
    const whole = readFileSync(file, 'utf8');
    const holes: readonly [RegExp, string, RegExp][] = [
      [/"verdict": *\{[^}]*\}/, '"verdict": null', /\$\.findings\[0\]\.verdict /],
      [/"kind": *"stream"/, '"kind": "nope"', /where\.kind /],
      [/"targets": *\[[^\]]*\]/, '"targets": [1]', /\$\.run\.targets\[0\] /],
      [/"unscanned": *\[\]/, '"unscanned": {}', /unscanned /],
      [/"sightings": *\[(.|\n)*?\] *\}\s*\]/, '"sightings": []', /sightings /],
    ];
    for (const [what, hole, says] of holes) {
      expect(whole).toMatch(what);
      writeFileSync(file, whole.replace(what, hole));
      for (const args of [
        ['report', file],
        ['inventory', file],
      ]) {
        const ended = await guardsweep(args);
        expect(ended.code, `${hole} ${args[0]} ${ended.stderr}`).toBe(3);
        expect(ended.stderr).toMatch(says);
      }
    }
  });

  test('what others wrote into it reaches neither the terminal nor a CI system as a command', async () => {
    const dir = folder();
    const file = join(dir, 'report.json');
    await guardsweep(['scan', '--report', `json=${file}`, '-'], { stdin: `a\n${orgToken('rendered')}\n` });
    const token = orgToken('in a name');
    const evil = `\u001b[31m\u202e\n::error::${token}\n`;
    const report = JSON.parse(readFileSync(file, 'utf8')) as { run: object };
    const evidence = [{ path: 'x', size: 1, sha256: evil, modified_at: evil }];
    writeFileSync(file, JSON.stringify({ ...report, run: { ...report.run, targets: [evil], evidence } }));
    const shown = await guardsweep(['report', file]);
    const refused = await guardsweep(['locate', file, 'gs1_'], { cwd: dir });
    const planned = await guardsweep(['plan', file], {
      env: {
        TAKUMI_ORG_ID: 'O',
        TAKUMI_BOT_API_KEY: botKey('report'),
        TAKUMI_BOT_ID: botId('report'),
        TAKUMI_API_URL: 'http://127.0.0.1:9/v1',
      },
    });
    expect(planned.code).toBe(3);
    expect(planned.stderr).toContain('tg_org_…');
    expect(planned.stderr).not.toContain(token);
    for (const { stdout, stderr } of [shown, refused, planned]) {
      expect(stdout + stderr).not.toMatch(/[\u001b\u202e]|^::error/m);
    }
  });
});
