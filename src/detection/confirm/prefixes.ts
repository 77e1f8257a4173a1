/** The prefixes of all rules. */
export class Prefixes {
  readonly #prefixes: readonly Buffer[];
  readonly #first = new Uint8Array(256);
  readonly #longest: number;

  constructor(prefixes: readonly string[]) {
    this.#prefixes = prefixes.map((prefix) => Buffer.from(prefix, 'latin1'));
    for (const prefix of this.#prefixes) this.#first[prefix[0]!] = 1;
    this.#longest = Math.max(0, ...prefixes.map(({ length }) => length));
  }

  /** How many bytes the prefix has that stands at a place; 0 where none does. */
  at(bytes: Uint8Array, place: number): number {
    if (this.#first[bytes[place]!] === 0) return 0;
    const found = this.#prefixes.find((prefix) =>
      prefix.every((byte, index) => bytes[place + index] === byte),
    );
    return found?.length ?? 0;
  }

  /** Where the last prefix ends that ends before a place, at most `reach` bytes before. */
  lastBefore(bytes: Uint8Array, place: number, reach: number): number | undefined {
    const from = Math.max(0, place - reach - this.#longest);
    const near = Buffer.from(bytes.buffer, bytes.byteOffset + from, place - from);
    const ends = this.#prefixes.map((prefix) => {
      const at = near.lastIndexOf(prefix);
      return at === -1 ? -1 : from + at + prefix.length;
    });
    const last = Math.max(...ends);
    return last === -1 ? undefined : last;
  }
}
