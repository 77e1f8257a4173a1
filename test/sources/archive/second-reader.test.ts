import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { hostileCases } from '../../../fixtures/archives/hostile.js';
import { sniff } from '../../../src/sources/archive/sniff.js';
import { orgToken } from '../../support/tokens.js';
import { lacking } from '../../support/tools.js';
import { collect, expanding, placesOf } from '../collect.js';

const READER = join(import.meta.dirname, '../../../fixtures/archives/second-reader.py');
const CORPORA = join(import.meta.dirname, '../../../.cache/corpora/files');
const secret = orgToken('second reader');

interface Content {
  readonly reader: string;
  readonly name: string;
  readonly size: number;
  readonly head: string;
  readonly tail: string;
  readonly needle: boolean;
}

/** What others read out of these, and we need not. */
const ELSEWHERE: readonly RegExp[] = [
  // A list of files: their contents stand in it as little as in a directory.
  /\.mtree$/,
  // Sizes in octal that end in a full stop: bsdtar reads on past the member.
  /nil-uid\.tar$/,
];

const noReader = lacking('python3', 'bsdtar');

test.skipIf(noReader !== '')(
  `what bsdtar or Python extracts of a hostile archive, we find${noReader}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'guardsweep-test-'));
    try {
      const cases = hostileCases(secret);
      const files = cases.map(({ bytes }, index) => {
        writeFileSync(join(folder, `${index}`), bytes);
        return join(folder, `${index}`);
      });
      const theirs = contentsOf(files);
      let extracted = 0;
      const missed: string[] = [];
      for (const [index, { name, bytes }] of cases.entries()) {
        const readers = theirs[index]!.filter(({ needle }) => needle).map(({ reader }) => reader);
        if (readers.length === 0) continue;
        extracted += 1;
        const seen = await collect(expanding(bytes));
        if (placesOf(secret, seen).length === 0)
          missed.push(`${JSON.stringify(name)} by ${readers.join(', ')}`);
      }
      process.stdout.write(
        `${cases.length} hostile archives, of ${extracted} another reader extracts the token\n`,
      );
      expect(missed).toEqual([]);
      expect(extracted).toBeGreaterThan(100);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  600_000,
);

const noCorpora = existsSync(CORPORA)
  ? noReader
  : ' (skipped: they are not here; npm run corpora fetches them)';

test.skipIf(noCorpora !== '')(
  `what bsdtar or Python extracts of the corpora, we search${noCorpora}`,
  async () => {
    const files = readdirSync(CORPORA).flatMap((name) =>
      readdirSync(join(CORPORA, name)).map((file) => join(CORPORA, name, file)),
    );
    const theirs = contentsOf(files);
    const missed: string[] = [];
    const listed: string[] = [];
    let compared = 0;
    for (const [index, file] of files.entries()) {
      if (ELSEWHERE.some((pattern) => pattern.test(file))) continue;
      // What is a container itself is not searched as it is, but opened.
      const wanted = theirs[index]!.filter(({ head }) => sniff(Buffer.from(head, 'base64')) === undefined);
      if (wanted.length === 0) continue;
      const { units, diagnostics } = await collect(
        expanding(readFileSync(file), { name: basename(file), limits: { bytes: 3e8 } }),
      );
      for (const { reader, name, size, head, tail } of wanted) {
        compared += 1;
        const ends = [Buffer.from(head, 'base64').subarray(0, 64), Buffer.from(tail, 'base64')];
        const isSeen = ends.every((end) => units.some(({ text }) => text.includes(end.toString('latin1'))));
        // What no decoder of ours reads has to be listed: it must never look clean.
        if (!isSeen)
          (diagnostics.length > 0 ? listed : missed).push(
            `${basename(file)}: ${name}, ${size} bytes, by ${reader}`,
          );
      }
    }
    process.stdout.write(
      `${files.length} archives of the corpora, ${compared} contents that another reader extracts: ` +
        `${listed.length} not searched, and listed\n${listed.map((line) => `  ${line}\n`).join('')}`,
    );
    expect(missed).toEqual([]);
    expect(listed.length).toBeLessThan(compared / 50);
  },
  1_800_000,
);

/** By file: what each of the other readers extracts. */
function contentsOf(files: readonly string[]): Content[][] {
  const text = execFileSync('python3', [READER], {
    input: `${files.join('\n')}\n`,
    maxBuffer: 2 ** 30,
    encoding: 'utf8',
    env: { ...process.env, NEEDLE: secret },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Content[]);
}
