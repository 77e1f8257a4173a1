import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { ReportEvidence } from '../model/report.js';
import { isPlainFile } from './plain-file.js';

/** Files up to this size are hashed at once; for longer ones a thread pays. */
const SMALL = 1024 * 1024;

/**
 * What was scanned, so that another person can tell whether they hold the same: of each target that is a file, its size
 * and SHA-256, counted and hashed from its bytes, and its times. What can't be read is left out: the scan lists it. So is
 * a long file that holds nothing else (a log), when nothing was found: hashing it takes longer than searching it.
 */
export async function evidenceOf(
  targets: readonly string[],
  isFound: Promise<boolean>,
): Promise<ReportEvidence[]> {
  const found = await Promise.all(
    targets.map((target) => (target === '-' ? undefined : ofFile(target, isFound))),
  );
  return found.filter((evidence) => evidence !== undefined);
}

async function ofFile(path: string, isFound: Promise<boolean>): Promise<ReportEvidence | undefined> {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return undefined;
    const isSmall = stat.size <= SMALL;
    if (!isSmall && isPlainFile(path, false) && !(await isFound)) return undefined;
    const digest = isSmall ? digestOf(readFileSync(path)) : await digestOnThread(path);
    return { path, ...digest, modified_at: stat.mtime.toISOString(), changed_at: stat.ctime.toISOString() };
  } catch {
    return undefined;
  }
}

interface Digest {
  readonly size: number;
  readonly sha256: string;
}

function digestOf(bytes: Buffer): Digest {
  return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function digestOnThread(path: string): Promise<Digest> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./digest-worker.js', import.meta.url), { workerData: path });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread ended')));
  });
}
