/** How many characters of a body a redaction keeps: what the service itself shows as a hint. */
const SHOWN = 4;
/** A body shorter than this is shown not at all: four of its characters would be too many. */
const SHOWABLE_BODY = 16;

/**
 * The text of a secret, held so that it can't be printed by accident: string conversion, JSON and `util.inspect` all
 * give the redaction. `reveal()` is the only way out, and `test/architecture.test.ts` lists who may call it.
 */
export class SecretValue {
  readonly #text: string;
  /** What people may see: the family's prefix and the last four characters, `tg_org_…x9Zk`. */
  readonly redacted: string;

  /** @param prefixLength how many leading characters of `text` name the family and are not secret. */
  constructor(text: string, prefixLength: number) {
    this.#text = text;
    const tail = text.length - prefixLength >= SHOWABLE_BODY ? text.slice(-SHOWN) : '';
    this.redacted = `${text.slice(0, prefixLength)}…${tail}`;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return this.redacted;
  }

  toJSON(): string {
    return this.redacted;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.redacted;
  }
}
