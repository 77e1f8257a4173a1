import type { Finding } from '../model/finding.js';
import { SecretValue } from '../model/secret.js';

/** A finding as it crosses from one thread to another: its secret is plain text, and never goes anywhere else. */
export interface Parcel extends Omit<Finding, 'secret'> {
  readonly text: string;
  readonly prefixLength: number;
}

/** @param prefixLength of the rule that found it: how many leading characters are not secret. */
export function pack(finding: Finding, prefixLength: number): Parcel {
  const { secret, ...rest } = finding;
  return { ...rest, text: secret.reveal(), prefixLength };
}

export function unpack({ text, prefixLength, ...rest }: Parcel): Finding {
  return { ...rest, secret: new SecretValue(text, prefixLength) };
}
