const KEPT = 512;

/** What was made of the last texts: files, layers in each other and reports show the same ones again and again. */
export class Remembered<T> {
  readonly #make: (text: string) => T;
  readonly #made = new Map<string, T>();

  /** @param make gives the same for the same text each time, and never `undefined` */
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
