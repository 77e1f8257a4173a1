import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { behindFarWindow } from '../../fixtures/archives/far-windows.js';
import { hostileCases } from '../../fixtures/archives/hostile.js';
import type { Report } from '../../src/model/report.js';
import { measured } from '../support/measured.js';
import { folder } from '../support/program.js';
import { orgToken } from '../support/tokens.js';

const SECONDS = 60;
const MEMORY = 256 * 1024 ** 2;
const AT_ONCE = 2;

test('every hostile archive ends in time, in bounded memory, with nothing written', async () => {
  const secret = orgToken('hostile');
  const cases = hostileCases(secret);
  const waiting = [...cases.entries()];
  const wrong: string[] = [];
  let found = 0;
  let incomplete = 0;
  const most = { memory: 0, milliseconds: 0 };
  const worker = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [number, { name, bytes, holds }] = next;
      const cwd = folder();
      writeFileSync(join(cwd, 'archive'), bytes);
      const ended = await measured(
        ['scan', '--no-probe', '--format', 'json', 'archive'],
        cwd,
        SECONDS * 1000,
      );
      const told = `${number} ${JSON.stringify(name).slice(0, 80)}`;
      if (ended.code === null) wrong.push(`${told}: killed after ${SECONDS} s`);
      if (!(ended.memory <= MEMORY)) wrong.push(`${told}: ${ended.memory} bytes of memory`);
      if (readdirSync(cwd).join() !== 'archive') wrong.push(`${told}: left ${readdirSync(cwd).join()}`);
      const report = JSON.parse(ended.stdout || '{"findings":[],"coverage":{"complete":true}}');
      if (holds && report.findings.length === 0) wrong.push(`${told}: not found`);
      if (report.findings.length > 0) found += 1;
      if (!report.coverage.complete) incomplete += 1;
      most.memory = Math.max(most.memory, ended.memory);
      most.milliseconds = Math.max(most.milliseconds, ended.milliseconds);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  process.stdout.write(
    `${cases.length} hostile archives: ${found} with a token found, ${incomplete} listed as incomplete; at most ` +
      `${Math.round(most.memory / 1024 ** 2)} MiB and ${(most.milliseconds / 1000).toFixed(1)} s\n`,
  );
  expect(wrong).toEqual([]);
}, 900_000);

test('frames that look back 128 MiB are read, one and one in another, in bounded memory', async () => {
  const [far, near] = [orgToken('far back'), orgToken('in the inner')];
  const one = behindFarWindow('.npmrc', Buffer.from(near), Buffer.from(`first=${far}\n`));
  const cases = { one, 'one in another': behindFarWindow('in.tar.zst', one) };
  const most: string[] = [];
  for (const [name, bytes] of Object.entries(cases)) {
    const cwd = folder();
    writeFileSync(join(cwd, 'archive'), bytes);
    const args = ['scan', '--no-probe', '--format', 'json', 'archive'];
    const ended = await measured(args, cwd, SECONDS * 1000);
    most.push(`${name} ${Math.round(ended.memory / 1024 ** 2)} MiB`);
    const { findings, coverage } = JSON.parse(ended.stdout) as Report;
    const sightings = findings.flatMap((found) => found.sightings);
    // One in another may look back 8 MiB only; what stands further back is listed, not lost without a word.
    expect(findings, name).toHaveLength(2);
    expect(sightings.length, name).toBeGreaterThanOrEqual(coverage.complete ? 3 : 2);
    expect(coverage.complete, name).toBe(name === 'one');
    expect(ended.memory, name).toBeLessThanOrEqual(MEMORY);
    expect(readdirSync(cwd)).toEqual(['archive']);
  }
  process.stdout.write(`windows of 128 MiB: ${most.join(', ')}\n`);
}, 180_000);
