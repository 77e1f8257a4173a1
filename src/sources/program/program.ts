/** A run of a file's bytes that is loaded, and where it stands in memory then. */
export interface Segment {
  readonly offset: number;
  readonly size: number;
  readonly address: number;
  /** Whether instructions are among it. */
  readonly isCode: boolean;
}

export interface Loading {
  readonly segments: readonly Segment[];
  /** Bytes of a pointer, and of the length beside it. */
  readonly word: 4 | 8;
  /** Whose instructions are read; `none` where only its data is. */
  readonly machine: 'x86' | 'arm64' | 'wasm' | 'none';
  /** Pointers of which only the low 36 bits are one, counted from here or from zero: Apple's chained fixups. */
  readonly chainedFrom?: number;
}

/** Segments that are looked at; of what crashed there are some thousands, of Go in WebAssembly ten times as many. */
export const MOST_SEGMENTS = 256 * 1024;

/** What a file says of how it is loaded: a program, a library, what was left of one when it crashed. */
export class Program {
  readonly segments: readonly Segment[];
  readonly word: Loading['word'];
  readonly machine: Loading['machine'];
  readonly chainedFrom: number | undefined;
  readonly #byAddress: readonly Segment[];

  constructor({ segments, word, machine, chainedFrom }: Loading) {
    this.segments = [...segments].sort((a, b) => a.offset - b.offset);
    this.#byAddress = [...segments].sort((a, b) => a.address - b.address);
    this.word = word;
    this.machine = machine;
    this.chainedFrom = chainedFrom;
  }

  /** Where a byte of the file stands in memory. */
  addressOf(offset: number): number | undefined {
    const segment = lastBefore(this.segments, 'offset', offset);
    return segment === undefined ? undefined : segment.address + offset - segment.offset;
  }

  /** Where in the file a byte of memory is. */
  offsetOf(address: number): number | undefined {
    const segment = lastBefore(this.#byAddress, 'address', address);
    return segment === undefined ? undefined : segment.offset + address - segment.address;
  }
}

/** The segment that holds a place; where segments lie over each other, the one that begins last. */
function lastBefore(
  segments: readonly Segment[],
  key: 'offset' | 'address',
  place: number,
): Segment | undefined {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (segments[middle]![key] <= place) low = middle + 1;
    else high = middle;
  }
  const segment = segments[low - 1];
  return segment !== undefined && place < segment[key] + segment.size ? segment : undefined;
}
