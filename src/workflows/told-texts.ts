import type { Detector, ScanSession } from '../detection/detector.js';
import type { Match } from '../model/match.js';
import { type ByteStream, SourceFault } from '../model/source.js';
import type { Span } from '../model/span.js';
import type { RandomAccess } from '../sources/file-tree.js';
import { mayBeProgram } from '../sources/program/headers.js';
import { type Place, textsIn } from '../sources/program/texts.js';
import { bytesAt } from '../sources/random-access.js';
import { fieldsIn, mayBeRecords } from '../sources/records.js';
import { ruleOf } from './detector.js';
import { accessAfter } from './opener.js';

/**
 * Matches of a program, with the ends that its pointers tell: texts stand there one behind the other, so that what shows
 * where a token ends is a length that lies elsewhere. What the bytes alone said is told beside it, for a probe to decide.
 */
export function withToldTexts(
  matches: readonly Match[],
  access: RandomAccess,
  detector: Detector,
): readonly Match[] {
  const found = new Map<number, Match[]>();
  for (const match of matches) {
    const group = found.get(match.span.start);
    if (group === undefined) found.set(match.span.start, [match]);
    else group.push(match);
  }
  const groups = new Map<number, readonly Match[]>(found);
  const places = new Map<Place, readonly Match[]>();
  for (const group of groups.values()) {
    if (group.some(({ via }) => via.length > 0 && !WIDE.test(via.join()))) continue;
    const place = placeOf(group);
    if (group[0]!.via.length > 0 || !isParted(access, place)) places.set(place, group);
  }
  if (places.size === 0) return matches;
  for (const [place, spans] of toldTexts(access, [...places.keys()])) {
    if (spans.length === 0) {
      groups.set(place.at, amongBytes(place, places.get(place)!, access, detector));
      continue;
    }
    const read = spans.flatMap(({ start, end }) => {
      const at = place.at - start;
      const texts = detector.scan(bytesAt(access, start, end - start));
      return texts.filter(({ span }) => span.start === at).map((match) => ({ ...match, start }));
    });
    if (read.length > 0) groups.set(place.at, merged(read.map(moved), places.get(place)!));
  }
  return [...groups.values()].flat();
}

/** Whether something that begins so may tell where its texts end: a program, rows of fields. */
export function mayTell(head: Uint8Array): boolean {
  return mayBeProgram(head) || mayBeRecords(head);
}

/** By the fields of its rows, or the pointers of a program. */
function toldTexts(
  access: RandomAccess,
  places: readonly Place[],
): Iterable<readonly [Place, readonly Span[]]> {
  const fields = fieldsIn(access);
  if (fields === undefined) return textsIn(access, places);
  return places.map((place) => {
    const field = fields(place.at);
    return [place, field === undefined ? [] : [field]];
  });
}

function placeOf(group: readonly Match[]): Place {
  const { span, rule } = group[0]!;
  const { prefix, body } = ruleOf(rule)!;
  return {
    at: span.start,
    least: span.start + prefix.length + body.min,
    most: Math.max(...group.map(({ span: { end } }) => end)),
  };
}

/** Whether zeros stand around it, as around the texts of C: then its characters are all there is to it. */
function isParted(access: RandomAccess, { at, most }: Place): boolean {
  const bytes = bytesAt(access, at - 1, most - at + 2);
  return bytes[0] === 0 && bytes.at(-1) === 0;
}

/** What may stand there if nothing tells: texts are long in programs, so that no byte near it says that it is none. */
function amongBytes(
  { at, most }: Place,
  group: readonly Match[],
  access: RandomAccess,
  detector: Detector,
): readonly Match[] {
  if (group[0]!.via.length > 0) return group;
  const start = Math.max(0, at - LEAD);
  const { line, column } = group[0]!;
  const bytes = Buffer.concat([NO_TEXT, bytesAt(access, start, most - start + 1)]);
  const read = detector
    .scan(bytes)
    .map((match) => moved({ ...match, line, column, start: start - NO_TEXT.length }))
    .filter(({ span }) => span.start === at);
  return read.length > 0 ? read : group;
}

/** What no text has; and as much of what stands before a match as tells whether it is set off. */
const NO_TEXT = Buffer.from([1]);
const LEAD = 16;

/** A match of a text, in the file. */
function moved({ start, ...match }: Match & { readonly start: number }): Match {
  const { span } = match;
  return { ...match, span: { start: start + span.start, end: start + span.end } };
}

/** @param read what stands there by its length, the surest first @param group what stands there by its characters */
function merged(read: readonly Match[], group: readonly Match[]): Match[] {
  const whole = group.reduce((one, other) => (other.span.end > one.span.end ? other : one));
  const [best, ...others] = [...read, whole];
  const { line, column } = group[0]!;
  const ends = new Set([best!.span.end]);
  const rest = others.filter(({ span: { end } }) => !ends.has(end) && ends.add(end));
  const isTold = best!.reasons.includes('random_body') && !best!.reasons.includes('stored_length');
  return [
    { ...best!, line, column, ...(isTold ? { reasons: [...best!.reasons, 'stored_length'] } : {}) },
    ...rest.map(
      (match): Match => ({ ...match, line, column, confidence: 'low', reasons: ['other_reading'] }),
    ),
  ];
}

/** Matches of a stream that are held back until all of it was read, as far as it turns out to be a program. */
export class ToldTexts {
  readonly #detector: Detector;
  readonly #tell: (matches: readonly Match[]) => void;
  readonly #held: Match[] = [];
  #mayTell: boolean | undefined;

  /** @param part of what, where the stream is one and begins somewhere in it */
  constructor(detector: Detector, tell: (matches: readonly Match[]) => void, part?: ByteStream) {
    this.#detector = detector;
    this.#tell = tell;
    const access = part === undefined ? undefined : accessAfter(part);
    if (access !== undefined) this.#mayTell = mayTell(bytesAt(access, 0, HEAD));
  }

  /** @param session that the matches came from, after its first bytes or later ones */
  add(matches: readonly Match[], session: ScanSession): void {
    this.#mayTell ??= mayTell(session.bytesFrom(0).subarray(0, HEAD));
    if (this.#mayTell && this.#held.length < MOST_HELD) this.#held.push(...matches);
    else this.#tell(matches);
  }

  /** @param matches the last ones @param stream that was read to its end */
  end(matches: readonly Match[], stream: ByteStream): void {
    const all = [...this.#held.splice(0), ...matches];
    const access = this.#mayTell === true && all.length > 0 ? accessAfter(stream) : undefined;
    this.#tell(access === undefined ? all : this.#withTexts(all, access));
  }

  /** What can't be read a second time was found all the same. */
  #withTexts(matches: readonly Match[], access: RandomAccess): readonly Match[] {
    try {
      return withToldTexts(matches, access, this.#detector);
    } catch (error) {
      if (error instanceof SourceFault) return matches;
      throw error;
    }
  }
}

/** How NumPy keeps texts. */
const WIDE = /^utf32[bl]e$/;
/** As many bytes as tell what it is. */
const HEAD = 64;
/** Matches that are held back. */
const MOST_HELD = 10_000;
