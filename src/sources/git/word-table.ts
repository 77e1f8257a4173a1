/** Where slots stay free, so that looking one up stays short. */
const LOAD = 0.6;

/** Sequences of 32-bit words, each numbered when it is first seen: object IDs, names. */
export class WordTable {
  #words: Uint32Array;
  /** Where each begins; one more than there are. */
  #starts: Uint32Array;
  #slots: Int32Array;
  /** Whoever wrote a repository can't know in which slot its words end up. */
  readonly #seed = (Math.random() * 2 ** 32) | 1;
  size = 0;

  /** @param room how many are expected, of so many words each. */
  constructor(room = 1024, length = 5) {
    this.#words = new Uint32Array(room * length);
    this.#starts = new Uint32Array(room + 1);
    this.#slots = new Int32Array(slotsFor(room)).fill(-1);
  }

  /** The number of the sequence of `length` words at `at`; a new one where it wasn't known. */
  intern(words: Uint32Array, at: number, length: number): number {
    const slot = this.#slotOf(words, at, length);
    const known = this.#slots[slot]!;
    return known >= 0 ? known : this.#add(slot, words, at, length);
  }

  /** The number of a sequence, or -1. */
  find(words: Uint32Array, at: number, length: number): number {
    return this.#slots[this.#slotOf(words, at, length)]!;
  }

  /** The bytes of a sequence. */
  bytesOf(number: number): Uint8Array {
    const start = this.#starts[number]!;
    const end = this.#starts[number + 1]!;
    return new Uint8Array(this.#words.buffer, start * 4, (end - start) * 4);
  }

  #slotOf(words: Uint32Array, at: number, length: number): number {
    const mask = this.#slots.length - 1;
    let hash = this.#seed;
    for (let word = at; word < at + length; word++) {
      hash = Math.imul(hash ^ words[word]!, this.#seed);
      hash ^= hash >>> 15;
    }
    let slot = hash & mask;
    while (this.#slots[slot] !== -1 && !this.#isAt(this.#slots[slot]!, words, at, length)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #isAt(number: number, words: Uint32Array, at: number, length: number): boolean {
    const start = this.#starts[number]!;
    if (this.#starts[number + 1]! - start !== length) return false;
    for (let word = 0; word < length; word++) {
      if (this.#words[start + word] !== words[at + word]) return false;
    }
    return true;
  }

  #add(slot: number, words: Uint32Array, at: number, length: number): number {
    const number = this.size;
    const start = this.#starts[number]!;
    if (number + 2 > this.#starts.length) this.#starts = grown(this.#starts);
    while (start + length > this.#words.length) this.#words = grown(this.#words);
    for (let word = 0; word < length; word++) this.#words[start + word] = words[at + word]!;
    this.#starts[number + 1] = start + length;
    this.size += 1;
    if (this.size > this.#slots.length * LOAD) this.#rehash();
    else this.#slots[slot] = number;
    return number;
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    for (let number = 0; number < this.size; number++) {
      const start = this.#starts[number]!;
      this.#slots[this.#slotOf(this.#words, start, this.#starts[number + 1]! - start)] = number;
    }
  }
}

function slotsFor(room: number): number {
  let slots = 1024;
  while (slots * LOAD < room) slots *= 2;
  return slots;
}

function grown(words: Uint32Array): Uint32Array {
  const larger = new Uint32Array(Math.ceil(words.length * 1.5) + 1024);
  larger.set(words);
  return larger;
}
