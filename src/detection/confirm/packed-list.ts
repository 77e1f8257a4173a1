/** Texts in a list of Redis's: where one begins and ends. */
interface Entry {
  readonly begin: number;
  readonly length: number;
}

/** As long as texts are looked back through that begin before the place. */
const LONGEST_BEGINNING = 200;

/**
 * The entry that holds the byte at `at`, where it is one of a list that Redis keeps in one piece (listpack.c, ziplist.c: small
 * lists, hashes, sets and streams). Its length stands before it, and that of both behind it, for who walks backwards.
 */
export function entryAt(bytes: Uint8Array, at: number): Entry | undefined {
  for (let begin = at; begin > Math.max(1, at - LONGEST_BEGINNING); begin--) {
    const last = bytes[begin - 1]!;
    const before = bytes[begin - 2]!;
    if ((last & 0xc0) === 0x80 && isFramed(bytes, begin, at, last & 0x3f, 1)) {
      return { begin, length: last & 0x3f };
    }
    const long = ((before & 15) << 8) | last;
    if ((before & 0xf0) === 0xe0 && isFramed(bytes, begin, at, long, 2)) return { begin, length: long };
    // The older kind says behind the entry how long all of it was, with the length of the one before.
    if (last < 0x40 && begin === at && bytes[begin + last] === last + 2 && !isVisible(before))
      return { begin, length: last };
    if (last >= 0x80) return undefined;
  }
  return undefined;
}

/** Whether the length of an entry stands behind it, in seven bits a byte, the last ones last. */
function isFramed(bytes: Uint8Array, begin: number, at: number, length: number, header: number): boolean {
  const end = begin + length;
  const total = length + header;
  if (end <= at) return false;
  if (total < 0x80) return bytes[end] === total;
  return bytes[end] === total >> 7 && bytes[end + 1] === (0x80 | (total & 0x7f));
}

function isVisible(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}
