import { closeSync, openSync, readSync } from 'node:fs';
import { Misuse } from '../model/misuse.js';
import type { Report } from '../model/report.js';
import { readNamed } from './named-file.js';
import { flawOf } from './report-shape.js';

/** A JSON report that was saved. @throws {Misuse} for what is none. */
export function readReport(file: string): Report {
  const text = readNamed(file);
  let report: Partial<Report> | null | undefined;
  try {
    report = JSON.parse(text) as Partial<Report> | null;
  } catch {
    // Said below: no JSON and other JSON are the same mistake.
  }
  if (report?.schema !== 'guardsweep-report/1') {
    throw new Misuse(
      `${file} is not a JSON report of guardsweep; make one with: guardsweep scan --report json=FILE`,
    );
  }
  const flaw = flawOf(report);
  if (flaw === undefined) return report as Report;
  throw new Misuse(
    `${file} is not a complete report of guardsweep: ${flaw.slice(0, 120)} is missing or malformed`,
  );
}

/** Whether a file begins as such a report does; a folder or what is not there does not. */
export function isReport(file: string): boolean {
  const head = Buffer.alloc(200);
  try {
    const descriptor = openSync(file, 'r');
    try {
      readSync(descriptor, head, 0, head.length, 0);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return false;
  }
  return /^\s*\{\s*"schema"\s*:\s*"guardsweep-report\//.test(head.toString('latin1'));
}
