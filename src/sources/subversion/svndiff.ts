import { DataFault } from '../../model/data-fault.js';
import { unpackBlock } from '../archive/lz4-block.js';
import { inflateExactly } from '../git/inflate.js';
import type { PagedBytes } from './paged-bytes.js';

/** The delta is none, or does not fit what it builds on. */
export class SvndiffFault extends DataFault {
  override readonly name = 'SvndiffFault';
}

/** Subversion makes windows of at most 100 KiB; nobody writes larger ones. */
const LARGEST = 1024 * 1024;

/** A piece of a text, made of a view of another text and of new bytes (notes/svndiff in Subversion's sources). */
export interface Window {
  readonly sourceAt: number;
  readonly sourceLength: number;
  readonly length: number;
  readonly instructions: Buffer;
  readonly added: Buffer;
  /** Where the next one begins. */
  readonly end: number;
}

/**
 * @param version 0 packs nothing, 1 by zlib, 2 by LZ4.
 * @throws {DataFault}
 */
export function readWindow(bytes: PagedBytes, start: number, version: number): Window {
  let at = start;
  const number = () => {
    let value = 0;
    for (let count = 0; count < 8; count++) {
      const byte = bytes.at(at++);
      if (byte < 0) throw new SvndiffFault('it is cut short');
      value = value * 128 + (byte & 127);
      if (byte < 128) return value;
    }
    throw new SvndiffFault('a number has no end');
  };
  const [sourceAt, sourceLength, length, instructionBytes, addedBytes] = [
    number(),
    number(),
    number(),
    number(),
    number(),
  ] as const;
  if (Math.max(sourceLength, length, instructionBytes, addedBytes) > LARGEST) {
    throw new SvndiffFault('a window is larger than any that Subversion makes');
  }
  const end = at + instructionBytes + addedBytes;
  if (end > bytes.size) throw new SvndiffFault('it is cut short');
  const instructions = unpacked(Buffer.from(bytes.slice(at, instructionBytes)), version);
  const added = unpacked(Buffer.from(bytes.slice(at + instructionBytes, addedBytes)), version);
  return { sourceAt, sourceLength, length, instructions, added, end };
}

/** What a window becomes. @throws {SvndiffFault} */
export function applyWindow({ instructions, added, length }: Window, source: Uint8Array): Buffer {
  const target = Buffer.allocUnsafe(length);
  let filled = 0;
  let taken = 0;
  let at = 0;
  const number = () => {
    let value = 0;
    while (at < instructions.length) {
      const byte = instructions[at++]!;
      value = value * 128 + (byte & 127);
      if (byte < 128) return value;
    }
    throw new SvndiffFault('an instruction is cut short');
  };
  while (at < instructions.length) {
    const byte = instructions[at++]!;
    const count = (byte & 63) === 0 ? number() : byte & 63;
    if (filled + count > length) throw new SvndiffFault('it becomes more than it says');
    const kind = byte >>> 6;
    if (kind === 2) {
      if (taken + count > added.length) throw new SvndiffFault('it adds more than there is');
      target.set(added.subarray(taken, taken + count), filled);
      taken += count;
    } else if (kind === 0) {
      const from = number();
      if (from + count > source.length) throw new SvndiffFault('it copies what its base does not have');
      target.set(source.subarray(from, from + count), filled);
    } else if (kind === 1) {
      const from = number();
      if (from >= filled) throw new SvndiffFault('it copies what is not there yet');
      // What is copied may reach into what comes of it.
      for (let index = 0; index < count; index++) target[filled + index] = target[from + index]!;
    } else throw new SvndiffFault('an instruction means nothing');
    filled += count;
  }
  if (filled !== length) throw new SvndiffFault('it becomes less than it says');
  return target;
}

/** Behind its size; what would not get smaller stands there as it is. */
function unpacked(section: Buffer, version: number): Buffer {
  if (version === 0) return section;
  let size = 0;
  let at = 0;
  for (let more = true; more; at++) {
    if (at >= section.length) throw new SvndiffFault('it is cut short');
    size = size * 128 + (section[at]! & 127);
    more = section[at]! >= 128;
  }
  if (size > LARGEST) throw new SvndiffFault('a window is larger than any that Subversion makes');
  const packed = section.subarray(at);
  if (packed.length === size) return packed;
  if (version === 1) return inflateExactly(packed, size).bytes;
  const out = Buffer.allocUnsafe(size);
  if (unpackBlock(packed, out, 0, size) !== size) throw new SvndiffFault('it unpacks to less than it says');
  return out;
}
