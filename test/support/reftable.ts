import { crc32, deflateSync } from 'node:zlib';

/** A ref as a table has it: an object ID in hex, `ref: …`, or undefined for one that is gone. */
export interface TableRef {
  readonly name: string;
  readonly value: string | undefined;
  /** What an annotated tag leads to. */
  readonly peeled?: string;
}

export interface TableLog {
  readonly name: string;
  /** The transaction; undefined data says that the entry is gone. */
  readonly update: number;
  readonly data:
    | {
        readonly before: string;
        readonly after: string;
        readonly person: string;
        readonly mail: string;
        readonly seconds: number;
        readonly minutes: number;
        readonly message: string;
      }
    | undefined;
}

export interface TableSpec {
  readonly refs: readonly TableRef[];
  readonly logs?: readonly TableLog[];
  readonly format?: 'sha1' | 'sha256';
  /** 0: blocks stand one behind the other. */
  readonly blockSize?: number;
  /** Records of one block. */
  readonly perBlock?: number;
}

interface TableRow {
  readonly key: Buffer;
  readonly type: number;
  readonly value: Buffer;
}

/** Writes a reftable as git's Documentation/technical/reftable says, indexes and all. */
export function reftableOf({
  refs,
  logs = [],
  format = 'sha1',
  blockSize = 4096,
  perBlock = 16,
}: TableSpec): Buffer {
  const header = Buffer.alloc(format === 'sha1' ? 24 : 28);
  header.write('REFT');
  header[4] = format === 'sha1' ? 1 : 2;
  header.writeUIntBE(blockSize, 5, 3);
  header.writeBigUInt64BE(1n, 8);
  header.writeBigUInt64BE(99n, 16);
  if (format === 'sha256') header.write('s256', 24);
  const parts: Buffer[] = [];
  let at = 0;
  const positions = { refIndex: 0, logs: 0, logIndex: 0 };
  const put = (block: Buffer, padded: boolean) => {
    const room = padded && blockSize > block.length ? blockSize : block.length;
    parts.push(block, Buffer.alloc(room - block.length));
    at += room;
    return at - room;
  };
  const rows = refs.map(refRow).sort((a, b) => Buffer.compare(a.key, b.key));
  const ends: TableRow[] = [];
  for (const block of chunks(rows, perBlock)) {
    const start = put(blockOf('r', block, at === 0 ? header : Buffer.alloc(0)), true);
    ends.push({ key: block.at(-1)!.key, type: 0, value: varint(start) });
  }
  if (rows.length === 0) put(header, false);
  if (ends.length > 3) positions.refIndex = put(blockOf('i', ends, Buffer.alloc(0)), true);
  const logEnds: TableRow[] = [];
  for (const block of chunks(
    logs.map(logRow).sort((a, b) => Buffer.compare(a.key, b.key)),
    perBlock,
  )) {
    const plain = blockOf('g', block, Buffer.alloc(0));
    const packed = Buffer.concat([plain.subarray(0, 4), deflateSync(plain.subarray(4))]);
    const start = put(packed, false);
    positions.logs ||= start;
    logEnds.push({ key: block.at(-1)!.key, type: 0, value: varint(start) });
  }
  if (logEnds.length > 1) positions.logIndex = put(blockOf('i', logEnds, Buffer.alloc(0)), false);
  const footer = Buffer.alloc(header.length + 44);
  header.copy(footer);
  footer.writeBigUInt64BE(BigInt(positions.refIndex), header.length);
  footer.writeBigUInt64BE(BigInt(positions.logs), header.length + 24);
  footer.writeBigUInt64BE(BigInt(positions.logIndex), header.length + 32);
  footer.writeUInt32BE(crc32(footer.subarray(0, header.length + 40)), header.length + 40);
  return Buffer.concat([...parts, footer]);
}

function refRow({ name, value, peeled }: TableRef): TableRow {
  const key = Buffer.from(name);
  const update = varint(3);
  if (value === undefined) return { key, type: 0, value: update };
  if (value.startsWith('ref: ')) {
    const target = Buffer.from(value.slice(5));
    return { key, type: 3, value: Buffer.concat([update, varint(target.length), target]) };
  }
  const ids = [value, ...(peeled === undefined ? [] : [peeled])].map((id) => Buffer.from(id, 'hex'));
  return { key, type: ids.length, value: Buffer.concat([update, ...ids]) };
}

function logRow({ name, update, data }: TableLog): TableRow {
  const reversed = Buffer.alloc(9);
  reversed.writeBigUInt64BE(0xffffffffffffffffn - BigInt(update), 1);
  const key = Buffer.concat([Buffer.from(name), reversed]);
  if (data === undefined) return { key, type: 0, value: Buffer.alloc(0) };
  const texts = [data.person, data.mail].map((text) => [varint(Buffer.byteLength(text)), Buffer.from(text)]);
  const zone = Buffer.alloc(2);
  zone.writeInt16BE(data.minutes);
  const message = Buffer.from(data.message);
  const value = Buffer.concat([
    Buffer.from(data.before, 'hex'),
    Buffer.from(data.after, 'hex'),
    ...texts.flat(),
    varint(data.seconds),
    zone,
    varint(message.length),
    message,
  ]);
  return { key, type: 1, value };
}

/** A block; every fourth record tells its whole key. */
function blockOf(type: string, rows: readonly TableRow[], before: Buffer): Buffer {
  const parts: Buffer[] = [before, Buffer.alloc(4)];
  let at = before.length + 4;
  const restarts: number[] = [];
  rows.forEach(({ key, type: kind, value }, index) => {
    const previous = index % 4 === 0 ? Buffer.alloc(0) : rows[index - 1]!.key;
    if (index % 4 === 0) restarts.push(at);
    let prefix = 0;
    while (prefix < previous.length && prefix < key.length && previous[prefix] === key[prefix]) prefix += 1;
    const record = Buffer.concat([
      varint(prefix),
      varint((key.length - prefix) * 8 + kind),
      key.subarray(prefix),
      value,
    ]);
    parts.push(record);
    at += record.length;
  });
  const table = Buffer.alloc(3 * restarts.length + 2);
  restarts.forEach((restart, index) => {
    table.writeUIntBE(restart, 3 * index, 3);
  });
  table.writeUInt16BE(restarts.length, 3 * restarts.length);
  const block = Buffer.concat([...parts, table]);
  block.write(type, before.length, 'latin1');
  block.writeUIntBE(block.length, before.length + 1, 3);
  return block;
}

function* chunks<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}

function varint(value: number): Buffer {
  const bytes = [value & 0x7f];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    rest -= 1;
    bytes.unshift((rest & 0x7f) | 0x80);
  }
  return Buffer.from(bytes);
}
