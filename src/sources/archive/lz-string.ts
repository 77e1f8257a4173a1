/** Codes of which no text is meant: a new character of 8 bits, one of 16, and the end. */
const END = 2;

export interface UnpackedText {
  readonly text: string;
  /** Whether there would be more of it than was asked for. */
  readonly isCut: boolean;
}

/**
 * What lz-string packed (pieroxy.net/blog/pages/lz-string), up to its end or to where it does not hold together: LZW whose
 * codes grow with what they may stand for, and in which a character is written out where it first occurs.
 */
export function unpackLzString(packed: Uint8Array, most: number): UnpackedText {
  const bits = new Bits(packed);
  const known: string[] = ['', '', ''];
  const parts: string[] = [];
  let length = 0;
  let width = 2;
  let left = 1;
  let before = '';
  const count = () => {
    if (--left === 0) left = 2 ** width++;
  };
  while (bits.left >= width) {
    let code = bits.next(width);
    if (code === END) break;
    if (code < END) {
      known.push(String.fromCharCode(bits.next(code === 0 ? 8 : 16)));
      code = known.length - 1;
      count();
    }
    const text = known[code] ?? (code === known.length ? before + before.charAt(0) : '');
    if (text === '') break;
    parts.push(text);
    length += text.length;
    if (length > most) return { text: parts.join('').slice(0, most), isCut: true };
    if (before !== '') {
      known.push(before + text.charAt(0));
      count();
    }
    before = text;
  }
  return { text: parts.join(''), isCut: false };
}

/** Bits of bytes, the highest first, as numbers, the lowest first. */
class Bits {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return 8 * this.#bytes.length - this.#at;
  }

  next(width: number): number {
    let value = 0;
    for (let place = 0; place < width; place++, this.#at++)
      value |= (((this.#bytes[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1) << place;
    return value;
  }
}
