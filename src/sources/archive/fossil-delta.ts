import { ChainFault } from '../delta-chains.js';

/** Digits of numbers: six bits each. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~';
const VALUES = new Int8Array(256).fill(-1);
for (let value = 0; value < DIGITS.length; value++) VALUES[DIGITS.charCodeAt(value)] = value;

const LINE_END = 0x0a;
const COPY = 0x40;
const COMMA = 0x2c;
const ADD = 0x3a;
const END = 0x3b;

/**
 * What a delta of Fossil's makes of its base (fossil-scm.org, "Fossil Delta Format"). Without a base, what it adds alone.
 * @throws {ChainFault}
 */
export function applyFossilDelta(base: Buffer | undefined, delta: Buffer, largest: number): Buffer {
  let at = 0;
  const number = () => {
    const start = at;
    let value = 0;
    for (; at < delta.length && VALUES[delta[at]!]! >= 0; at++) value = value * 64 + VALUES[delta[at]!]!;
    if (at === start || value > Number.MAX_SAFE_INTEGER / 64) throw new ChainFault('its delta is damaged');
    return value;
  };
  const size = number();
  if (delta[at++] !== LINE_END) throw new ChainFault('its delta is damaged');
  if (size > largest)
    throw new ChainFault('is larger than what is held in memory (--max-memory)', 'too_large');
  const pieces: Buffer[] = [];
  let length = 0;
  for (;;) {
    const count = number();
    const command = delta[at++];
    if (command === END) break;
    length += count;
    if (length > size) throw new ChainFault('its delta makes more than it says');
    if (command === ADD) {
      if (at + count > delta.length) throw new ChainFault('its delta is cut short');
      pieces.push(delta.subarray(at, at + count));
      at += count;
    } else if (command === COPY) {
      const from = number();
      if (delta[at++] !== COMMA) throw new ChainFault('its delta is damaged');
      if (base === undefined) pieces.push(Buffer.from('\n'));
      else if (from + count > base.length)
        throw new ChainFault('its delta copies what its base does not have');
      else pieces.push(base.subarray(from, from + count));
    } else throw new ChainFault('its delta is damaged');
  }
  if (length !== size) throw new ChainFault('its delta makes less than it says');
  return Buffer.concat(pieces);
}
