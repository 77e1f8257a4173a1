import type { Provenance } from './provenance.js';

export type DiagnosticReason =
  | 'encrypted'
  | 'corrupt'
  | 'too_large'
  | 'unreadable'
  | 'missing_object'
  | 'unsupported'
  | 'budget';

/** Something that could not be read. It ends in `coverage.unscanned`; a scan with one is incomplete, never clean. */
export interface Diagnostic {
  readonly type: 'diagnostic';
  readonly where: Provenance;
  readonly reason: DiagnosticReason;
  /** What happened and what to do about it, in a sentence for the person who reads the report. */
  readonly detail: string;
}

export function diagnostic(where: Provenance, reason: DiagnosticReason, detail: string): Diagnostic {
  return { type: 'diagnostic', where, reason, detail };
}
