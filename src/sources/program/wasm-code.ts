import type { Targets } from './targets.js';
import { isConstant, signed } from './wasm.js';
import { AROUND, type Window } from './windows.js';

/** Two constants near each other: an address, and a length. See {@link tellX86}. */
export function tellWasm({ bytes, first, last }: Window, targets: Targets): void {
  for (let at = first; at < last; at++) {
    const address = constantAt(bytes, at);
    if (address === undefined || !targets.mayName(address | 0) || !targets.isNear(address)) continue;
    targets.begin(address);
    for (let next = at + 2; next < at + AROUND - 8; next++) {
      const length = constantAt(bytes, next);
      if (length !== undefined) targets.tell(address, length, 2 * AROUND - (next - at));
    }
    for (let next = at - 2; next > at - AROUND / 2; next--) {
      const length = constantAt(bytes, next);
      if (length !== undefined) targets.tell(address, length, AROUND - (at - next));
    }
  }
}

function constantAt(bytes: Uint8Array, at: number): number | undefined {
  const value = isConstant(bytes[at]) ? signed(bytes, at + 1)?.value : undefined;
  return value !== undefined && value > 0 ? value : undefined;
}
