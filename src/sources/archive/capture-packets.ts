import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { PageReader } from './sqlite-pages.js';

/** A packet as it was captured: what it begins with (LINKTYPE_…), and where its bytes stand. */
export interface Packet {
  readonly link: number;
  readonly start: number;
  /** As many of its bytes as a header of any kind may take. Valid until the next packet is asked for. */
  readonly head: Buffer;
  readonly length: number;
}

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** Kuznetzov's format, whose records say more of themselves. */
const LONG_RECORD_HEADER = 24;
/** Ethernet, tags, and a tunnel's headers around IPv6 and TCP with all options. */
const HEADERS = 512;
const LONGEST_PACKET = 64 * 1024 * 1024;

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const OLD_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
/** Type and length of a block; the length stands behind it once more. */
const BLOCK_HEADER = 8;
const BLOCK_END = 4;

/** The packets of a capture (draft-ietf-opsawg-pcap, -pcapng), as far as it is whole. */
export function packetsOf(access: RandomAccess): Generator<Packet> {
  return bytesAt(access, 0, 4).toString('latin1') === '\x0a\x0d\x0d\x0a'
    ? packetsOfBlocks(access)
    : packetsOfRecords(access);
}

function* packetsOfRecords(access: RandomAccess): Generator<Packet> {
  const reader = new PageReader(access);
  const file = Buffer.from(reader.at(0, FILE_HEADER));
  if (file.length < FILE_HEADER) return;
  const isLittle = file[0] !== 0xa1;
  const number = numbers(isLittle);
  const link = number(file, 20) & 0xffff;
  const header = number(file, 0) === 0xa1b2cd34 ? LONG_RECORD_HEADER : RECORD_HEADER;
  for (let at = FILE_HEADER; at + header <= access.size; ) {
    const length = number(reader.at(at, header), 8);
    if (length > LONGEST_PACKET) return;
    at += header;
    yield { link, start: at, length, head: reader.at(at, Math.min(length, HEADERS)) };
    at += length;
  }
}

function* packetsOfBlocks(access: RandomAccess): Generator<Packet> {
  const reader = new PageReader(access);
  let number = numbers(true);
  let links: number[] = [];
  for (let at = 0; at + BLOCK_HEADER + BLOCK_END <= access.size; ) {
    const block = reader.at(at, 28 + HEADERS);
    if (block.readUInt32LE(0) === SECTION) {
      number = numbers(block[8] === 0x4d);
      links = [];
    }
    const type = number(block, 0);
    const length = number(block, 4);
    if (length < BLOCK_HEADER + BLOCK_END || length > LONGEST_PACKET) return;
    if (type === INTERFACE) links.push(number(block, 8) & 0xffff);
    const data = block.length < 28 ? undefined : dataOf(type, block, length, number);
    if (data !== undefined) {
      const head = block.subarray(data.from, data.from + Math.min(data.length, HEADERS));
      yield { link: links[data.source] ?? -1, start: at + data.from, length: data.length, head };
    }
    at += length + (-length & 3);
  }
}

interface PacketData {
  /** Which interface of the section it came through. */
  readonly source: number;
  readonly from: number;
  readonly length: number;
}

function dataOf(
  type: number,
  block: Buffer,
  length: number,
  number: ReturnType<typeof numbers>,
): PacketData | undefined {
  if (type === SIMPLE_PACKET) {
    const from = BLOCK_HEADER + 4;
    return { source: 0, from, length: Math.min(number(block, 8), length - from - BLOCK_END) };
  }
  if (type !== ENHANCED_PACKET && type !== OLD_PACKET) return undefined;
  const source = type === ENHANCED_PACKET ? number(block, 8) : number(block, 8) & 0xffff;
  return { source, from: 28, length: Math.min(number(block, 20), length - 28 - BLOCK_END) };
}

function numbers(isLittle: boolean): (bytes: Buffer, at: number) => number {
  return isLittle ? (bytes, at) => bytes.readUInt32LE(at) : (bytes, at) => bytes.readUInt32BE(at);
}
