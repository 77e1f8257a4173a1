/** What was made of the last texts: layers in each other, and copies in a file, show one body often. */
export class Remembered<T> {
  readonly #make: (text: string) => T;
  readonly #made = new Map<string, T>();

  constructor(make: (text: string) => T) {
    this.#make = make;
  }

  of(text: string): T {
    const known = this.#made.get(text);
    if (known !== undefined) return known;
    if (this.#made.size === KEPT) this.#made.clear();
    const made = this.#make(text);
    this.#made.set(text, made);
    return made;
  }
}

const KEPT = 512;
