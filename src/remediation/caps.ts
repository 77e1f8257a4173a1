import type { TokenRecord } from '../model/token.js';

/** How much may be revoked in one run. Over any of it nothing at all is. */
export interface Caps {
  /** Token IDs. */
  readonly maxRevocations: number;
  /** A share (0 to 1) of the organization's active tokens. */
  readonly maxShare?: number;
  /** So many tokens are within the share whatever it is; 1 when absent. */
  readonly shareFrom?: number;
}

/** @returns why `count` tokens are too many; `undefined` when they are not. */
export function overCap(
  count: number,
  records: readonly TokenRecord[] | undefined,
  { maxRevocations, maxShare, shareFrom = 1 }: Caps,
): string | undefined {
  if (count > maxRevocations) {
    return `${count} tokens would be revoked, more than the ${maxRevocations} allowed (--max-revocations): none was`;
  }
  if (maxShare === undefined) return undefined;
  const active = records?.filter(({ status }) => status === 'active').length ?? 0;
  if (count <= Math.max(shareFrom, Math.floor(active * maxShare))) return undefined;
  return `${count} of the organization's ${active} active tokens would be revoked, more than the ${Number((maxShare * 100).toFixed(2))} % allowed (--max-share): none was`;
}
