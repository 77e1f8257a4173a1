import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { ReportEvidence } from '../model/report.js';
import { isPlainFile } from './plain-file.js';
import { volumesNamed } from './volumes.js';

/** Files up to this size are hashed at once; for longer ones a thread pays, which takes as long to start, and 8 MiB. */
const SMALL = 8 * 1024 * 1024;
const CHUNK = 256 * 1024;

/**
 * What was scanned, so that another person can tell whether they hold the same: of each target that is a file, its size
 * and SHA-256, counted and hashed from its bytes, and its times. What can't be read is left out: the scan lists it. So is
 * a long file that holds nothing else (a log), when nothing was found: hashing it takes longer than searching it.
 */
export async function evidenceOf(
  targets: readonly string[],
  isFound: Promise<boolean>,
): Promise<ReportEvidence[]> {
  const files = new Set(targets.flatMap(volumesNamed));
  const found = await Promise.all(
    [...files].map((target) => (target === '-' ? undefined : ofFile(target, isFound))),
  );
  return found.filter((evidence) => evidence !== undefined);
}

async function ofFile(path: string, isFound: Promise<boolean>): Promise<ReportEvidence | undefined> {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return undefined;
    const isSmall = stat.size <= SMALL;
    if (!isSmall && isPlainFile(path, false) && !(await isFound)) return undefined;
    const digest = isSmall ? digestOf(path) : await digestOnThread(path);
    return { path, ...digest, modified_at: stat.mtime.toISOString(), changed_at: stat.ctime.toISOString() };
  } catch {
    return undefined;
  }
}

interface Digest {
  readonly size: number;
  readonly sha256: string;
}

function digestOf(path: string): Digest {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK);
  const descriptor = openSync(path, 'r');
  try {
    let size = 0;
    for (let count = readSync(descriptor, chunk); count !== 0; count = readSync(descriptor, chunk)) {
      hash.update(chunk.subarray(0, count));
      size += count;
    }
    return { size, sha256: hash.digest('hex') };
  } finally {
    closeSync(descriptor);
  }
}

function digestOnThread(path: string): Promise<Digest> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./digest-worker.js', import.meta.url), { workerData: path });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread ended')));
  });
}
