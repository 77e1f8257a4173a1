import type { RandomAccess } from '../file-tree.js';
import { JoinedAccess, MemoryAccess } from '../random-access.js';
import type { ZipReading } from './zip-member.js';

const NAME = 'a';

/**
 * A zip (APPNOTE 4.3) with one member alone, as packed as it is: for a decoder that reads methods which no other knows,
 * and need not see the rest.
 */
export function zipAlone(data: RandomAccess, reading: ZipReading): RandomAccess {
  const local = header(0x04034b50, 30, reading, data.size);
  const entry = header(0x02014b50, 46, reading, data.size);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length, 12);
  end.writeUInt32LE(local.length + data.size, 16);
  return new JoinedAccess([new MemoryAccess(local), data, new MemoryAccess(Buffer.concat([entry, end]))]);
}

/** Local header or entry of the directory: the same fields, behind one or two versions. */
function header(mark: number, length: number, reading: ZipReading, packed: number): Buffer {
  const bytes = Buffer.alloc(length + NAME.length);
  const at = length === 46 ? 6 : 4;
  bytes.writeUInt32LE(mark, 0);
  bytes.writeUInt16LE(63, at);
  // Of the flags, the two that say how it was imploded.
  bytes.writeUInt16LE(reading.flags & 6, at + 2);
  bytes.writeUInt16LE(reading.method, at + 4);
  bytes.writeUInt32LE(reading.checksum, at + 10);
  bytes.writeUInt32LE(packed, at + 14);
  bytes.writeUInt32LE(reading.size, at + 18);
  bytes.writeUInt16LE(NAME.length, at + 22);
  bytes.write(NAME, length);
  return bytes;
}
