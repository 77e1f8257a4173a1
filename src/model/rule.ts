/** What a family of tokens looks like and what can be done about a leaked one. Loaded from `rules/*.yaml`. */
export interface Rule {
  readonly id: string;
  readonly name: string;
  /** The literal text every token of the family begins with. */
  readonly prefix: string;
  readonly body: RuleBody;
  /** A second part that may follow the body, as the bot ID follows an API key. Absent for most families. */
  readonly companion?: RuleCompanion;
  /** Whether the service's endpoints can probe and revoke it. */
  readonly revocable: boolean;
  /** What a person should do about a leaked one: a sentence or two for the report. */
  readonly advice: string;
  readonly examples: readonly RuleExample[];
  readonly counterexamples: readonly RuleExample[];
}

/** The characters after the prefix. `max` bounds how far a reader looks, not what the service may issue. */
export interface RuleBody {
  /** Characters allowed, as the inside of a bracket expression: `A-Za-z0-9_-`. */
  readonly alphabet: string;
  readonly min: number;
  readonly max: number;
}

/** `separator` and then text that begins with `prefix` and goes on for `length` characters of `alphabet`. */
export interface RuleCompanion {
  readonly separator: string;
  readonly prefix: string;
  readonly alphabet: string;
  readonly length: number;
}

/**
 * A text that the rule must (example) or must not (counterexample) find with high confidence. `{hex:32}`,
 * `{base62:40}`, `{base64url:43}`… stand for random bodies, made afresh at every check: no token is written down.
 */
export interface RuleExample {
  readonly text: string;
  readonly why: string;
}
