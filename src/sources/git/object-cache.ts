import type { ObjectType } from '../../model/provenance.js';

export interface StoredObject {
  readonly type: ObjectType;
  readonly bytes: Uint8Array;
}

/** Objects read lately, up to a number of bytes: neighbours in history are built on the same bases. */
export class ObjectCache {
  readonly #capacity: number;
  readonly #objects = new Map<string, StoredObject>();
  #held = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: string): StoredObject | undefined {
    const found = this.#objects.get(key);
    if (found !== undefined) {
      this.#objects.delete(key);
      this.#objects.set(key, found);
    }
    return found;
  }

  put(key: string, object: StoredObject): void {
    if (object.bytes.length > this.#capacity / 8 || this.#objects.has(key)) return;
    this.#objects.set(key, object);
    this.#held += object.bytes.length;
    for (const [oldest, { bytes }] of this.#objects) {
      if (this.#held <= this.#capacity) break;
      this.#objects.delete(oldest);
      this.#held -= bytes.length;
    }
  }
}
