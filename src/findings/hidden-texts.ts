/** A text that must not be shown, and what is shown instead. */
interface Hidden {
  readonly text: string;
  readonly shown: string;
  /** The longest other one that it begins with. */
  readonly shorter: Hidden | undefined;
}

/** How many leading characters of a hidden text it is looked up by; nothing shorter is found. */
const KEY = 8;

/**
 * Finds hidden texts in others. They are kept in order: a hundred thousand tokens begin alike, and so do their encodings,
 * so that a list of those that do would be gone through at each place that looks like one.
 */
export class HiddenTexts {
  readonly #sorted: readonly Hidden[];
  /** By the leading characters, where in the order those that have them begin and end. */
  readonly #ranges = new Map<string, { readonly from: number; to: number }>();

  /** @param texts what is shown instead, by what is hidden. */
  constructor(texts: ReadonlyMap<string, string>) {
    const open: Hidden[] = [];
    this.#sorted = [...texts.keys()].sort().map((text, at) => {
      while (open.length > 0 && !text.startsWith(open.at(-1)!.text)) open.pop();
      const hidden = { text, shown: texts.get(text)!, shorter: open.at(-1) };
      open.push(hidden);
      const key = text.slice(0, KEY);
      const range = this.#ranges.get(key);
      if (range === undefined) this.#ranges.set(key, { from: at, to: at + 1 });
      else range.to = at + 1;
      return hidden;
    });
  }

  /** The text with what is shown instead of every hidden one, of several that begin at one place the longest. */
  without(text: string): string {
    let result = '';
    let copied = 0;
    for (let at = 0; at + KEY <= text.length; at++) {
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
    let { from, to } = range;
    while (to - from > 1) {
      const middle = (from + to) >>> 1;
      if (this.#sorted[middle]!.text <= rest) from = middle;
      else to = middle;
    }
    let found: Hidden | undefined = this.#sorted[from];
    while (found !== undefined && !rest.startsWith(found.text)) found = found.shorter;
    return found;
  }
}
