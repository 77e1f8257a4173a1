import { diagnostic } from '../../model/diagnostic.js';
import type { ScanItem } from '../../model/source.js';
import { bytesAt, WindowAccess } from '../random-access.js';
import { untilFault } from './faulty-items.js';
import { LonePack, type PackedFile } from './lone-pack.js';
import { SHA1, SHA256 } from './object-format.js';
import type { Ref } from './refs.js';

const LONGEST_HEADER = 64 * 1024 ** 2;

/** A bundle (gitformat-bundle): a header of refs and one pack, which may build on objects that only the receiver has. */
export function bundleItems(packed: PackedFile): Generator<ScanItem> {
  return untilFault(items(packed), packed.where);
}

function* items(packed: PackedFile): Generator<ScanItem> {
  const { where } = packed;
  const header = bytesAt(packed.file, 0, LONGEST_HEADER);
  const end = header.indexOf('\n\n');
  const bytes = end < 0 ? header : header.subarray(0, end);
  // Names, and not the bundle's bytes: by its beginning it would be taken for another bundle.
  yield { type: 'unit', provenance: where, content: bytes, aspect: 'name' };
  if (end < 0) {
    yield diagnostic(where, 'corrupt', 'has no end of its header: the bundle is cut short');
    return;
  }
  const lines = bytes.toString('latin1').split('\n');
  const format = lines.includes('@object-format=sha256') ? SHA256 : SHA1;
  const refs: Ref[] = [];
  const outside = new Set<string>();
  for (const line of lines) {
    const match = /^(-?)([0-9a-f]{40,64}) ?(.*)$/.exec(line);
    if (match?.[1] === '-') outside.add(match[2]!);
    else if (match !== null) refs.push({ name: match[3]!, target: match[2]! });
  }
  const file = new WindowAccess(packed.file, end + 2, packed.file.size);
  const pack = new LonePack({ ...packed, file, format, refs, isComplete: outside.size === 0 });
  yield* pack.items();
  if (pack.missing !== undefined) yield* pack.missing.diagnostics(where);
  else {
    // What is missing was left out on purpose: one line says so.
    const detail = `needs ${outside.size} commits that it does not hold, and all that they lead to: scan the repository they are in, too`;
    yield diagnostic(where, 'missing_object', detail);
  }
}
