import type { Span } from '../../model/span.js';

/** Spans of one whole, added in any order; neighbours melt together. */
export class Ranges {
  #spans: Span[] = [];
  #sorted = true;

  add(start: number, end: number): void {
    if (end <= start) return;
    const last = this.#spans.at(-1);
    if (last !== undefined && start >= last.start && start <= last.end) {
      this.#spans[this.#spans.length - 1] = { start: last.start, end: Math.max(end, last.end) };
      return;
    }
    if (last !== undefined && start < last.start) this.#sorted = false;
    this.#spans.push({ start, end });
  }

  /** Sorted, disjoint, none touching the next. */
  spans(): readonly Span[] {
    if (this.#sorted) return this.#spans;
    const merged: Span[] = [];
    for (const span of this.#spans.sort((a, b) => a.start - b.start)) {
      const last = merged.at(-1);
      if (last === undefined || span.start > last.end) merged.push(span);
      else merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
    }
    this.#spans = merged;
    this.#sorted = true;
    return merged;
  }

  /** What is left of `[0, size)`. */
  gaps(size: number): Span[] {
    const gaps: Span[] = [];
    let at = 0;
    for (const { start, end } of this.spans()) {
      if (start > at) gaps.push({ start: at, end: Math.min(start, size) });
      at = Math.max(at, end);
    }
    if (at < size) gaps.push({ start: at, end: size });
    return gaps;
  }
}
