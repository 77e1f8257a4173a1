import type { Candidate } from './candidate.js';
import { BASE85 } from './decode/base85.js';
import type { DecoderName } from './decode/encoding.js';
import { reachesReversed } from './decode/reversed.js';
import type { DecodedView } from './decode/view.js';

/** One layer that was undone, and what was found in it, as places of the bytes that it was undone in. */
export interface Layer {
  readonly view: DecodedView;
  /** Bytes of the view whose literals were looked at. */
  readonly searched: number;
  readonly candidates: readonly Candidate[];
  /** Whether these candidates were handed on. */
  told: boolean;
}

/** Layers that are remembered for each decoder: literals of different alignments take turns. */
const KEPT = 6;

/**
 * What was undone in some bytes, so that many literals in one encoded text cost one decoding. It holds as long as the
 * bytes stay where they are and no more come.
 */
export class Undone {
  readonly #layers = new Map<DecoderName, Layer[]>();

  /** The layer that a hit's decoding would give again. */
  find(decoder: DecoderName, at: number, group: number): Layer | undefined {
    return this.#layers.get(decoder)?.find((layer) => reaches(layer, decoder, at, group));
  }

  add(decoder: DecoderName, layer: Layer): void {
    const layers = this.#layers.get(decoder);
    if (layers === undefined) this.#layers.set(decoder, [layer]);
    else {
      layers.unshift(layer);
      if (layers.length > KEPT) layers.pop();
    }
  }
}

const UNMEASURED: ReadonlySet<DecoderName> = new Set(['markup', 'cut-lines', 'folded', 'ansi', 'base85']);

/** Whether the bytes of the hit are among those that were looked at, and were divided into groups as the hit has them. */
function reaches({ view, searched }: Layer, decoder: DecoderName, at: number, group: number): boolean {
  if (decoder === 'reversed') return reachesReversed(view, at);
  const { starts, ends, stop } = view;
  if (at >= stop || searched === 0 || starts[0]! > at) return false;
  // Of texts that were cut, and of families, the group is no distance.
  const index = firstFrom(starts, UNMEASURED.has(decoder) ? at : at + group);
  if (index >= searched) return false;
  switch (decoder) {
    case 'base64':
      return starts[index] === at + group && index % 3 === 0;
    case 'base85':
      return starts[index] === at && view.encoding === BASE85[group]!.encoding;
    case 'hex':
      return starts[index] === at;
    case 'utf16':
    case 'utf32':
      return starts[index] === at || (index > 0 && ends[index - 1] === at + 1);
    default:
      return true;
  }
}

/** The index of the first start that is not before `place`. */
function firstFrom(starts: Uint32Array, place: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (starts[middle]! < place) low = middle + 1;
    else high = middle;
  }
  return low;
}
