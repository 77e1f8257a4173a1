import { fstatSync } from 'node:fs';
import { present } from './present.js';
import { writeWhole } from './whole-write.js';

/**
 * Tells what becomes of standard output. A reader that stops early (`| head`) ends the program quietly, as with any
 * other filter; what it did not read is no reason to call a scan clean. A disk that is full ends nothing: what was begun
 * is finished, and the exit code says that it can't be read.
 *
 * @param ended the exit code, once there is one
 * @returns the exit code that is left of one
 */
export function watchStandardOutput(ended: () => number | undefined): (code: number) => number {
  let lost = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(ended() ?? 2);
    lost = true;
    process.exitCode = Math.max(ended() ?? 2, 2);
    process.stderr.write(`guardsweep: standard output could not be written: ${present(error)}\n`);
  });
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

function isFile(): boolean {
  try {
    return fstatSync(1).isFile();
  } catch {
    return false;
  }
}
