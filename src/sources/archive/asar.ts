import type { Provenance } from '../../model/provenance.js';
import { joinPath, type RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt, WindowAccess } from '../random-access.js';
import { FRONT } from './asar-head.js';
import { type Expansion, type Found, item, member, missed, placeIn } from './found.js';
import { MaskedStream } from './masked-stream.js';
import { Ranges } from './ranges.js';

const LONGEST_HEADER = 8 * 1024 * 1024;
/** Folders nest no deeper in anything that people make. */
const DEEPEST = 256;

interface File {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/** Reads an asar (electron/asar): its files lie one behind the other; then the rest of it as it is. */
export async function* readAsar(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  expansion.budget.expand(0, access.size);
  const front = bytesAt(access, 0, FRONT);
  const header = headerOf(access, front.readUInt32LE(12));
  if (header === undefined) {
    yield missed(
      where,
      'corrupt',
      `damaged at byte ${FRONT}: its list of files cannot be read; its own bytes were scanned`,
    );
  }
  const shown = new Ranges();
  let left = 2 * access.size;
  for (const { path, start, end } of filesIn(header, 8 + front.readUInt32LE(4))) {
    expansion.budget.entry();
    left -= Math.min(end, access.size) - Math.min(start, access.size);
    if (left < 0) {
      yield missed(where, 'corrupt', 'its files overlap: the others were not read under their names');
      break;
    }
    const place = placeIn(where, path, ['stream', 'stored'], { start, end });
    if (end > access.size)
      yield missed(place, 'corrupt', `cut off at byte ${access.size}. What is there was scanned`);
    yield member({
      type: 'unit',
      provenance: place,
      content: new AccessStream(new WindowAccess(access, start, end - start)),
    });
    expansion.budget.expand(Math.max(0, Math.min(end, access.size) - start), 0);
    shown.add(start, Math.min(end, access.size));
  }
  yield item({ type: 'unit', provenance: where, content: new MaskedStream(access, shown.spans()) });
}

function headerOf(access: RandomAccess, length: number): unknown {
  if (length > LONGEST_HEADER) return undefined;
  try {
    return JSON.parse(bytesAt(access, FRONT, length).toString());
  } catch {
    return undefined;
  }
}

/** The files that are in it; others lie beside it, or are links. */
function* filesIn(node: unknown, base: number, path = '', depth = 0): Generator<File> {
  const files = fieldOf(node, 'files');
  if (typeof files !== 'object' || files === null || depth > DEEPEST) return;
  for (const [name, child] of Object.entries(files)) {
    const place = joinPath(path, name);
    const [offset, size] = [Number(fieldOf(child, 'offset') ?? Number.NaN), Number(fieldOf(child, 'size'))];
    const start = base + offset;
    if (Number.isSafeInteger(start) && Number.isSafeInteger(size) && offset >= 0 && size > 0)
      yield { path: place, start, end: start + size };
    yield* filesIn(child, base, place, depth + 1);
  }
}

function fieldOf(node: unknown, name: string): unknown {
  return typeof node === 'object' && node !== null && Object.hasOwn(node, name)
    ? (node as Record<string, unknown>)[name]
    : undefined;
}
