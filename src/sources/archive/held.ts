import { diagnostic } from '../../model/diagnostic.js';
import type { Provenance } from '../../model/provenance.js';
import type { Feed } from '../feed.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { carveStreams } from './carve.js';
import { CopyingStream } from './copying-stream.js';
import { drain } from './decoded-stream.js';
import { embeddedAt, readEmbedded } from './embedded.js';
import { type Expansion, type Found, item } from './found.js';
import { sniffTrailer } from './further-in.js';
import { endsInZip, mayEndInZip } from './sniff.js';
import { readZip } from './zip.js';

/** As many bytes as tell what a content begins as. */
const HEAD = 8000;
/** What is kept of one content on disk, unless deep reading is asked for. */
const KEPT = 4 * 1024 ** 3;

/** How a content is looked into after it was read once. */
export interface HeldOptions {
  /** Whether compressed streams are looked for, and not only a zip at its end. */
  readonly carved: boolean;
  /** No limit to what is kept. */
  readonly deep: boolean;
}

/**
 * Reads a long content that arrives once: searches it as it passes, keeps a copy, and then looks into the copy as it
 * would have looked into a file. What is longer than what is kept is listed: its own bytes were searched, but nothing
 * in it was unpacked.
 */
export async function* readHeld(
  feed: Feed,
  where: Provenance,
  expansion: Expansion,
  { carved, deep }: HeldOptions,
): AsyncGenerator<Found> {
  const copying = new CopyingStream(
    feed,
    expansion.spool.writer(true),
    deep ? Number.POSITIVE_INFINITY : KEPT,
  );
  yield item({ type: 'unit', provenance: where, content: copying });
  await drain(copying);
  const { copy, problem } = copying.end();
  const head = bytesAt(copy, 0, HEAD);
  if (problem !== undefined) {
    yield item(
      diagnostic(where, 'budget', `${problem}: its own bytes were scanned, but it was not looked into`),
    );
  } else if (endsInZip(head, copy)) {
    yield* readZip(copy, where, expansion);
  } else if (mayEndInZip(head) && embeddedAt(copy) !== undefined) {
    yield* readEmbedded(copy, where, expansion);
  } else {
    yield* byTrailer(copy, where, expansion);
    if (carved) yield* carveStreams(copy, where, expansion);
  }
  copy.close();
}

/** What shows at its end alone. */
async function* byTrailer(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  const format = sniffTrailer(access);
  if (format === 'blocks') yield* (await import('./blocked.js')).readBlocked(access, where, expansion);
  else if (format !== undefined)
    yield* (await import('./long-tail.js')).readArchive(access, where, expansion, format);
}
