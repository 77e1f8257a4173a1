import { statSync } from 'node:fs';
import { Misuse } from '../model/misuse.js';
import type { Report, ReportFinding } from '../model/report.js';
import { trail } from '../reporting/trail/trail.js';
import { scan } from '../workflows/scan.js';
import { environment } from './environment.js';
import type { LocateOptions } from './locate.js';
import { readingOf } from './reading.js';
import { isReport, readReport } from './saved-report.js';

/** Prints the way to a finding's places. @throws {Misuse} where the report or the scan has no such finding. */
export async function runLocate(file: string, fingerprint: string, options: LocateOptions): Promise<number> {
  if (!/^gs1_[a-z2-7]{1,32}$/.test(fingerprint)) {
    throw new Misuse(`“${fingerprint}” is not a fingerprint; reports name each finding by one: gs1_…`);
  }
  const report = isReport(file) ? readReport(file) : await scanned(file, options);
  const finding = findingOf(report, file, fingerprint);
  for (const line of trail(report, finding, { ground: { isFolder }, places: options.places })) {
    process.stdout.write(line);
  }
  return 0;
}

function findingOf({ findings, coverage }: Report, file: string, fingerprint: string): ReportFinding {
  const fitting = findings.filter((finding) => finding.fingerprint.startsWith(fingerprint));
  if (fitting.length > 1)
    throw new Misuse(`${fitting.length} findings begin with ${fingerprint}: give more of it`);
  if (fitting[0] !== undefined) return fitting[0];
  const missed = coverage.complete ? '' : `; ${coverage.unscanned.length} things in it could not be read`;
  throw new Misuse(`${file} has no finding ${fingerprint}: ${findings.length} others were found${missed}`);
}

async function scanned(target: string, options: LocateOptions): Promise<Report> {
  const { report } = await scan({
    targets: [target],
    threads: 'auto',
    ...readingOf(options),
    simd: !environment.GUARDSWEEP_NO_SIMD,
    environment,
    stdin: process.stdin,
  });
  return report;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() !== true;
}
