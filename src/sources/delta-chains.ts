import { DataFault } from '../model/data-fault.js';
import type { Diagnostic } from '../model/diagnostic.js';

/** Histories unfold further than archives: of a large text, a line changes at a time. */
const UNFOLDING = { ratio: 30_000, floor: 1024 ** 3 };
/** Bases of bases: nobody has as many versions of a text that each builds on the one before. */
const DEEPEST = 10_000;

/** Something that can't be put together, and why. */
export class ChainFault extends DataFault {
  override readonly name = 'ChainFault';
  readonly reason: Diagnostic['reason'];

  constructor(detail: string, reason: Diagnostic['reason'] = 'corrupt') {
    super(detail);
    this.reason = reason;
  }
}

/** How texts are kept of which most are written as what they have of another. Both methods may throw {@link DataFault}. */
export interface Links<T> {
  keyOf(each: T): string | number;
  /** What it builds on; undefined for what stands by itself. */
  baseOf(each: T): T | undefined;
  build(each: T, base: Buffer | undefined): Buffer;
}

/** Puts such texts together. The last ones are kept, for others to build on. */
export class DeltaChains<T> {
  readonly #links: Links<T>;
  readonly #largest: number;
  readonly #kept = new Map<string | number, Buffer>();
  #keptBytes = 0;
  #left = UNFOLDING.floor;

  /** @param largest bytes of all that are kept. */
  constructor(links: Links<T>, largest: number) {
    this.#links = links;
    this.#largest = largest;
  }

  /** So many packed bytes more are read: what they may become is put together. */
  allow(packed: number): void {
    this.#left += packed * UNFOLDING.ratio;
  }

  /** The bases first, without a call each: a chain may be long. @throws {DataFault} */
  textOf(wanted: T): Buffer {
    const chain: T[] = [];
    const keys = new Set<string | number>();
    let text: Buffer | undefined;
    for (let at: T | undefined = wanted; at !== undefined && text === undefined; ) {
      const key = this.#links.keyOf(at);
      if (keys.has(key)) throw new ChainFault('it builds on itself');
      if (chain.length >= DEEPEST) throw new ChainFault('it builds on too many others');
      text = this.#kept.get(key);
      if (text !== undefined) break;
      keys.add(key);
      chain.push(at);
      at = this.#links.baseOf(at);
    }
    for (const each of chain.reverse()) {
      text = this.#links.build(each, text);
      this.#left -= text.length;
      if (this.#left < 0) {
        throw new ChainFault(
          `it and others are more than ${UNFOLDING.ratio} times what they take up`,
          'budget',
        );
      }
      this.#keep(this.#links.keyOf(each), text);
    }
    return text!;
  }

  #keep(key: string | number, text: Buffer): void {
    this.#kept.set(key, text);
    this.#keptBytes += text.length;
    for (const [oldest, { length }] of this.#kept) {
      if (this.#keptBytes <= this.#largest || oldest === key) break;
      this.#kept.delete(oldest);
      this.#keptBytes -= length;
    }
  }
}
