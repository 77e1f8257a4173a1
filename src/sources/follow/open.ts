import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { TargetError } from '../target-error.js';
import type { Followed, FollowNotes } from './followed.js';
import { FollowedLog } from './followed-log.js';
import { FollowedStream } from './followed-stream.js';

export interface FollowOptions {
  readonly notes: FollowNotes;
  /** Told when a stream has something to read; logs are looked at. */
  readonly wake: () => void;
  /** Leave out of the findings what stands in the logs already. */
  readonly fromEnd: boolean;
  /** What the target `-` reads. */
  readonly stdin?: Readable;
}

/**
 * Opens what is to be followed: a log, which need not be there yet, a pipe, or `-` for standard input.
 * @throws {TargetError} for what is there and can't be followed
 */
export function openFollowed(target: string, { notes, wake, fromEnd, stdin }: FollowOptions): Followed {
  if (target === '-') {
    if (stdin === undefined) throw new TargetError('-', 'there is no standard input to read');
    return new FollowedStream(stdin, '-', wake);
  }
  if (isPipe(target)) return new FollowedStream(createReadStream(target), target, wake);
  return new FollowedLog(target, notes, fromEnd);
}

function isPipe(target: string): boolean {
  try {
    return statSync(target).isFIFO();
  } catch {
    return false;
  }
}
