import type { Budget } from '../../model/budget.js';
import { diagnostic } from '../../model/diagnostic.js';
import { type ScanItem, SourceFault } from '../../model/source.js';
import type { Span } from '../../model/span.js';
import { placeIn } from '../archive/found.js';
import { MaskedStream } from '../archive/masked-stream.js';
import type { FileTree } from '../file-tree.js';
import { type Representation, Representations, representationAt } from './representations.js';
import { type OpenRevisions, Revisions } from './revisions.js';

/** Crafted bytes may look like a text everywhere, and only their ends show that they are none. */
const MOST_WASTED = 64 * 1024 * 1024;

/** Every text of a store of revisions as it was, and what stands between: names, and what was changed. */
export function* revisionItems(tree: FileTree, store: string, budget: Budget): Generator<ScanItem> {
  const revisions = new Revisions(tree, store);
  const texts = new Representations(revisions, budget.limits.memory);
  for (const file of revisions.files) {
    const where = tree.whereOf(file.path);
    try {
      if (revisions.open(file) === undefined) continue;
      const opened = () => revisions.open(file)!;
      texts.allow(opened().bytes.size);
      const shown: Span[] = [];
      for (const representation of representationsIn(opened)) {
        if (representation === undefined) {
          const detail =
            'too much in it looks like texts, and is none: from there on it was searched as it stands';
          yield diagnostic(where, 'corrupt', detail);
          break;
        }
        budget.entry();
        const { start, end } = representation;
        const place = placeIn(where, `text at byte ${start}`, ['svndiff'], { start, end });
        const { bytes, problem } = texts.rebuilt(representation);
        budget.expand(bytes.length, end - start);
        shown.push({ start, end });
        if (problem !== undefined) yield diagnostic(place, problem.reason, problem.detail);
        yield { type: 'unit', provenance: place, content: bytes };
      }
      yield { type: 'unit', provenance: where, content: new MaskedStream(opened().bytes.access, shown) };
    } catch (error) {
      if (!(error instanceof SourceFault)) throw error;
      yield error.diagnostic;
    }
  }
  revisions.close();
}

/**
 * Each where the one before ends, or further on: what is damaged hides no other.
 *
 * @param opened opens the file again where others were needed in between.
 * @returns nothing in place of one where too much looks like one.
 */
function* representationsIn(opened: () => OpenRevisions): Generator<Representation | undefined> {
  const beginnings = ['DELTA', 'PLAIN\n'].map((text) => ({ text, at: -1 }));
  const { size } = opened().bytes;
  const waste = { bytes: 0 };
  for (let at = 0; at < size; ) {
    for (const beginning of beginnings) {
      if (beginning.at < at) beginning.at = opened().bytes.indexOf(beginning.text, at, size);
    }
    const start = Math.min(...beginnings.map((beginning) => beginning.at));
    if (start === size) return;
    const found = representationAt(opened(), start, waste);
    if (found !== undefined) yield found;
    if (waste.bytes > MOST_WASTED + 4 * size) {
      yield undefined;
      return;
    }
    at = found?.end ?? start + 1;
  }
}
