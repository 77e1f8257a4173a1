import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

/** One instruction of a delta: bytes that are new, or a piece of the base. */
export type Instruction = Uint8Array | { readonly from: number; readonly length: number };

/** An entry of a pack: an object, or a delta on the entry of that number. */
export type Entry =
  | { readonly type: 'commit' | 'tree' | 'blob' | 'tag'; readonly content: Uint8Array }
  | {
      readonly on: number;
      readonly baseSize: number;
      readonly size: number;
      readonly delta: readonly Instruction[];
    };

const TYPES = { commit: 1, tree: 2, blob: 3, tag: 4 };

/** A pack of version 2, as gitformat-pack has it, that says nothing but what it is told to. */
export function packOf(entries: readonly Entry[]): Buffer {
  const parts = [Buffer.from('PACK\0\0\0\x02', 'latin1'), Buffer.alloc(4)];
  parts[1]!.writeUInt32BE(entries.length);
  const starts: number[] = [];
  let at = 12;
  for (const entry of entries) {
    starts.push(at);
    const part =
      'on' in entry
        ? Buffer.concat([
            header(6, deltaOf(entry).length),
            distance(at - starts[entry.on]!),
            deflateSync(deltaOf(entry)),
          ])
        : Buffer.concat([header(TYPES[entry.type], entry.content.length), deflateSync(entry.content)]);
    parts.push(part);
    at += part.length;
  }
  const pack = Buffer.concat(parts);
  return Buffer.concat([pack, createHash('sha1').update(pack).digest()]);
}

export function deltaOf({
  baseSize,
  size,
  delta,
}: {
  readonly baseSize: number;
  readonly size: number;
  readonly delta: readonly Instruction[];
}): Buffer {
  const bytes = [...varint(baseSize), ...varint(size)];
  for (const each of delta) {
    if (each instanceof Uint8Array) {
      for (let at = 0; at < each.length; at += 127) {
        const part = each.subarray(at, at + 127);
        bytes.push(part.length, ...part);
      }
      continue;
    }
    const numbers = [0, 8, 16, 24].map((shift) => (each.from >>> shift) & 0xff);
    numbers.push(...[0, 8, 16].map((shift) => (each.length >>> shift) & 0xff));
    bytes.push(0x80 | numbers.reduce((bits, byte, index) => (byte === 0 ? bits : bits | (1 << index)), 0));
    bytes.push(...numbers.filter((byte) => byte !== 0));
  }
  return Buffer.from(bytes);
}

/** What a delta makes of its base. */
export function applied(base: Uint8Array, delta: readonly Instruction[]): Buffer {
  return Buffer.concat(
    delta.map((each) =>
      each instanceof Uint8Array ? each : base.subarray(each.from, each.from + each.length),
    ),
  );
}

/** What stands before an entry's bytes: its kind and its size when unpacked. */
export function header(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let rest = Math.floor(size / 16);
  let byte = (type << 4) | (size & 15);
  while (rest > 0) {
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, byte]);
}

/** How far back the base of an offset delta begins. */
export function distance(value: number): Buffer {
  const bytes = [value & 0x7f];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    rest -= 1;
    bytes.unshift((rest & 0x7f) | 0x80);
  }
  return Buffer.from(bytes);
}

/** A size as deltas write it. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}
