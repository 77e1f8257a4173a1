import { cpSync, existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { measured } from '../support/measured.js';
import { folder } from '../support/program.js';

const CORPORA = join(import.meta.dirname, '../../.cache/corpora/files');
const SECONDS = 60;
const MEMORY = 256 * 1024 ** 2;
const AT_ONCE = 2;

const absent = existsSync(CORPORA) ? '' : ' (skipped: they are not here; npm run corpora fetches them)';

test.skipIf(absent !== '')(
  `every archive of the corpora ends in time, in bounded memory, with nothing written${absent}`,
  async () => {
    const files = readdirSync(CORPORA).flatMap((name) =>
      readdirSync(join(CORPORA, name)).map((file) => join(CORPORA, name, file)),
    );
    const waiting = [...files];
    const wrong: string[] = [];
    const most = { memory: 0, milliseconds: 0 };
    const codes = new Map<number | null, number>();
    const worker = async () => {
      for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
        const cwd = folder();
        const name = basename(file);
        cpSync(file, join(cwd, name));
        const args = ['scan', '--no-probe', '--deep', '--format', 'json', `./${name}`];
        const ended = await measured(args, cwd, SECONDS * 1000);
        codes.set(ended.code, (codes.get(ended.code) ?? 0) + 1);
        if (ended.code === null) wrong.push(`${name}: killed after ${SECONDS} s`);
        else if (![0, 1, 2].includes(ended.code)) wrong.push(`${name}: exit code ${ended.code}`);
        if (!(ended.memory <= MEMORY)) wrong.push(`${name}: ${ended.memory} bytes of memory`);
        if (readdirSync(cwd).join() !== name) wrong.push(`${name}: left ${readdirSync(cwd).join()}`);
        const report = JSON.parse(ended.stdout || '{}');
        if (report.coverage?.complete !== (ended.code === 0))
          wrong.push(`${name}: exit code ${ended.code}, and coverage says otherwise`);
        most.memory = Math.max(most.memory, ended.memory);
        most.milliseconds = Math.max(most.milliseconds, ended.milliseconds);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    process.stdout.write(
      `${files.length} archives of the corpora: ${codes.get(0) ?? 0} read as a whole, ${codes.get(2) ?? 0} listed as incomplete; ` +
        `at most ${Math.round(most.memory / 1024 ** 2)} MiB and ${(most.milliseconds / 1000).toFixed(1)} s\n`,
    );
    expect(wrong).toEqual([]);
  },
  3_600_000,
);
