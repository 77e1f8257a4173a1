import type { Provenance } from '../model/provenance.js';
import type { Part } from '../model/share.js';
import type { ByteStream, ScanUnit } from '../model/source.js';
import type { RandomAccess } from './file-tree.js';

/** The part of a divided file that this thread reads. */
export function partUnit(access: RandomAccess, provenance: Provenance, part: Part): ScanUnit {
  return { type: 'unit', provenance, content: new PartStream(access, part), part };
}

export class PartStream implements ByteStream {
  /** All of the file. */
  readonly access: RandomAccess;
  readonly #end: number;
  #position: number;

  constructor(access: RandomAccess, { read }: Part) {
    this.access = access;
    this.#position = read.start;
    this.#end = read.end;
  }

  read(into: Uint8Array): number {
    const left = this.#end - this.#position;
    if (left <= 0) return 0;
    const length = this.access.readAt(this.#position, left < into.length ? into.subarray(0, left) : into);
    this.#position += length;
    return length;
  }

  close(): void {
    this.access.close();
  }
}
