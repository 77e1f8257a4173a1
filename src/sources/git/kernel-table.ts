import { DeltaForest } from './delta-forest.js';
import type { PackFile } from './pack-file.js';
import type { PackIndex } from './pack-index.js';
import { PackTable, tableByIndex } from './pack-table.js';
import type { ScreenKernel } from './screen-kernel.js';
import type { SharedPack } from './shared-pack.js';

/**
 * The table as an index gives it, with its columns in the memory of a kernel, which makes them where it can.
 *
 * @param shared what other threads see that read the same pack
 */
export function tableInKernel(
  pack: PackFile,
  index: PackIndex,
  kernel: ScreenKernel,
  shared?: SharedPack,
): PackTable {
  const { row } = kernel;
  if (kernel.fill(index, shared?.headers(index.count))) {
    return new PackTable(
      index.count,
      pack.end,
      index.format,
      (entry) => index.idAt(row[entry]!),
      (entry, into) => index.writeId(row[entry]!, into),
      kernel,
    );
  }
  const table = tableByIndex(pack, index);
  moveToKernel(table, pack, kernel);
  return table;
}

/** Puts the columns of a table where a kernel reads them. */
export function moveToKernel(table: PackTable, pack: PackFile, kernel: ScreenKernel): void {
  new DeltaForest(table).copyTo(kernel.first, kernel.next);
  table.moveTo(kernel);
  kernel.offset[table.count] = pack.end;
}
