import { DataFault } from '../../model/data-fault.js';

const LINE_BREAK = Buffer.from('\n');

/** A delta that does not fit its base, or is cut short. */
export class DeltaFault extends DataFault {
  override readonly name = 'DeltaFault';
  readonly reason: 'corrupt' | 'too_large';

  constructor(detail: string, reason: 'corrupt' | 'too_large' = 'corrupt', options?: ErrorOptions) {
    super(detail, options);
    this.reason = reason;
  }
}

/** The sizes that a delta declares (gitformat-pack, "Deltified representation"), and where its instructions begin. */
export interface DeltaSizes {
  readonly base: number;
  readonly result: number;
  readonly at: number;
}

function deltaSizes(delta: Uint8Array): DeltaSizes {
  const base = sizeAt(delta, 0);
  const result = sizeAt(delta, base.next);
  return { base: base.value, result: result.value, at: result.next };
}

/** The sizes that `delta` declares, once they fit its base and what may be held: nothing is allocated before that. */
function checkedSizes(base: Uint8Array, delta: Uint8Array, largest: number): DeltaSizes {
  const sizes = deltaSizes(delta);
  if (sizes.base !== base.length) {
    throw new DeltaFault(`is made for a base of ${sizes.base} bytes, but its base has ${base.length}`);
  }
  if (sizes.result > largest) {
    throw new DeltaFault(
      `claims to become ${sizes.result} bytes, over the limit of ${largest} (--max-memory)`,
      'too_large',
    );
  }
  return sizes;
}

/** Rebuilds what `delta` makes of `base`. */
export function applyDelta(base: Uint8Array, delta: Uint8Array, largest: number): Buffer {
  const sizes = checkedSizes(base, delta, largest);
  const result = Buffer.allocUnsafe(sizes.result);
  let filled = 0;
  for (const piece of deltaPieces(delta, sizes)) {
    const end = filled + piece.length;
    if (end > result.length) throw new DeltaFault('makes more bytes than it declares');
    if (piece.from === undefined) {
      result.set(delta.subarray(piece.at, piece.at + piece.length), filled);
    } else {
      if (piece.from + piece.length > base.length) throw new DeltaFault('copies from beyond its base');
      result.set(base.subarray(piece.from, piece.from + piece.length), filled);
    }
    filled = end;
  }
  if (filled !== result.length) throw new DeltaFault('makes fewer bytes than it declares');
  return result;
}

/** One instruction: `length` bytes copied from the base at `from`, or literal ones that stand in the delta at `at`. */
interface DeltaPiece {
  readonly from?: number;
  readonly at: number;
  readonly length: number;
}

function* deltaPieces(delta: Uint8Array, sizes: DeltaSizes): Generator<DeltaPiece> {
  let at = sizes.at;
  while (at < delta.length) {
    const opcode = delta[at++]!;
    if (opcode === 0) throw new DeltaFault('has an instruction that is reserved');
    if ((opcode & 0x80) === 0) {
      if (at + opcode > delta.length) throw new DeltaFault('ends in the middle of an instruction');
      yield { at, length: opcode };
      at += opcode;
      continue;
    }
    let from = 0;
    let length = 0;
    for (let bit = 0; bit < 7; bit++) {
      if ((opcode & (1 << bit)) === 0) continue;
      const byte = delta[at++];
      if (byte === undefined) throw new DeltaFault('ends in the middle of an instruction');
      if (bit < 4) from += byte * 2 ** (8 * bit);
      else length += byte * 2 ** (8 * (bit - 4));
    }
    yield { from, at, length: length === 0 ? 0x10000 : length };
  }
}

/** What stands in a delta itself, as far as it can be read: of what it copies, a line break each time. */
export function additionsOf(delta: Uint8Array): Buffer {
  const parts: Uint8Array[] = [];
  let copies = false;
  try {
    for (const { from, at, length } of deltaPieces(delta, deltaSizes(delta))) {
      if (from === undefined) parts.push(...(copies ? [LINE_BREAK] : []), delta.subarray(at, at + length));
      copies = from !== undefined;
    }
  } catch (error) {
    if (!(error instanceof DeltaFault)) throw error;
  }
  return Buffer.concat(parts);
}

function sizeAt(delta: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = delta[at++];
    if (byte === undefined || scale > Number.MAX_SAFE_INTEGER / 128) {
      throw new DeltaFault('has no readable sizes');
    }
    value += (byte & 0x7f) * scale;
    if ((byte & 0x80) === 0) return { value, next: at };
    scale *= 128;
  }
}

/** The pieces that a sound delta copies: from where in the base, to where in the result. */
export function* copiedPieces(delta: Uint8Array): Generator<{ from: number; to: number; length: number }> {
  let to = 0;
  for (const { from, length } of deltaPieces(delta, deltaSizes(delta))) {
    if (from !== undefined) yield { from, to, length };
    to += length;
  }
}
