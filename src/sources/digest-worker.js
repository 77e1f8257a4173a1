// Hashes one file on a thread of its own. Plain JavaScript: a thread begins with a file as it is, in the sources and in
// dist/ alike.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

const hash = createHash('sha256');
const chunk = Buffer.allocUnsafe(256 * 1024);
const descriptor = openSync(workerData, 'r');
let size = 0;
for (let count = -1; count !== 0; size += count) {
  count = readSync(descriptor, chunk);
  hash.update(chunk.subarray(0, count));
}
closeSync(descriptor);
parentPort.postMessage({ size, sha256: hash.digest('hex') });
