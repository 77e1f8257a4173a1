import type { Passed } from '../detection/detector.js';
import { FindingSet } from '../findings/merge.js';
import type { Finding, Sighting } from '../model/finding.js';

/** What was found in one part of a file: lines are counted from where the reading of the part began. */
export interface SearchedPart {
  readonly path: string;
  /** Where the reading began. */
  readonly start: number;
  /** The lines up to where the reading of the next part begins. */
  readonly passed: Passed;
  readonly findings: readonly Finding[];
}

/** The findings of files that threads have read in parts, with lines and columns that count from the files' beginnings. */
export function joined(parts: readonly SearchedPart[]): Finding[] {
  const all = new FindingSet();
  let lines = 0;
  let lastLine = -1;
  let path: string | undefined;
  let seen = new Set<string>();
  for (const part of parts.toSorted((a, b) => inCodeUnits(a.path, b.path) || a.start - b.start)) {
    if (part.path !== path) {
      path = part.path;
      lines = 0;
      lastLine = -1;
      seen = new Set();
    }
    const before = part.start - 1 - lastLine;
    for (const finding of part.findings) {
      const places = finding.sightings.map((sighting) => `${finding.fingerprint} ${sighting.offset}`);
      // At an edge both parts may come upon one token, by another of its literals and so by other decodings.
      const fresh = finding.sightings.filter((_, index) => !seen.has(places[index]!));
      for (const place of places) seen.add(place);
      const [first, ...rest] = fresh.map((sighting) => moved(sighting, lines, before));
      if (first !== undefined) all.absorb({ ...finding, sightings: [first, ...rest] });
    }
    lines += part.passed.lines;
    if (part.passed.lines > 0) lastLine = part.passed.lastLine;
  }
  return all.findings();
}

/** @param before how many bytes of the part's first line lie before it. */
function moved(sighting: Sighting, lines: number, before: number): Sighting {
  const column = sighting.line === 1 ? sighting.column + before : sighting.column;
  return { ...sighting, line: sighting.line + lines, column };
}

function inCodeUnits(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
