import type { Budget } from '../../model/budget.js';
import type { ObjectType, Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { InflateStream } from './inflate-stream.js';

interface Packed {
  readonly file: RandomAccess;
  readonly type: ObjectType;
  readonly from: number;
  readonly to: number;
  /** Bytes that come out before the content does. */
  readonly skip: number;
  readonly size: number;
}

/** An object that is too large to be held, and built on no other: its compressed bytes can be streamed. */
export class LargeObject {
  readonly type: ObjectType;
  readonly #packed: Packed;
  readonly #isOwn: boolean;

  /** @param isOwn whether the file is this object's alone, and is closed with it. */
  constructor(packed: Packed, isOwn: boolean) {
    this.type = packed.type;
    this.#packed = packed;
    this.#isOwn = isOwn;
  }

  stream(budget: Budget, where: Provenance): InflateStream {
    return new InflateStream({ ...this.#packed, budget, where });
  }

  close(): void {
    if (this.#isOwn) this.#packed.file.close();
  }
}
