import { diagnostic } from '../../model/diagnostic.js';
import { type Provenance, textOfPath } from '../../model/provenance.js';
import { type ScanItem, SourceFault } from '../../model/source.js';
import type { FileTree } from '../file-tree.js';
import { type IndexFile, indexDamage, parseIndex } from './index-file.js';
import { indexPaths } from './index-paths.js';
import type { ObjectFormat } from './object-format.js';
import { configuredFormat } from './open-database.js';
import { readPlainFile } from './plain-file.js';
import type { Screening } from './reader-options.js';
import type { Ref } from './refs.js';

/** A name, one character per byte, and what it is the name of. */
interface Name {
  readonly name: string;
  readonly place: (text: string) => Provenance;
}

export function refNames(refs: readonly Ref[], repository: Provenance): readonly Name[] {
  const place = (name: string): Provenance => ({ kind: 'ref', name, repository });
  return refs.map(({ name }) => ({ name, place }));
}

/**
 * The names in indexes of version 4, where they don't stand as they are: those in others are found in the file, as far as it is
 * whole.
 */
export function* shortenedNames(
  tree: FileTree,
  gitDir: string,
  commonDir: string,
  repository: Provenance,
): Generator<ScanItem, readonly Name[]> {
  const names: Name[] = [];
  for (const path of indexPaths(tree, gitDir, commonDir)) {
    try {
      const bytes = readPlainFile(tree, path);
      if (bytes === undefined) continue;
      const { entries, damage } = namesIn(bytes, configuredFormat(tree, commonDir));
      if (damage !== undefined) yield diagnostic(tree.whereOf(path), 'corrupt', damage);
      for (const { path: name, id } of entries) {
        names.push({ name, place: (text) => ({ kind: 'staged', path: text, blob: id, repository }) });
      }
    } catch (error) {
      if (!(error instanceof SourceFault)) throw error;
      yield error.diagnostic;
    }
  }
  return names;
}

function namesIn(bytes: Buffer, format: ObjectFormat): Pick<IndexFile, 'entries' | 'damage'> {
  const isShortened = bytes.toString('latin1', 0, 8) === 'DIRC\0\0\0\x04';
  return isShortened ? parseIndex(bytes, format) : { entries: [], damage: indexDamage(bytes, format) };
}

/** All names, or where there is a screen, none if it sees nothing in any. */
export function* nameItems(names: readonly Name[], screening: Screening | undefined): Generator<ScanItem> {
  const all = Buffer.from(names.map(({ name }) => name).join('\0'), 'latin1');
  if (screening?.screen.suspects(all).length === 0) {
    // Names are bytes that were searched, and no units: as trees are.
    screening.screen.passed('tree', 0, all.length - Math.max(0, names.length - 1));
    return;
  }
  for (const { name, place } of names) {
    const bytes = Buffer.from(name, 'latin1');
    yield { type: 'unit', provenance: place(textOfPath(bytes)), content: bytes, aspect: 'name' };
  }
}
