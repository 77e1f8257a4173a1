import { fstatSync } from 'node:fs';
import { present } from './present.js';
import { writeWhole } from './whole-write.js';

/**
 * Tells what becomes of what is written to standard output and standard error. A reader that stops early (`| head`), a
 * terminal that hung up and a disk that is full end nothing: what was begun is finished, a revocation above all, and
 * what nobody could read is no reason to call a scan clean.
 *
 * @param ended the exit code, once there is one
 * @returns the exit code that is left of one
 */
export function watchStandardStreams(ended: () => number | undefined): (code: number) => number {
  let lost = false;
  const onLost = (error: NodeJS.ErrnoException): boolean => {
    // A reader that leaves when all is done has had enough, as with any other filter.
    if (error.code === 'EPIPE' && ended() !== undefined) return false;
    lost = true;
    process.exitCode = Math.max(ended() ?? 2, 2);
    return error.code !== 'EPIPE';
  };
  process.stdout.on('error', (error) => {
    if (!onLost(error)) return;
    process.stderr.write(`guardsweep: standard output could not be written: ${present(error)}\n`);
  });
  process.stderr.on('error', onLost);
  if (isFile()) {
    // Node takes what a disk that is almost full took of it for all.
    process.stdout._write = (chunk: Uint8Array, _encoding, done) => {
      try {
        writeWhole(1, chunk);
      } catch (error) {
        return done(error as Error);
      }
      done();
    };
  }
  return (code) => (lost ? Math.max(code, 2) : code);
}

/** Calls back when nobody reads what is written to standard output, or to standard error. Gives what leaves off listening. */
export function onReaderGone(leave: () => void): () => void {
  const streams = [process.stdout, process.stderr];
  const onError = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') leave();
  };
  for (const stream of streams) stream.on('error', onError);
  return () => {
    for (const stream of streams) stream.off('error', onError);
  };
}

function isFile(): boolean {
  try {
    return fstatSync(1).isFile();
  } catch {
    return false;
  }
}
