import type { Budget } from '../../model/budget.js';
import type { Screen } from '../../model/screen.js';
import { hexAt } from './object-format.js';
import { typeOf } from './pack-entry.js';
import type { PackTable } from './pack-table.js';
import type { ScreenKernel } from './screen-kernel.js';
import type { Stretch } from './share.js';

/** Literals of one byte more can't hide from the kernel between what two pieces bring along. */
export const REACH = 15;

/** In the order in which the kernel counts them. */
const PASSED_TYPES = ['commit', 'tree', 'blob', 'tag'] as const;

/** Object IDs that stand `step` bytes apart. */
export interface IdRun {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly step: number;
}

export interface ScreenOptions {
  readonly screen: Screen;
  readonly budget: Budget;
  /** Where the columns of the pack's table lie. */
  readonly kernel: ScreenKernel;
  /** Whether blobs with a NUL have to be seen, too. */
  readonly opaque?: boolean | undefined;
  /** Told what an object names that is not there, as far as the kernel knows. */
  readonly onMissing: (namer: () => string | undefined, id: string, type: 'commit' | 'tree' | 'blob') => void;
}

/** The numbers of the roots within some stretches, of which something has to be seen object by object. */
export function* screenTrees(
  table: PackTable,
  stretches: Iterable<Stretch>,
  { screen, budget, kernel, opaque = false, onMissing }: ScreenOptions,
): Generator<number> {
  const { format } = table;
  const suspect = new Set<number>();
  const idOf = (entry: number) => () => table.idOf(entry);
  kernel.flush = flush;
  kernel.settle = settle;
  for (const { from, to } of stretches) {
    kernel.exports.walk(from, to);
    yield* [...suspect].sort((a, b) => a - b);
    suspect.clear();
  }

  function flush(): void {
    const { outUsed, finishedCount, returnedCount, missingCount, nextMark } = kernel.exports;
    for (const at of screen.suspects(kernel.out.subarray(0, outUsed.value))) suspect.add(rootAt(at));
    for (let at = nextMark(0); at >= 0; at = nextMark(at + 1)) suspect.add(rootAt(at));
    if (opaque) for (const root of opaqueRoots()) suspect.add(root);
    suspect.delete(-1);
    for (let row = 0; row < returnedCount.value; row++) suspect.add(kernel.returned[row]!);
    // What is to be seen object by object is counted there.
    for (let row = 0; row < finishedCount.value; row++) {
      if (suspect.has(kernel.finished.getInt32(24 * row, true))) kernel.finished.setInt32(24 * row + 4, 0);
    }
    for (let row = 0; row < missingCount.value; row++) {
      const at = 40 * row;
      const namer = kernel.missing.getInt32(at, true);
      const type = typeOf(kernel.missing.getInt32(at + 4, true)) as 'commit' | 'tree' | 'blob';
      const id = new Uint8Array(kernel.missing.buffer, kernel.missing.byteOffset + at + 8, format.bytes);
      onMissing(idOf(namer), hexAt(id, 0, format.bytes), type);
    }
  }

  function settle(): void {
    const { passed } = kernel;
    PASSED_TYPES.forEach((type, index) => {
      const objects = passed[2 * index]!;
      if (objects === 0) return;
      budget.entry(objects);
      screen.passed(type, objects, passed[2 * index + 1]!);
    });
    const [made, packed] = passed.subarray(2 * PASSED_TYPES.length);
    budget.expand(made!, packed!);
  }

  /** The blobs among the roots of which something in OUT is NUL. */
  function* opaqueRoots(): Generator<number> {
    const { outUsed, startCount } = kernel.exports;
    const out = Buffer.from(kernel.out.buffer, kernel.out.byteOffset, outUsed.value);
    for (let row = 0; row < startCount.value; row++) {
      const root = kernel.starts[2 * row + 1]!;
      if (root < 0 || typeOf(table.type[root]!) !== 'blob') continue;
      const end = row + 1 < startCount.value ? kernel.starts[2 * row + 2]! : outUsed.value;
      if (out.subarray(kernel.starts[2 * row]!, end).includes(0)) yield root;
    }
  }

  /** The root whose bytes stand at a place of OUT. */
  function rootAt(place: number): number {
    let low = 0;
    let high = kernel.exports.startCount.value - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (kernel.starts[2 * middle]! <= place) low = middle;
      else high = middle - 1;
    }
    return high < 0 ? -1 : kernel.starts[2 * low + 1]!;
  }
}
