import type { BudgetLimits } from '../model/budget.js';
import { Misuse } from '../model/misuse.js';
import { WELL_KNOWN } from '../sources/well-known.js';
import { rulesKey } from '../workflows/detector.js';
import type { ScanRequest } from '../workflows/scan.js';
import { writeAtomically } from './atomic-file.js';
import { environment } from './environment.js';
import { readPasswords } from './passwords.js';
import { mayHoldState, refuseSpecial } from './replaceable.js';
import type { ScanOptions } from './scan.js';
import { problemOf } from './system-error.js';

/** What the command line says of what is searched, and how far. */
export function searchOf(
  targets: readonly string[],
  options: ScanOptions,
  say: (text: string) => void,
): Omit<ScanRequest, 'run' | 'service' | 'revoke' | 'plan'> {
  return {
    targets,
    threads: options.threads ?? 'auto',
    history: options.history,
    ...rangeOf(options),
    environment,
    ...(options.state === undefined ? {} : rememberIn(options.state, options, say)),
    limits: limitsOf(options),
    exclude: excluded(options),
    deep: options.deep ?? false,
    passwords: options.passwordFile === undefined ? [] : readPasswords(options.passwordFile),
    simd: !environment.GUARDSWEEP_NO_SIMD,
    stdin: process.stdin,
    ...(options.staged ? { staged: { directory: process.cwd(), environment, all: true } } : {}),
  };
}

function rememberIn(file: string, options: ScanOptions, say: (text: string) => void): Partial<ScanRequest> {
  const { deep, history } = options;
  refuseSpecial(file);
  return {
    state: { file, key: rulesKey({ deep, history, exclude: excluded(options), limits: limitsOf(options) }) },
    onBrokenState: (why) => say(`The state file ${file} is broken: ${why}. Everything is scanned.`),
    keepState: (bytes) => keepState(file, bytes, say),
  };
}

/** A state that is not kept costs the next run time, and this one nothing of what it has found. */
function keepState(file: string, bytes: Uint8Array, say: (text: string) => void): void {
  if (!mayHoldState(file)) {
    say(
      `${file} already exists and is not a state written by guardsweep, so it was left as it is. Name another file, or remove it.`,
    );
    return;
  }
  try {
    writeAtomically(file, bytes);
  } catch (error) {
    const why = error instanceof Misuse ? error.message : problemOf(error);
    say(`The state file ${file} could not be written (${why}). The next run scans everything.`);
  }
}

function excluded({ exclude, skipWellKnown }: ScanOptions): readonly string[] {
  return skipWellKnown ? [...exclude, ...WELL_KNOWN] : exclude;
}

function rangeOf({ since, range }: ScanOptions): Pick<ScanRequest, 'range'> {
  if (since !== undefined) return { range: { from: since } };
  if (range === undefined) return {};
  const [from, to, ...more] = range.split('..');
  if (!from || to === undefined || to.startsWith('.') || more.length > 0) {
    throw new Misuse(`--range ${range}: write it as A..B, for example main..HEAD`);
  }
  return { range: { from, ...(to === '' ? {} : { to }) } };
}

function limitsOf(options: ScanOptions): Partial<BudgetLimits> {
  const named: { [limit in keyof BudgetLimits]?: number | undefined } = {
    bytes: options.maxBytes,
    ratio: options.maxRatio,
    depth: options.maxDepth,
    entries: options.maxEntries,
    memory: options.maxMemory,
    milliseconds: options.maxTime,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}
