import type { VolumeNames } from '../model/volume-names.js';
import { sniff } from './archive/sniff.js';
import type { RandomAccess, SharedBytes, Volume } from './file-tree.js';
import { bytesAt } from './random-access.js';

/** As many bytes as tell what the first volume begins. */
const HEAD = 512;
/** What begins like these is as likely text, or is whole as it stands. */
const UNCUT: ReadonlySet<string | undefined> = new Set([
  undefined,
  ...['mail', 'http', 'streams', 'unread', 'pack', 'bundle', 'capture', 'record log', 'blocks'],
]);

/** A file that may be a volume. */
export interface NamedAccess {
  readonly name: string;
  readonly access: RandomAccess;
}

/**
 * Whether files are volumes of one archive, and not only named alike: the first begins an archive, the second does not;
 * pieces are of one size, but the last.
 * @throws SourceFault
 */
export function areVolumes(
  kind: VolumeNames['kind'],
  [first, second, ...further]: readonly NamedAccess[],
): boolean {
  if (first === undefined || second === undefined) return false;
  const begun = sniff(bytesAt(first.access, 0, HEAD));
  if (kind !== 'pieces') return begun === kind;
  if (UNCUT.has(begun) || sniff(bytesAt(second.access, 0, HEAD)) !== undefined) return false;
  const { size } = first.access;
  const last = further.at(-1) ?? second;
  return [second, ...further].every(
    ({ access }) => access.size === size || (access === last.access && access.size < size),
  );
}

/** The volumes of an archive one behind the other, as one. Closing it closes them. */
export class VolumesAccess implements RandomAccess {
  readonly #parts: readonly RandomAccess[];
  readonly volumes: readonly Volume[];
  readonly size: number;

  constructor(parts: readonly NamedAccess[]) {
    let start = 0;
    this.#parts = parts.map(({ access }) => access);
    this.volumes = parts.map(({ name, access: { size } }) => {
      start += size;
      return { name, start: start - size, size };
    });
    this.size = start;
  }

  readAt(position: number, into: Uint8Array): number {
    const index = this.#at(position);
    const part = this.#parts[index];
    return part === undefined ? 0 : part.readAt(position - this.volumes[index]!.start, into);
  }

  close(): void {
    for (const part of this.#parts) part.close();
  }

  shared(start: number, size: number): SharedBytes | undefined {
    const pieces: SharedBytes[] = [];
    const end = Math.min(start + size, this.size);
    for (let at = start; at < end; ) {
      const index = this.#at(at);
      const volume = this.volumes[index]!;
      const from = at - volume.start;
      const length = Math.min(volume.size - from, end - at);
      const piece = this.#parts[index]!.shared?.(from, length);
      if (piece === undefined) return undefined;
      pieces.push(piece);
      at += length;
    }
    return { start: 0, size: end - start, pieces };
  }

  /** The index of the volume that holds a byte. */
  #at(position: number): number {
    let low = 0;
    let high = this.volumes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { start, size } = this.volumes[middle]!;
      if (start + size <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
