/** A text that must not be shown, and what is shown instead. */
interface Hidden {
  readonly text: string;
  readonly shown: string;
  /** The longest other one that it begins with. */
  readonly shorter: Hidden | undefined;
}

/** How many leading characters of a hidden text it is looked up by. */
const KEY = 8;

/**
 * Finds hidden texts in others. They are kept in order: a hundred thousand tokens begin alike, and so do their encodings,
 * so that a list of those that do would be gone through at each place that looks like one.
 */
export class HiddenTexts {
  readonly #sorted: readonly Hidden[];
  /** By the leading characters, where in the order the first and the last one is that has them. */
  readonly #ranges = new Map<string, { readonly first: number; last: number }>();

  /** @param texts what is shown instead, by what is hidden. */
  constructor(texts: ReadonlyMap<string, string>) {
    let before: Hidden | undefined;
    this.#sorted = [...texts.keys()].sort().map((text, at) => {
      const hidden = { text, shown: texts.get(text)!, shorter: longestBeginning(text, before) };
      before = hidden;
      const key = text.slice(0, KEY);
      const range = this.#ranges.get(key);
      if (range === undefined) this.#ranges.set(key, { first: at, last: at });
      else range.last = at;
      return hidden;
    });
  }

  /** The text with what is shown instead of every hidden one, of several that begin at one place the longest. */
  without(text: string): string {
    let result = '';
    let copied = 0;
    for (let at = 0; at < text.length; at++) {
      const found = this.#longestAt(text, at);
      if (found === undefined) continue;
      result += text.slice(copied, at) + found.shown;
      copied = at + found.text.length;
      at = copied - 1;
    }
    return result + text.slice(copied);
  }

  /** The last one in the order that is not behind the text begins with every one that the text begins with. */
  #longestAt(text: string, at: number): Hidden | undefined {
    const range = this.#ranges.get(text.slice(at, at + KEY));
    if (range === undefined) return undefined;
    const rest = text.slice(at);
    let { first, last } = range;
    while (first < last) {
      const middle = (first + last + 1) >>> 1;
      if (this.#sorted[middle]!.text <= rest) first = middle;
      else last = middle - 1;
    }
    return longestBeginning(rest, this.#sorted[first]);
  }
}

/** The longest that the text begins with, of `hidden` and those that it begins with itself. */
function longestBeginning(text: string, hidden: Hidden | undefined): Hidden | undefined {
  let found = hidden;
  while (found !== undefined && !text.startsWith(found.text)) found = found.shorter;
  return found;
}
