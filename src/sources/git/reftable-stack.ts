import { BudgetExceeded } from '../../model/budget.js';
import { type Diagnostic, diagnostic } from '../../model/diagnostic.js';
import { SourceFault } from '../../model/source.js';
import { type FileTree, joinPath } from '../file-tree.js';
import { attempt } from './attempt.js';
import { readPlainFile, readPlainText } from './plain-file.js';
import { type LogRecord, type OnInflate, TableFault, type TableRecord, tableRecords } from './reftable.js';

/** Inflated bytes of the logs that are read to steer by. */
const STEERED_BY = 1024 ** 3;

/** The tables of one `reftable` folder, those that `tables.list` names last and in its order: they hide the others. */
export class ReftableStack {
  readonly #tree: FileTree;
  readonly #folder: string;
  readonly faults: Diagnostic[] = [];
  readonly #tables: readonly string[];
  readonly #listed: ReadonlySet<string>;
  readonly #noted = new Set<string>();

  constructor(tree: FileTree, folder: string) {
    this.#tree = tree;
    this.#folder = folder;
    const list = attempt(() => readPlainText(tree, joinPath(folder, 'tables.list')), this.faults) ?? '';
    const listed = list.split('\n').filter((name) => /^[^/]+\.(?:ref|log)$/.test(name));
    this.#listed = new Set(listed);
    const present = (attempt(() => tree.list(folder), this.faults) ?? []).filter(
      ({ kind }) => kind === 'file',
    );
    const others = present.map(({ name }) => name).filter((name) => /\.(?:ref|log)$|^tmp_/.test(name));
    this.#tables = [...others.filter((name) => !this.#listed.has(name)), ...this.#listed];
  }

  /** Every name that a table has; a later value hides an earlier one, undefined says that the ref is gone. */
  refs(): Map<string, string | undefined> {
    const refs = new Map<string, string | undefined>();
    for (const table of this.#tables) {
      for (const record of this.#records(table)) {
        if (record.kind === 'log') continue;
        refs.set(record.name, this.#listed.has(table) ? record.value : refs.get(record.name));
      }
    }
    return refs;
  }

  /**
   * The entries of all reflogs.
   *
   * @param onInflate told how many bytes how many became; may throw.
   */
  *logs(onInflate: OnInflate = steeredBy()): Generator<LogRecord> {
    for (const table of this.#tables) {
      for (const record of this.#records(table, onInflate)) if (record.kind === 'log') yield record;
    }
  }

  *#records(table: string, onInflate?: OnInflate): Generator<TableRecord> {
    const path = joinPath(this.#folder, table);
    try {
      const bytes = readPlainFile(this.#tree, path);
      if (bytes === undefined && this.#listed.has(table)) {
        this.#note(path, 'corrupt', 'is named in tables.list and not there');
      }
      for (const record of bytes === undefined ? [] : tableRecords(bytes, onInflate)) {
        if (record instanceof TableFault) this.#note(path, 'corrupt', record.message);
        else yield record;
      }
    } catch (error) {
      if (error instanceof SourceFault) this.faults.push(error.diagnostic);
      else if (error instanceof BudgetExceeded && error.limit === 'ratio') {
        this.#note(path, 'budget', error.message);
      } else throw error;
    }
  }

  /** Tables are read for refs and for logs: what is wrong with one is said once. */
  #note(path: string, reason: Diagnostic['reason'], detail: string): void {
    const note = `${path} ${detail}`;
    if (this.#noted.has(note)) return;
    this.#noted.add(note);
    this.faults.push(diagnostic(this.#tree.whereOf(path), reason, detail));
  }
}

/** What is only steered by is not read for ever. */
function steeredBy(): OnInflate {
  let left = STEERED_BY;
  return (out) => {
    left -= out;
    if (left < 0) throw new TableFault('has larger logs than are read to see what keeps objects');
  };
}
