import { hexAt } from './object-format.js';

const SPACE = 0x20;
const KIND = 0o170000;
const FOLDER = 0o40000;
const SUBMODULE = 0o160000;

/** One line of a tree object. Where the next one begins follows from the position. */
export interface TreeLine {
  readonly mode: number;
  readonly name: Uint8Array;
  /** Where the bytes of the object ID stand. */
  readonly idAt: number;
}

/** The lines of a tree object from `from`, where one begins; ends early where it is malformed. */
export function* treeLines(bytes: Uint8Array, idBytes: number, from = 0): Generator<TreeLine> {
  let at = from;
  while (at < bytes.length) {
    const space = bytes.indexOf(SPACE, at);
    // Git writes six digits at most, and takes any number of zeros before them.
    let digits = at;
    while (bytes[digits] === 0x30) digits++;
    if (space < 0 || space - digits > 7) return;
    let mode = 0;
    for (let digit = at; digit < space; digit++) mode = mode * 8 + (bytes[digit]! - 0x30);
    const end = bytes.indexOf(0, space + 1);
    if (end < 0 || end + 1 + idBytes > bytes.length) return;
    yield { mode, name: bytes.subarray(space + 1, end), idAt: end + 1 };
    at = end + 1 + idBytes;
  }
}

/** Whether every byte of a tree object is of a line, and each begins with octal digits. */
export function isWholeTree(bytes: Uint8Array, idBytes: number): boolean {
  let end = 0;
  for (const { name, idAt } of treeLines(bytes, idBytes)) {
    const mode = bytes.subarray(end, idAt - 1 - name.length - 1);
    if (mode.some((digit) => digit < 0x30 || digit > 0x37)) return false;
    end = idAt + idBytes;
  }
  return end === bytes.length;
}

/** How far before a place a line is sought at first. */
const LOOK_BACK = 128;

/**
 * A place at or before `place` where a line begins, by its looks: a mode, a name, and where it ends another mode. IDs and
 * names may look the same by chance, so what follows from it needs a second look. 0 when none is near.
 */
export function lineBefore(bytes: Uint8Array, place: number, idBytes: number): number {
  for (let back = LOOK_BACK; back <= 4 * LOOK_BACK && back < place; back *= 2) {
    for (let at = place - back; at <= place; at++) {
      if (!looksLikeMode(bytes, at)) continue;
      const end = bytes.indexOf(0, at) + 1 + idBytes;
      if (end > idBytes && (end === bytes.length || looksLikeMode(bytes, end))) return at;
    }
  }
  return 0;
}

/** `100644 `, `40000 ` and the like. */
function looksLikeMode(bytes: Uint8Array, at: number): boolean {
  const first = bytes[at];
  if (first === 0x34) return bytes[at + 5] === SPACE && bytes[at + 1] === 0x30 && bytes[at + 4] === 0x30;
  return first === 0x31 && bytes[at + 6] === SPACE && bytes[at + 2] === 0x30 && bytes[at + 3]! < 0x38;
}

/** Whatever may be done with it, as git tells it: others write 40755. */
export function isFolder(mode: number): boolean {
  return (mode & KIND) === FOLDER;
}

/** A commit of another repository: nothing of it is in this one. */
export function isSubmodule(mode: number): boolean {
  return (mode & KIND) === SUBMODULE;
}

export function idOfLine(bytes: Uint8Array, line: TreeLine, idBytes: number): string {
  return hexAt(bytes, line.idAt, idBytes);
}
