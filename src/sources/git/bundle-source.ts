import { type Budget, BudgetExceeded } from '../../model/budget.js';
import { type Diagnostic, diagnostic } from '../../model/diagnostic.js';
import type { Provenance } from '../../model/provenance.js';
import { type ScanItem, type Source, SourceFault } from '../../model/source.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt, WindowAccess } from '../random-access.js';
import { LonePack } from './lone-pack.js';
import type { MissingObjects } from './missing-objects.js';
import { SHA1, SHA256 } from './object-format.js';
import type { Screening } from './reader-options.js';
import type { Ref } from './refs.js';

const SIGNATURE = /^# v[23] git bundle\n/;
const LONGEST_HEADER = 64 * 1024 ** 2;

/** Whether a file begins like a bundle (gitformat-bundle). */
export function isBundle(beginning: Uint8Array): boolean {
  return SIGNATURE.test(Buffer.from(beginning.subarray(0, 16)).toString('latin1'));
}

/** A bundle: a header of refs and one pack, which may build on objects that only the receiver has. */
export class BundleSource implements Source {
  readonly #file: RandomAccess;
  readonly #where: Provenance;
  readonly #budget: Budget;
  readonly #screening: Screening | undefined;

  /** @param options.screening lets objects in which nothing is to be seen be passed over. */
  constructor(options: {
    readonly file: RandomAccess;
    readonly where: Provenance;
    readonly budget: Budget;
    readonly screening?: Screening;
  }) {
    this.#file = options.file;
    this.#where = options.where;
    this.#budget = options.budget;
    this.#screening = options.screening;
  }

  async *units(): AsyncGenerator<ScanItem> {
    yield* this.items();
  }

  /** The same without a promise for each object. */
  *items(): Generator<ScanItem> {
    try {
      yield* this.#items();
    } catch (error) {
      if (error instanceof SourceFault) yield error.diagnostic;
      else if (error instanceof BudgetExceeded) yield diagnostic(this.#where, 'budget', error.message);
      else throw error;
    }
  }

  close(): void {
    this.#file.close();
  }

  *#items(): Generator<ScanItem> {
    const where = this.#where;
    const header = bytesAt(this.#file, 0, LONGEST_HEADER);
    const end = header.indexOf('\n\n');
    if (end < 0) {
      yield diagnostic(where, 'corrupt', 'has no end of its header: the bundle is cut short');
      return;
    }
    const bytes = header.subarray(0, end);
    // Names, and not the bundle's bytes: by its beginning it would be taken for another bundle.
    yield { type: 'unit', provenance: where, content: bytes, aspect: 'name' };
    const lines = bytes.toString('latin1').split('\n');
    const format = lines.includes('@object-format=sha256') ? SHA256 : SHA1;
    const refs: Ref[] = [];
    const outside = new Set<string>();
    for (const line of lines) {
      const match = /^(-?)([0-9a-f]{40,64}) ?(.*)$/.exec(line);
      if (match?.[1] === '-') outside.add(match[2]!);
      else if (match !== null) refs.push({ name: match[3]!, target: match[2]! });
    }
    const file = new WindowAccess(this.#file, end + 2, this.#file.size);
    const pack = new LonePack({
      file,
      where,
      format,
      refs,
      budget: this.#budget,
      screening: this.#screening,
    });
    yield* pack.items();
    yield* missingOf(pack.missing, outside, where);
  }
}

/** With prerequisites, what is missing was left out on purpose: one line says so. */
function* missingOf(
  missing: MissingObjects,
  outside: ReadonlySet<string>,
  where: Provenance,
): Generator<Diagnostic> {
  if (outside.size === 0) yield* missing.diagnostics(where);
  else {
    const detail = `needs ${outside.size} commits that it does not hold, and all that they lead to: scan the repository they are in, too`;
    yield diagnostic(where, 'missing_object', detail);
  }
}
