import type { TokenRecord } from '../model/token.js';

/** How much may be revoked in one run. Over any of it nothing at all is. */
export interface Caps {
  /** Token IDs. */
  readonly maxRevocations: number;
  /** A share (0 to 1) of the organization's active tokens. */
  readonly maxShare?: number;
  /** So many tokens are within any share but 0; 1 when absent. */
  readonly shareFrom?: number;
}

/** @returns why `count` tokens are too many; `undefined` when they are not. */
export function overCap(
  count: number,
  records: readonly TokenRecord[] | undefined,
  { maxRevocations, maxShare, shareFrom = 1 }: Caps,
): string | undefined {
  if (count > maxRevocations) {
    return `${count} token${count === 1 ? '' : 's'} would be revoked, more than the ${maxRevocations} allowed (--max-revocations): none was`;
  }
  if (maxShare === undefined) return undefined;
  const active = records?.filter(({ status }) => status === 'active').length ?? 0;
  // 29 % of 100 are 29, which binary fractions miss by a hair.
  const most = maxShare === 0 ? 0 : Math.max(shareFrom, Math.floor(active * maxShare + 1e-9));
  if (count <= most) return undefined;
  return `${count} of the organization's ${active} active tokens would be revoked, more than the ${Number((maxShare * 100).toFixed(2))} % allowed (--max-share): none was`;
}
