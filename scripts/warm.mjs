// Searches a folder with a script of dist/, and keeps what V8 made of it: `node scripts/warm.mjs SCRIPT FOLDER`.
import { writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { cacheOf, start } from './start.mjs';

const [script, folder] = isMainThread ? process.argv.splice(2, 2) : workerData.warm;
if (isMainThread && script.includes('thread')) {
  const request = { targets: [folder], history: true, limits: {}, exclude: [] };
  const share = { index: 0, of: 1 };
  const counters = new Float64Array(3);
  new Worker(fileURLToPath(import.meta.url), {
    workerData: { request, share, counters, flags: [], warm: [script, folder] },
  });
} else {
  if (isMainThread)
    process.argv.push('scan', folder, '--no-probe', '--quiet', '--no-progress', '--output', devNull);
  const url = pathToFileURL(script);
  const compiled = start(url, url.href.replace('-script', ''));
  process.on('exit', () => writeFileSync(cacheOf(script), compiled.createCachedData()));
}
