import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { MOST_SEGMENTS, Program, type Segment } from './program.js';
import { wasmProgram } from './wasm.js';

/** Slices of a fat binary of Apple's that are looked at: there are two or three. Java's classes have more for a version. */
const MOST_SLICES = 32;
/** What is read of load commands and tables of sections. */
const LONGEST_TABLE = 1024 * 1024;

const ELF = 0x464c457f;
const WASM = 0x6d736100;
const MACH_64 = 0xfeedfacf;
const MACH_32 = 0xfeedface;
const FAT = 0xbebafeca;
const DOS = 0x5a4d;
const PE = 0x4550;

/** Whether these may be the first bytes of something that is loaded: cheap. */
export function mayBeProgram(head: Uint8Array): boolean {
  if (head.length < 64) return false;
  const first = word(head, 0);
  return [ELF, WASM, MACH_64, MACH_32].includes(first) || isFat(head) || (first & 0xffff) === DOS;
}

/** How a file says that it is loaded; several of a fat binary, none of anything else. Little-endian only. */
export function programsIn(access: RandomAccess): readonly Program[] {
  const head = bytesAt(access, 0, 4096);
  if (head.length < 64) return [];
  if (isFat(head)) {
    const count = Math.min(head.readUInt32BE(4), MOST_SLICES);
    return Array.from({ length: count }, (_, index) => head.readUInt32BE(16 + 20 * index)).flatMap(
      (at) => machProgram(access, at) ?? [],
    );
  }
  const first = head.readUInt32LE(0);
  if (first === ELF) return listed(elfProgram(access, head));
  if (first === WASM) return listed(wasmProgram(access));
  if (first === MACH_64 || first === MACH_32) return listed(machProgram(access, 0));
  return (first & 0xffff) === DOS ? listed(peProgram(access, head)) : [];
}

function listed(program: Program | undefined): Program[] {
  return program === undefined || program.segments.length === 0 ? [] : [program];
}

function isFat(head: Uint8Array): boolean {
  if (word(head, 0) !== FAT) return false;
  const count = Buffer.from(head.subarray(4, 8)).readUInt32BE(0);
  return count > 0 && count <= MOST_SLICES;
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

function elfProgram(access: RandomAccess, head: Buffer): Program | undefined {
  const isWide = head[4] === 2;
  if (head[5] !== 1) return undefined;
  const table = isWide ? long(head, 32) : head.readUInt32LE(28);
  const size = head.readUInt16LE(isWide ? 54 : 42);
  const count = Math.min(head.readUInt16LE(isWide ? 56 : 44), MOST_SEGMENTS);
  const headers = bytesAt(access, table, count * size);
  const segments: Segment[] = [];
  for (let at = 0; at + (isWide ? 56 : 32) <= headers.length && size >= (isWide ? 56 : 32); at += size) {
    if (headers.readUInt32LE(at) !== 1) continue;
    segments.push(
      isWide
        ? {
            isCode: (headers[at + 4]! & 1) === 1,
            offset: long(headers, at + 8),
            address: long(headers, at + 16),
            size: long(headers, at + 32),
          }
        : {
            isCode: (headers[at + 24]! & 1) === 1,
            offset: headers.readUInt32LE(at + 4),
            address: headers.readUInt32LE(at + 8),
            size: headers.readUInt32LE(at + 16),
          },
    );
  }
  const machine = ({ 3: 'x86', 62: 'x86', 183: 'arm64' } as const)[head.readUInt16LE(18)] ?? 'none';
  return new Program({ segments, word: isWide ? 8 : 4, machine });
}

function peProgram(access: RandomAccess, head: Buffer): Program | undefined {
  const start = head.readUInt32LE(60);
  const header = bytesAt(access, start, 264);
  if (header.length < 120 || header.readUInt32LE(0) !== PE) return undefined;
  const isWide = header.readUInt16LE(24) === 0x20b;
  const base = isWide ? long(header, 48) : header.readUInt32LE(52);
  const count = header.readUInt16LE(6);
  const sections = bytesAt(access, start + 24 + header.readUInt16LE(20), 40 * count);
  const segments: Segment[] = [];
  for (let at = 0; at + 40 <= sections.length; at += 40) {
    segments.push({
      address: base + sections.readUInt32LE(at + 12),
      size: sections.readUInt32LE(at + 16),
      offset: sections.readUInt32LE(at + 20),
      isCode: (sections.readUInt32LE(at + 36) & 0x20000000) !== 0,
    });
  }
  const machine = ({ 332: 'x86', 34404: 'x86', 43620: 'arm64' } as const)[header.readUInt16LE(4)] ?? 'none';
  return new Program({ segments, word: isWide ? 8 : 4, machine });
}

function machProgram(access: RandomAccess, start: number): Program | undefined {
  const header = bytesAt(access, start, 32);
  if (header.length < 32) return undefined;
  const isWide = header.readUInt32LE(0) === MACH_64;
  if (!isWide && header.readUInt32LE(0) !== MACH_32) return undefined;
  const length = Math.min(header.readUInt32LE(20), LONGEST_TABLE);
  const commands = bytesAt(access, start + (isWide ? 32 : 28), length);
  const segments: Segment[] = [];
  for (let at = 0; at + 8 <= commands.length; ) {
    const size = commands.readUInt32LE(at + 4);
    const kind = commands.readUInt32LE(at);
    if (isWide && kind === 0x19 && at + 72 <= commands.length) {
      segments.push({
        address: long(commands, at + 24),
        offset: start + long(commands, at + 40),
        size: long(commands, at + 48),
        isCode: (commands[at + 60]! & 4) !== 0,
      });
    } else if (!isWide && kind === 1 && at + 56 <= commands.length) {
      segments.push({
        address: commands.readUInt32LE(at + 24),
        offset: start + commands.readUInt32LE(at + 32),
        size: commands.readUInt32LE(at + 36),
        isCode: (commands[at + 44]! & 4) !== 0,
      });
    }
    if (size < 8) break;
    at += size;
  }
  const loaded = segments.filter(({ size }) => size > 0);
  const machine =
    ({ 7: 'x86', 16777223: 'x86', 16777228: 'arm64' } as const)[header.readUInt32LE(4)] ?? 'none';
  const chainedFrom = loaded[0]?.address;
  return new Program({
    segments: loaded,
    word: isWide ? 8 : 4,
    machine,
    ...(isWide && chainedFrom !== undefined ? { chainedFrom } : {}),
  });
}

/** Eight bytes as a number; addresses of kernels come out as none that anything has. */
function long(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}
