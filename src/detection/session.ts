import type { Match } from '../model/match.js';
import { SecretValue } from '../model/secret.js';
import { type Candidate, Known } from './candidate.js';
import { READ_AFTER, READ_BEFORE } from './decode/view.js';
import type { Prefilter } from './prefilter/prefilter.js';
import type { Resolver } from './resolve.js';
import { Undone } from './undone.js';

/**
 * Bytes that come in pieces. Fill some of `window()` from its front, `commit` how many bytes that were, and again; `end`
 * when there is no more. Matches come with offsets from the first byte of all, each once, up to {@link READ_AFTER} bytes
 * late, so that no boundary between pieces hides one. After `end` the session is over.
 */
export interface ScanSession {
  /** Where the next piece goes: never empty; valid until the next call. */
  window(): Uint8Array;
  commit(length: number): Match[];
  end(): Match[];
}

/** The least room that is left for a piece; below it, what was searched moves out. */
const LEAST_WINDOW = 64 * 1024;
/** What stays in memory behind the searched bytes: a multiple of four, so that words stay aligned. */
const KEPT_BEFORE = (READ_BEFORE + 3) & ~3;

/** Lines are counted as bytes leave: LF costs the kernel less to count than a second reading would. */
export class ChunkSession implements ScanSession {
  readonly #prefilter: Prefilter;
  readonly #resolver: Resolver;
  readonly #release: () => void;
  #over = false;
  /** The offset of the memory's first byte. */
  #base = 0;
  /** Input stands in memory before this place. */
  #filled = 0;
  /** Literals that begin before this place have been resolved. */
  #searched = 0;
  /** LFs before the memory's first byte, and the offset of the last of them. */
  #lines = 0;
  #lastLine = -1;
  /** What was found, as long as another literal may lead to the same. */
  readonly #known = new Known();

  constructor(prefilter: Prefilter, resolver: Resolver, release: () => void) {
    this.#prefilter = prefilter;
    this.#resolver = resolver;
    this.#release = release;
  }

  window(): Uint8Array {
    this.#assertOpen();
    if (this.#prefilter.memory.length - this.#filled < LEAST_WINDOW) this.#moveOut();
    return this.#prefilter.memory.subarray(this.#filled);
  }

  commit(length: number): Match[] {
    this.#assertOpen();
    this.#filled += length;
    return this.#search(this.#filled - READ_AFTER, false);
  }

  end(): Match[] {
    this.#assertOpen();
    const matches = this.#search(this.#filled, true);
    this.#over = true;
    this.#release();
    return matches;
  }

  #search(limit: number, ended: boolean): Match[] {
    if (limit <= this.#searched) return [];
    const hits: { at: number; literal: number }[] = [];
    this.#prefilter.find(this.#searched, limit, this.#filled, (at, literal) => hits.push({ at, literal }));
    this.#searched = limit;
    if (hits.length === 0) return [];
    const bytes = this.#prefilter.memory.subarray(0, this.#filled);
    hits.sort((a, b) => a.at - b.at);
    const undone = new Undone();
    const fresh = hits
      .flatMap((hit) => this.#resolver.resolve(bytes, hit, ended, undone))
      .filter((candidate) => this.#known.add(this.#moved(candidate)))
      .sort((a, b) => a.start - b.start);
    return this.#matchesOf(fresh);
  }

  /** A candidate of the memory, as one of the input. */
  #moved(candidate: Candidate): Candidate {
    return { ...candidate, start: candidate.start + this.#base, end: candidate.end + this.#base };
  }

  /** @param candidates in order, so that each line is counted once. */
  #matchesOf(candidates: readonly Candidate[]): Match[] {
    const { memory } = this.#prefilter;
    let line = this.#lines + 1;
    let lastLine = this.#lastLine;
    let counted = 0;
    return candidates.map(({ rule, start, end, text, confidence, reasons, via }) => {
      line += this.#prefilter.countLines(counted, start);
      const before = memory.subarray(counted, start).lastIndexOf(0x0a);
      if (before !== -1) lastLine = this.#base + counted + before;
      counted = start;
      return {
        rule: rule.id,
        span: { start: this.#base + start, end: this.#base + end },
        line,
        column: this.#base + start - lastLine,
        secret: new SecretValue(text, rule.prefix.length),
        confidence,
        reasons,
        via,
      };
    });
  }

  #moveOut(): void {
    const { memory } = this.#prefilter;
    const gone = Math.max(0, (this.#searched - KEPT_BEFORE) & ~3);
    const lines = this.#prefilter.countLines(0, gone);
    if (lines > 0) {
      this.#lines += lines;
      this.#lastLine = this.#base + memory.lastIndexOf(0x0a, gone - 1);
    }
    memory.copyWithin(0, gone, this.#filled);
    this.#base += gone;
    this.#filled -= gone;
    this.#searched -= gone;
    this.#known.forget(this.#base);
  }

  #assertOpen(): void {
    if (this.#over) throw new Error('The scan session is over: end() was called. Open another.');
  }
}
