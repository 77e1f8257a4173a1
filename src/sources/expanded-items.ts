import type { ScanItem } from '../model/source.js';
import { expand } from './archive/expand.js';
import type { ExpansionOptions } from './archive/expansion-options.js';
import { mayExpand } from './archive/look-into.js';

/** What a repository gives, with what is in its containers in their place. */
export async function* expandedItems(
  items: Iterable<ScanItem>,
  options: ExpansionOptions,
): AsyncGenerator<ScanItem> {
  for (const item of items) {
    if (item.type === 'unit' && mayExpand(item, options)) yield* expand(item, options);
    else yield item;
  }
}
