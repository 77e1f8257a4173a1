import { moveToKernel } from './kernel-table.js';
import { REACH, type ScreenOptions, screenTrees } from './pack-screen.js';
import type { PackTable } from './pack-table.js';
import type { ReaderOptions } from './reader-options.js';
import { ScreenKernel } from './screen-kernel.js';
import type { SharedPack } from './shared-pack.js';
import type { StoredPack } from './stored-pack.js';

interface ScreenedTable {
  readonly table: PackTable;
  /** Its columns lie in the memory of this, where there is a screen that needs to see no more than it shows. */
  readonly kernel?: ScreenKernel;
}

/** The table of a pack by names. */
export function screenedTable(pack: StoredPack, options: ReaderOptions, shared?: SharedPack): ScreenedTable {
  const { memory } = options.budget.limits;
  if (pack.ids === undefined || !mayScreen(options)) return { table: pack.table(memory) };
  const known = options.database.ids();
  const objects = known.reduce((sum, { count }) => sum + count, 0);
  const kernel = kernelFor(pack, options, { entries: pack.ids.count, objects });
  const table = pack.table(memory, kernel, shared);
  kernel.know(known);
  return { table, kernel };
}

export function screeningOf(
  kernel: ScreenKernel | undefined,
  { budget, missing, screening }: ReaderOptions,
): { readonly screening?: ScreenOptions } {
  if (kernel === undefined || screening === undefined) return {};
  const onMissing: ScreenOptions['onMissing'] = (namer, id, type) => missing?.note(namer, id, type);
  return { screening: { ...screening, budget, kernel, onMissing } };
}

/**
 * The plain entries of a pack without an index in whose trees something has to be seen; undefined where that can't be told without
 * names: when it matters what is missing, or when deltas name their base by its ID. What names cost is as much again as all
 * the rest: each object has to be made, and hashed.
 */
export function suspectRoots(pack: StoredPack, options: ReaderOptions): readonly number[] | undefined {
  if (options.missing !== undefined || !mayScreen(options)) return undefined;
  const table = pack.table(options.budget.limits.memory);
  if (pack.gaps.length > 0 || table.count !== pack.file.declared || table.outside.size > 0) return undefined;
  const kernel = kernelFor(pack, options, { entries: table.count, objects: 0 });
  moveToKernel(table, pack.file, kernel);
  const { screening } = screeningOf(kernel, options);
  return [...screenTrees(table, [{ from: 0, to: table.count }], screening!)];
}

function mayScreen({ screening }: ReaderOptions): boolean {
  return screening !== undefined && screening.screen.longest <= REACH + 1;
}

function kernelFor(
  { file, format }: StoredPack,
  { budget, screening }: ReaderOptions,
  room: { readonly entries: number; readonly objects: number },
): ScreenKernel {
  const { memory: largest, ratio, ratioFloor: floor } = budget.limits;
  const { marks, opaque = false, screen } = screening!;
  // Bytes that are no text have to be seen for what they are.
  const image = opaque ? undefined : screen.image;
  const rules = { largest, ratio, floor, idBytes: format.bytes, marks, image };
  return new ScreenKernel(file, room, rules);
}
