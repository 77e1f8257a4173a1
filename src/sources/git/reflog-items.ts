import type { Budget } from '../../model/budget.js';
import type { Diagnostic } from '../../model/diagnostic.js';
import { type Provenance, textOfPath } from '../../model/provenance.js';
import type { ScanItem } from '../../model/source.js';
import { type FileTree, joinPath } from '../file-tree.js';
import { gitFolders } from './layout.js';
import type { LogRecord } from './reftable.js';
import { ReftableStack } from './reftable-stack.js';

/** Lines are handed on in pieces of about so many characters. */
const PIECE = 64 * 1024;

/**
 * The reflogs that reftables keep, in compressed blocks, as lines like those of the files that others keep them in. Files
 * under `logs` are searched as they are by who reads all files.
 *
 * @param listed what was said of the tables when their refs were read.
 */
export function* reflogItems(
  tree: FileTree,
  gitDir: string,
  commonDir: string,
  repository: Provenance,
  budget: Budget,
  listed: readonly Diagnostic[],
): Generator<ScanItem> {
  const known = new Set(listed.map((fault) => JSON.stringify(fault)));
  for (const folder of gitFolders(tree, gitDir, commonDir)) {
    const stack = new ReftableStack(tree, joinPath(folder, 'reftable'));
    const allowed = budget.depth < budget.limits.depth ? budget.nested() : budget;
    let name = '';
    let lines = '';
    for (const record of stack.logs((out, packed) => allowed.expand(out, packed))) {
      if (lines !== '' && (record.name !== name || lines.length > PIECE)) {
        yield unitOf(name, lines, repository);
        lines = '';
      }
      name = record.name;
      lines += lineOf(record);
    }
    if (lines !== '') yield unitOf(name, lines, repository);
    for (const fault of stack.faults) if (!known.has(JSON.stringify(fault))) yield fault;
  }
}

function lineOf({ before, after, person, message }: LogRecord): string {
  return `${before} ${after} ${person}\t${message.replace(/\n$/, '')}\n`;
}

function unitOf(name: string, lines: string, repository: Provenance): ScanItem {
  const provenance = { kind: 'ref', name: textOfPath(Buffer.from(name, 'latin1')), repository } as const;
  return { type: 'unit', provenance, content: Buffer.from(lines, 'latin1') };
}
