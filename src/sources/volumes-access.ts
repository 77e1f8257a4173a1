import type { VolumeNames } from '../model/volume-names.js';
import { isOpaque, sniff } from './archive/sniff.js';
import type { RandomAccess, Volume } from './file-tree.js';
import { bytesAt, JoinedAccess } from './random-access.js';

/** As many bytes as tell what the first volume begins. */
const HEAD = 512;
/** Pieces of less are files. */
const LEAST = 4096;
/** What begins like these may be anything that was cut, or whole as it stands: sizes that only who cuts gives tell. */
const UNCUT: ReadonlySet<string | undefined> = new Set([
  undefined,
  ...[
    'mail',
    'http',
    'streams',
    'unread',
    'pack',
    'bundle',
    'git wire',
    'bazaar',
    'capture',
    'record log',
    'blocks',
    'asciicast',
  ],
]);

/** A file that may be a volume. */
export interface NamedAccess {
  readonly name: string;
  readonly access: RandomAccess;
}

/**
 * Whether files are volumes of one archive, or pieces of one file, and not only named alike: the first begins an archive, the
 * second does not; pieces are of one size, but the last. Where no archive begins, that size is a round one, and a text goes
 * on in the middle of a line.
 * @throws SourceFault
 */
export function areVolumes(
  kind: VolumeNames['kind'],
  [first, second, ...further]: readonly NamedAccess[],
): boolean {
  if (first === undefined || second === undefined) return false;
  const head = bytesAt(first.access, 0, HEAD);
  const begun = sniff(head);
  if (kind !== 'pieces') return begun === kind;
  if (sniff(bytesAt(second.access, 0, HEAD)) !== undefined) return false;
  const { size } = first.access;
  const last = further.at(-1) ?? second;
  const areOfOneSize = [second, ...further].every(
    ({ access }) => access.size === size || (access === last.access && access.size < size),
  );
  return (
    areOfOneSize && (!UNCUT.has(begun) || (isRound(size) && (isOpaque(head) || endsInLine(first.access))))
  );
}

/** What `split -b` and its like are told: in bytes of 1024, or of 1000. */
function isRound(size: number): boolean {
  return size >= LEAST && (size % 1024 === 0 || size % 1000 === 0);
}

function endsInLine(access: RandomAccess): boolean {
  return bytesAt(access, access.size - 1, 1)[0] !== 0x0a;
}

/** The volumes of an archive one behind the other, as one. Closing it closes them. */
export class VolumesAccess extends JoinedAccess {
  readonly volumes: readonly Volume[];

  constructor(volumes: readonly NamedAccess[]) {
    super(volumes.map(({ access }) => access));
    this.volumes = volumes.map(({ name, access: { size } }, at) => ({ name, start: this.starts[at]!, size }));
  }

  override close(): void {
    for (const part of this.parts) part.close();
  }
}
