// What the host is told of commits and trees: records in the OUT buffer, in words of 32 bits. The lowest byte of the
// first is the kind, the rest is a count. Of lines only folders are told, and what is wanted.
import { copy } from './delta';
import { SLACK } from './inflate';
import { idAt, idBytes, mode, nameAt } from './tree-line';
import { isWanted } from './wanted';

/** Takes note of OUT, which is empty afterwards. */
// @ts-ignore: decorator
@external('env', 'flush')
declare function flush(): void;

/** A tree: its entry, and the entry of its base or -1. Its lines follow. */
const OF_TREE: u32 = 1;
/**
 * A line that the base hasn't (the count: bytes of the name), or that only the base has: an ID, and the name, filled up
 * with zeros. One more for a folder.
 */
export const ADDED: u32 = 2;
export const REMOVED: u32 = 4;
/**
 * A commit: its entry, the committer's seconds as f64, the ID of its tree, and those of its parents, so many as the count
 * says.
 */
const OF_COMMIT: u32 = 6;
/** The root of a delta tree that is given back; what was told of its objects holds. */
const RETURNED: u32 = 7;

/** What a mode tells beside permissions, of which others than git write some. */
const KIND: i32 = 0o170000;
const FOLDER: i32 = 0o40000;
const SUBMODULE: i32 = 0o160000;
/** Longer names are nothing that has to be fast. */
const LONGEST_NAME: i32 = 4096;

let out: usize = 0;
let outRoom: i32 = 0;

/** Bytes in OUT. */
export let outUsed: i32 = 0;

export function setOut(at: usize, room: i32): void {
  out = at;
  outRoom = room;
}

export function tellTree(entry: i32, base: i32): void {
  reserve(12);
  word(OF_TREE);
  word(entry);
  word(base);
}

export function tellReturned(root: i32): void {
  reserve(8);
  word(RETURNED);
  word(root);
}

/** The line that was read last, if it is a folder or wanted. */
// @ts-ignore: decorator
@inline
export function tellLine(kind: u32): void {
  const what: i32 = mode & KIND;
  if (what == SUBMODULE) return;
  if (what == FOLDER || isWanted(idAt)) writeLine(what == FOLDER ? kind + 1 : kind);
}

function writeLine(kind: u32): void {
  const length: i32 = min(<i32>(idAt - 1 - nameAt), LONGEST_NAME);
  reserve(4 + idBytes + length + SLACK);
  word(kind | (<u32>length << 8));
  copy(out + outUsed, idAt, idBytes);
  outUsed += idBytes;
  memory.copy(out + outUsed, nameAt, length);
  outUsed += length;
  for (; (outUsed & 3) != 0; outUsed++) store<u8>(out + outUsed, 0);
}

/** Where the IDs of a commit's tree and of up to so many parents go; `tellCommit` then says how many there are. */
export function roomForIds(parents: i32): usize {
  reserve(16 + (parents + 1) * idBytes);
  return out + outUsed + 16;
}

export function tellCommit(entry: i32, seconds: f64, parents: i32): void {
  const record: usize = out + outUsed;
  store<u32>(record, OF_COMMIT | (<u32>parents << 8));
  store<i32>(record, entry, 4);
  store<f64>(record, seconds, 8);
  outUsed += 16 + (parents + 1) * idBytes;
}

// @ts-ignore: decorator
@inline
function reserve(bytes: i32): void {
  if (outUsed + bytes > outRoom) drain();
}

// @ts-ignore: decorator
@inline
function word(value: u32): void {
  store<u32>(out + outUsed, value);
  outUsed += 4;
}

export function drain(): void {
  flush();
  outUsed = 0;
}
