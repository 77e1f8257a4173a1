/** Whole numbers of 32 bits, one after the other. */
export class IntList {
  values: Int32Array;
  length = 0;

  constructor(room = 1024) {
    this.values = new Int32Array(room);
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Int32Array(Math.ceil(this.length * 1.5) + 1024);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  /** Sets one at any place; those before it that were never set are `empty`. */
  put(at: number, value: number, empty: number): void {
    while (this.length <= at) this.push(empty);
    this.values[at] = value;
  }
}
