import {
  closeSync,
  futimesSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Misuse } from '../model/misuse.js';
import type { Report } from '../model/report.js';
import { exitCodeOf } from './present.js';
import { refuseOthers } from './replaceable.js';
import { codeOf, unwritable } from './system-error.js';
import type { Terminal } from './terminal.js';
import { writeWhole } from './whole-write.js';

export const FORMATS = ['text', 'json', 'sarif', 'csv', 'markdown', 'github'] as const;
export type Format = (typeof FORMATS)[number];

/**
 * A report that was asked for. It is opened and emptied before the work begins, so that a bad path costs nothing, and what
 * a run that is killed leaves is not taken for its report.
 */
export interface Output {
  readonly format: Format;
  /** Absent: standard output. */
  readonly file?: OpenFile;
}

interface OpenFile {
  readonly path: string;
  readonly descriptor: number;
  /** What a call that was wrong puts back; undefined for what is no file, or too large to be kept. */
  readonly before: Before | undefined;
}

type Before = 'nothing' | { readonly content: Buffer; readonly stats: Stats };

/** Bytes of an older report that are kept until it is known that the call is right. */
const KEPT = 64 * 1024 ** 2;

export interface OutputOptions {
  readonly format: string;
  readonly output?: string;
  readonly report?: readonly string[];
}

/**
 * Opens the reports that were asked for, and does `work`. Where the call turns out to be wrong, so that nothing was done,
 * the files are as they were.
 *
 * @param named what else this run reads or writes, which a report must not replace
 * @throws {Misuse} for a format that there is not, or a file that can't be written.
 */
export async function withOutputs<T>(
  options: OutputOptions,
  named: readonly (string | undefined)[],
  work: (outputs: readonly Output[]) => Promise<T>,
): Promise<T> {
  const { output, report = [] } = options;
  refuseTaken([output ?? [], report.map((text) => text.replace(/^[a-z]+=/, ''))].flat(), named);
  const outputs: Output[] = [];
  try {
    outputs.push({
      format: formatOf(options.format),
      ...(output === undefined ? {} : { file: openFile(output) }),
    });
    for (const text of report) outputs.push(further(text));
    return await work(outputs);
  } catch (error) {
    if (exitCodeOf(error) === 3) for (const { file } of outputs) if (file !== undefined) takeBack(file);
    throw error;
  }
}

/**
 * Writes every report; one that fails costs none of the others, and then goes to standard output instead.
 *
 * @returns 2 where one was not written to its file, which is no success for who reads it there, or else 0
 */
export async function writeOutputs(
  outputs: readonly Output[],
  report: Report,
  to: Terminal,
  explain = false,
): Promise<0 | 2> {
  let code: 0 | 2 = 0;
  for (const { format, file } of outputs) {
    if (file === undefined) {
      for (const chunk of await rendered(format, report, to.color, explain)) to.out(chunk);
      continue;
    }
    const chunks = [...(await rendered(format, report, false, explain))];
    try {
      for (const chunk of chunks) writeWhole(file.descriptor, Buffer.from(chunk));
      closeSync(file.descriptor);
    } catch (error) {
      code = 2;
      process.stderr.write(
        `guardsweep: ${file.path} could not be written (${codeOf(error)}); the report follows here\n`,
      );
      for (const chunk of chunks) to.out(chunk);
    }
  }
  return code;
}

/** Each format's writer is loaded when it is asked for. */
async function rendered(
  format: Format,
  report: Report,
  color: boolean,
  explain: boolean,
): Promise<Iterable<string>> {
  switch (format) {
    case 'text':
      return (await import('../reporting/text.js')).text(report, { color, explain });
    case 'json':
      return (await import('../reporting/json.js')).json(report);
    case 'sarif':
      return (await import('../reporting/sarif.js')).sarif(report);
    case 'csv':
      return (await import('../reporting/csv.js')).csv(report);
    case 'markdown':
      return (await import('../reporting/markdown.js')).markdown(report);
    case 'github':
      return (await import('../reporting/github.js')).github(report);
  }
}

/**
 * Opening a file for writing empties it: the leak that is to be scanned, the journal of this very run, or the report
 * that was just asked for.
 *
 * @param named what else this run reads or writes.
 * @throws {Misuse} where one of `written` is one of `named`, or another one of `written`.
 */
export function refuseTaken(
  written: readonly (string | undefined)[],
  named: readonly (string | undefined)[],
): void {
  const others = new Set(named.map(placeOf));
  const taken = new Set<string>();
  for (const path of written) {
    const place = placeOf(path);
    if (place === undefined) continue;
    if (others.has(place)) {
      throw new Misuse(`${path} is what this run reads, or writes something else to: that would replace it`);
    }
    if (taken.has(place)) throw new Misuse(`${path} cannot be written twice: give each a file of its own`);
    taken.add(place);
  }
}

/** Which file it is, or will be; nothing for devices and pipes, which take any number of reports. */
function placeOf(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    const found = statSync(path, { bigint: true });
    return found.isFile() ? `${found.dev}:${found.ino}` : undefined;
  } catch {
    return isThere(dirname(path)) ? join(realpathSync(dirname(path)), basename(path)) : resolve(path);
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** `json=report.json` as an output. */
function further(text: string): Output {
  const [, format, path] = /^([a-z]+)=(.+)$/.exec(text) ?? [];
  if (format === undefined || path === undefined) {
    throw new Misuse(`--report takes FORMAT=FILE, such as json=report.json, not “${text}”`);
  }
  return { format: formatOf(format), file: openFile(path) };
}

function formatOf(text: string): Format {
  const format = FORMATS.find((name) => name === text);
  if (format === undefined) throw new Misuse(`there is no format “${text}”; there are ${FORMATS.join(', ')}`);
  return format;
}

function openFile(path: string): OpenFile {
  refuseOthers(path, 'report');
  try {
    const before = keep(path);
    return { path, descriptor: openSync(path, 'w'), before };
  } catch (error) {
    throw unwritable(path, error);
  }
}

function keep(path: string): Before | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'nothing';
  if (!stats.isFile() || stats.size > KEPT) return undefined;
  try {
    return { content: readFileSync(path), stats };
  } catch {
    return undefined;
  }
}

function takeBack({ path, descriptor, before }: OpenFile): void {
  try {
    if (before === 'nothing') rmSync(path, { force: true });
    else if (before !== undefined) {
      writeWhole(descriptor, before.content);
      futimesSync(descriptor, before.stats.atime, before.stats.mtime);
    }
    closeSync(descriptor);
  } catch (error) {
    process.stderr.write(`guardsweep: ${path} could not be put back (${codeOf(error)})\n`);
  }
}
