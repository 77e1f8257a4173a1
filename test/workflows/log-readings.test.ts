import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fingerprint } from '../../src/findings/fingerprint.js';
import { FollowedLog } from '../../src/sources/follow/followed-log.js';
import { Coverage } from '../../src/workflows/coverage.js';
import { builtinDetector } from '../../src/workflows/detector.js';
import { FollowedFindings } from '../../src/workflows/followed-findings.js';
import { LogReadings } from '../../src/workflows/log-readings.js';
import { body, orgToken } from '../support/tokens.js';

const detector = builtinDetector();
const SILENT = { say: () => {}, detail: () => {} };
/** Longer in a campaign (see CONTRIBUTING.md). */
const seconds = Number(process.env.GUARDSWEEP_PROPERTY_SECONDS ?? 3);
const NEVER = new AbortController().signal;

type Step = 'append' | 'late' | 'move' | 'copy' | 'look' | 'idle';
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constant<Step>('append') },
    ...(['late', 'move', 'copy', 'look', 'look', 'idle'] as const).map((step) => ({
      weight: 1,
      arbitrary: fc.constant<Step>(step),
    })),
  ),
  { maxLength: 40 },
);

/** A log as its writers see it: what each file that stood under its name holds in the end, by its present name. */
class Writers {
  readonly folder = mkdtempSync(join(tmpdir(), 'guardsweep-test-'));
  readonly log = join(this.folder, 'app.log');
  readonly files: string[] = [];
  #count = 0;
  #wrote = 0;
  #moved: string | undefined;

  do(step: Step, look: () => void): void {
    if (step === 'look') look();
    else if (step === 'append') appendFileSync(this.log, this.#text());
    else if (step === 'late' && this.#moved !== undefined) appendFileSync(this.#moved, this.#text());
    else if (existsSync(this.log) && (step === 'move' || step === 'copy')) this.#rotate(step);
  }

  /** Every finding of a scan of every file: fingerprint, file, place. */
  expected(): string[] {
    const names = [...this.files, ...(existsSync(this.log) ? [this.log] : [])];
    return names.flatMap((name) =>
      detector
        .scan(readFileSync(name))
        .map(
          ({ secret, span, line, column }) =>
            `${fingerprint(secret)} ${name} ${line}:${column} @${span.start}`,
        ),
    );
  }

  #rotate(how: 'move' | 'copy'): void {
    const name = `${this.log}.${++this.#count}`;
    this.files.push(name);
    if (how === 'move') renameSync(this.log, name);
    else {
      copyFileSync(this.log, name);
      truncateSync(this.log);
    }
    this.#moved = how === 'move' ? name : undefined;
  }

  #text(): string {
    const seed = `${this.#wrote++}`;
    const token = orgToken(seed);
    return [
      `${body(seed, 700)}\n`,
      `x ${token}\n`,
      token.slice(0, 20),
      `${token.slice(20)} `,
      `${token}\n`.repeat(3),
    ][this.#wrote % 5]!;
  }
}

test(
  'whatever writers do between looks, what is found is what a scan of each file finds',
  async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const writers = new Writers();
        const log = new FollowedLog(writers.log, SILENT);
        try {
          const found = new FollowedFindings([log], () => {});
          const readings = new LogReadings([log], detector, found, new Coverage());
          for (const step of plan) {
            writers.do(step, () => {
              while (readings.round());
            });
          }
          while (readings.round());
          await readings.finish(NEVER);
          const places = found.findings().flatMap((finding) =>
            finding.sightings.map(({ where, line, column, offset }) => {
              const path = where.kind === 'file' ? (where.now_at ?? where.path) : '?';
              return `${finding.fingerprint} ${path} ${line}:${column} @${offset}`;
            }),
          );
          expect(places.sort()).toEqual(writers.expected().sort());
        } finally {
          log.close();
          rmSync(writers.folder, { recursive: true });
        }
      }),
      { numRuns: 1_000_000, interruptAfterTimeLimit: seconds * 1_000, endOnFailure: true },
    );
  },
  seconds * 1_000 + 60_000,
);

test('what cannot be read any more, because it is to end at once, is listed', async () => {
  const writers = new Writers();
  writeFileSync(writers.log, 'x'.repeat(20_000_000));
  const log = new FollowedLog(writers.log, SILENT);
  const coverage = new Coverage();
  const readings = new LogReadings([log], detector, new FollowedFindings([log], () => {}), coverage);
  await readings.finish(AbortSignal.abort());
  expect(coverage.unscanned).toMatchObject([{ where: { path: writers.log }, reason: 'unreadable' }]);
  expect(coverage.unscanned[0]!.detail).toContain('20000000 bytes');
  log.close();
  rmSync(writers.folder, { recursive: true });
});
