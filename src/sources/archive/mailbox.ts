import type { Provenance } from '../../model/provenance.js';
import type { ByteStream } from '../../model/source.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt } from '../random-access.js';
import { type Expansion, type Found, item, placeIn } from './found.js';

/** Where a header names the version, and how text is written, in files of the old and the new format ([MS-PST] 2.2.2.6). */
const VERSION = 10;
const OLD = 15;
const METHOD_OLD = 461;
const METHOD_NEW = 513;
const PERMUTED = 1;

/** What each byte is written as ([MS-PST] 5.1): a fixed table, no key. */
const WRITTEN = Buffer.from(
  'QTYTYqghbrv0FswEf2ToXR7yyyp0xV410pVHnpYtmohMfYQ/26wxtkhf9sTYOYvnIzs4jsjB3yWxIKVGYE6c+6rTVlFFfFUAB8krnYWbCaCPrbMPY6uJS9enFVpxZkK/JkprmPrqd1OycAUs/Vk6hn7OBuuCeFfHjUOvtBzUW83i6SdPwwhygM+w7/Uobb4wTTSS1Q48IjLl5PmfwtEKgRLh7pGDduOX5mGKF3mkt9yQelyMAqbKad5QGhGTuVKHWPztHTdJG2rgKTOZvWzZlPNAVG/wxnO41j5lGEQf3WcQ8QwZ7K4DoRR7qQv/+KPAogH3LrwkaHUN/rovtdDaPQ==',
  'base64',
);

/** What each byte stands for. */
const MEANT = Buffer.alloc(256);
for (const [meant, written] of WRITTEN.entries()) MEANT[written] = meant;

/**
 * The text of an Outlook mailbox where it is written as a permutation, as nearly all are: byte for byte the file, so that a
 * place in it is one in the file. What is longer than a block (8 KiB), and attachments that are packed, are not put together.
 */
export function* readPermuted(
  access: RandomAccess,
  where: Provenance,
  { budget }: Expansion,
): Generator<Found> {
  const header = bytesAt(access, 0, METHOD_NEW + 1);
  if (header.length <= METHOD_NEW) return;
  const method = header[header.readUInt16LE(VERSION) <= OLD ? METHOD_OLD : METHOD_NEW];
  if (method !== PERMUTED) return;
  budget.entry();
  budget.expand(access.size, 0);
  const place = placeIn(where, 'text', ['stream', 'pst'], { start: 0, end: access.size });
  yield item({ type: 'unit', provenance: place, content: new PermutedStream(access) });
}

class PermutedStream implements ByteStream {
  readonly #stream: AccessStream;

  constructor(access: RandomAccess) {
    this.#stream = new AccessStream(access);
  }

  read(into: Uint8Array): number {
    const count = this.#stream.read(into);
    for (let at = 0; at < count; at++) into[at] = MEANT[into[at]!]!;
    return count;
  }

  close(): void {}
}
