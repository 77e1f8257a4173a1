import { hexAt } from './object-format.js';

const SPACE = 0x20;
const FOLDER = 0o40000;
const SUBMODULE = 0o160000;

/** One line of a tree object. Where the next one begins follows from the position. */
export interface TreeLine {
  readonly mode: number;
  readonly name: Uint8Array;
  /** Where the bytes of the object ID stand. */
  readonly idAt: number;
}

/** The lines of a tree object; ends early where it is malformed. */
export function* treeLines(bytes: Uint8Array, idBytes: number): Generator<TreeLine> {
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(SPACE, at);
    if (space < 0 || space - at > 7) return;
    let mode = 0;
    for (let digit = at; digit < space; digit++) mode = mode * 8 + (bytes[digit]! - 0x30);
    const end = bytes.indexOf(0, space + 1);
    if (end < 0 || end + 1 + idBytes > bytes.length) return;
    yield { mode, name: bytes.subarray(space + 1, end), idAt: end + 1 };
    at = end + 1 + idBytes;
  }
}

export function isFolder(mode: number): boolean {
  return mode === FOLDER;
}

/** A commit of another repository: nothing of it is in this one. */
export function isSubmodule(mode: number): boolean {
  return mode === SUBMODULE;
}

export function idOfLine(bytes: Uint8Array, line: TreeLine, idBytes: number): string {
  return hexAt(bytes, line.idAt, idBytes);
}
