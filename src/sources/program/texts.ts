import type { Span } from '../../model/span.js';
import type { RandomAccess } from '../file-tree.js';
import { tellArm64 } from './arm64.js';
import { programsIn } from './headers.js';
import { tellPairs } from './pairs.js';
import type { Program } from './program.js';
import { sectionsIn } from './sections.js';
import { BEGINNING, BEGINS, PAIR, type Target, Targets, type Text } from './targets.js';
import { tellWasm } from './wasm-code.js';
import { type Window, windowsOf } from './windows.js';
import { tellX86 } from './x86.js';

/** A place in a file where a text stands that ends in `[least, most]`. */
export interface Place {
  readonly at: number;
  readonly least: number;
  readonly most: number;
}

/** Texts that are told of one place, where nothing decides between them. */
const MOST_TOLD = 4;
/** How often all of a file is read: segments may lie over each other. */
const READINGS = 2;

/**
 * Which texts a program has at some places. Go, Rust, Swift and others keep texts one behind the other, with nothing
 * between, and their lengths beside their addresses, in the data or in the code: what is looked for is these. The surest
 * first; none where there is none, and no places where the bytes are no program.
 */
export function textsIn(access: RandomAccess, places: readonly Place[]): ReadonlyMap<Place, readonly Span[]> {
  const programs = programsIn(access);
  const sections = sectionsIn(access);
  if (programs.length === 0 && sections === undefined) return new Map();
  const texts = new Map<Place, Span[]>(places.map((place) => [place, []]));
  for (const place of sections === undefined ? [] : places) {
    const section = sections!(place.at);
    if (section === undefined || section.end < place.least || section.end > place.most) continue;
    texts.get(place)!.push({ start: Math.max(section.start, place.at - BEGINNING), end: section.end });
  }
  let left = READINGS * access.size;
  for (const program of programs) {
    const targets = new Map<Target, Place>();
    for (const place of places) {
      const address = program.addressOf(place.at);
      if (address === undefined) continue;
      const { at, least, most } = place;
      targets.set({ address, least: address + least - at, most: address + most - at }, place);
    }
    if (targets.size === 0) continue;
    const found = new Targets([...targets.keys()]);
    for (const segment of program.segments) {
      left -= Math.min(segment.size, access.size);
      if (left < 0) break;
      for (const window of windowsOf(access, segment)) {
        tellPairs(window, program, access, found);
        if (segment.isCode) tellCode(window, program, found);
      }
    }
    for (const [target, place] of targets)
      texts.get(place)!.push(...spansOf(found.found.get(target)!.values(), program));
  }
  return texts;
}

function tellCode(window: Window, { machine, word }: Program, targets: Targets): void {
  if (machine === 'x86') tellX86(window, word, targets);
  else if (machine === 'arm64') tellArm64(window, targets);
  else if (machine === 'wasm') tellWasm(window, targets);
}

/** In the file, the surest first: beside a pair in the data, what is only near it in the code says nothing. */
function spansOf(texts: Iterable<Text>, program: Program): Span[] {
  const all = [...texts].sort((a, b) => b.rank - a.rank);
  const pairs = all.filter(({ rank }) => rank >= BEGINS + PAIR);
  return (pairs.length > 0 ? pairs : all).slice(0, MOST_TOLD).flatMap(({ start, end }) => {
    const offset = program.offsetOf(start);
    return offset === undefined ? [] : [{ start: offset, end: offset + end - start }];
  });
}
