import type { Match } from '../model/match.js';
import type { Rule } from '../model/rule.js';
import { createPrefilter } from './prefilter/create.js';
import type { Prefilter } from './prefilter/prefilter.js';
import { tableFor } from './prefilter/tables.js';
import { Resolver } from './resolve.js';
import { ChunkSession, type ScanSession } from './session.js';

export type { ScanSession } from './session.js';

/**
 * Finds tokens in bytes. Synchronous, without I/O; each thread makes its own. Any number of sessions may be open at
 * once: each has memory of its own while it lasts.
 */
export interface Detector {
  /** Searches bytes that are in memory whole. */
  scan(bytes: Uint8Array): Match[];
  /** Searches bytes that come in pieces. */
  session(): ScanSession;
  /** Which kernel reads the bytes. */
  readonly kernel: Prefilter['kind'];
}

export interface DetectorOptions {
  /** `false` keeps to plain JavaScript where WebAssembly SIMD would work. */
  readonly simd?: boolean;
}

export function createDetector(rules: readonly Rule[], options: DetectorOptions = {}): Detector {
  const table = tableFor(rules.map((rule) => rule.prefix));
  const resolver = new Resolver(rules, table);
  const idle: Prefilter[] = [createPrefilter(table, options.simd ?? true)];
  const open = (): ScanSession => {
    const prefilter = idle.pop() ?? createPrefilter(table, options.simd ?? true);
    return new ChunkSession(prefilter, resolver, () => idle.push(prefilter));
  };
  return {
    kernel: idle[0]!.kind,
    session: open,
    scan(bytes) {
      const session = open();
      const matches: Match[] = [];
      for (let at = 0; at < bytes.length; ) {
        const window = session.window();
        const piece = bytes.subarray(at, at + window.length);
        window.set(piece);
        matches.push(...session.commit(piece.length));
        at += piece.length;
      }
      matches.push(...session.end());
      return matches;
    },
  };
}
