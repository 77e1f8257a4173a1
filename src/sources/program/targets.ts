/** A text that is looked for, by where it stands in memory, and between which ends it must end. */
export interface Target {
  readonly address: number;
  readonly least: number;
  readonly most: number;
}

/** A text that a pointer and a length name; both ends in memory. */
export interface Text {
  readonly start: number;
  readonly end: number;
  /** The surer one of two: a pair in the data before numbers near each other in the code, and of these the nearer. */
  readonly rank: number;
}

/** How far before it the text may begin that a target is a part of. */
export const BEGINNING = 4096;
const PAGE_BITS = 12;
const PAGES = 1 << 16;
/** How far behind its beginning a target ends at most. */
const REACH = 4096;
/** The rank of what follows from where the next text begins: more than that of a longer text in the code. */
const NEXT = 500;
const MOST_LOOKS = 1_000_000;
/** Texts that are kept of one target. */
const MOST_TEXTS = 16;
/** The rank of a pair in the data: more than that of any in the code. */
export const PAIR = 1000;
/** What a text is surer by that begins where the target does. */
export const BEGINS = 10_000;

/** Targets by their addresses: most numbers in a file are none of them, which must be told at once. */
export class Targets {
  readonly #targets: readonly Target[];
  readonly #pages = new Uint8Array(PAGES);
  /** How often it may still be looked closely: a crafted file may be full of addresses. */
  #left = MOST_LOOKS;
  readonly found: ReadonlyMap<Target, Map<number, Text>>;

  constructor(targets: readonly Target[]) {
    this.#targets = [...targets].sort((a, b) => a.address - b.address);
    this.found = new Map(targets.map((target) => [target, new Map()]));
    for (const { address, most } of targets) {
      for (const near of [address - BEGINNING, address, most]) this.#pages[pageOf(near)] = 1;
    }
  }

  /** Whether a number may be an address near a target, by its low 32 bits. */
  mayName(low: number): boolean {
    return this.#pages[(low >>> PAGE_BITS) & (PAGES - 1)] === 1;
  }

  /** Whether there is a target at an address, or in a text that begins or ends there. */
  isNear(address: number): boolean {
    if (this.#left-- <= 0) return false;
    const at = this.#firstFrom(address);
    const next = this.#targets[at];
    const last = this.#targets[at - 1];
    return (
      (next !== undefined && next.address - address < BEGINNING) ||
      (last !== undefined && address < last.most)
    );
  }

  /** Takes note that `length` bytes at an address may be a text, and with how much right. */
  tell(start: number, length: number, rank: number): void {
    const end = start + length;
    for (let index = this.#firstFrom(start); index < this.#targets.length; index++) {
      const target = this.#targets[index]!;
      if (target.address - start >= BEGINNING || end < target.least || this.#left-- <= 0) break;
      const begins = start === target.address;
      // Of a longer text that numbers in the code may name, one that reaches as far as characters do says nothing.
      if (!begins && rank < PAIR && end >= target.most) continue;
      keep(this.found.get(target)!, {
        start,
        end: Math.min(end, target.most),
        rank: begins ? rank + BEGINS : rank,
      });
    }
  }

  /** Takes note that something begins at an address: what comes before ends there, if nothing says more. */
  begin(address: number): void {
    for (let index = this.#firstFrom(address) - 1; index >= 0; index--) {
      const target = this.#targets[index]!;
      if (address - target.address > REACH || this.#left-- <= 0) break;
      if (address < target.least || address >= target.most) continue;
      const rank = NEXT - (address - target.address) / REACH;
      keep(this.found.get(target)!, { start: target.address, end: address, rank });
    }
  }

  #firstFrom(address: number): number {
    let low = 0;
    let high = this.#targets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#targets[middle]!.address < address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function pageOf(address: number): number {
  return Math.floor(address / 2 ** PAGE_BITS) % PAGES;
}

/** Each end once, as sure as it can be; where there are too many, the surest. */
function keep(texts: Map<number, Text>, text: Text): void {
  const known = texts.get(text.end);
  if (known !== undefined && known.rank >= text.rank) return;
  texts.set(text.end, text);
  if (texts.size <= MOST_TEXTS) return;
  const least = [...texts.values()].reduce((one, other) => (other.rank < one.rank ? other : one));
  texts.delete(least.end);
}
