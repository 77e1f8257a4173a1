import type { Reason } from './reason.js';
import type { SecretValue } from './secret.js';
import type { Span } from './span.js';

export type Confidence = 'high' | 'low';

/** One decoding between the bytes as stored and the token: `base64`, `utf16le`, `percent`… */
export type DecodeStep = string;

/** One place where a rule matched. It holds no view of the bytes it was found in. */
export interface Match {
  /** The rule's ID. */
  readonly rule: string;
  /** Where it stands in the unit as stored; for a decoded match, its encoded form. */
  readonly span: Span;
  /** Of `span.start`, counted from 1 in bytes; lines end at LF. */
  readonly line: number;
  readonly column: number;
  readonly secret: SecretValue;
  readonly confidence: Confidence;
  /** Why the confidence is what it is: named reasons, strongest first. */
  readonly reasons: readonly Reason[];
  /** The decodings, outermost first. Empty for a plain match. */
  readonly via: readonly DecodeStep[];
}
