import type { Provenance } from '../../model/provenance.js';
import { type Found, missed } from './found.js';
import type { SevenZipStream } from './seven-zip.js';

/** What is to be said of a content that 7-Zip has unpacked. */
export function* complaints(
  { errors, fault, size }: SevenZipStream,
  where: Provenance,
  isKnown: (line: string) => boolean,
): Generator<Found> {
  const told = errors.filter((line) => !isKnown(line));
  if (fault !== undefined) yield { type: 'exceeded', error: fault, where };
  else if (told.length > 0) yield unreadable(where, told, size);
}

/** What is to be said of complaints. @param size how much was unpacked all the same */
export function unreadable(where: Provenance, errors: readonly string[], size = 0): Found {
  const text = errors.join('; ');
  const read = size > 0 ? ` The first ${size} bytes of content were scanned` : ' Nothing inside was scanned';
  if (/memory/i.test(text))
    return missed(where, 'too_large', `needs more memory to unpack than is allowed.${read}`);
  if (/password|encrypted/i.test(text)) {
    return missed(
      where,
      'encrypted',
      `encrypted: give its password (--password-file), or unpack it and scan the result.${read}`,
    );
  }
  if (/no progress/.test(text)) return missed(where, 'budget', `the decoder was ended: ${text}.${read}`);
  const reason = /unsupported|not implemented/i.test(text) ? 'unsupported' : 'corrupt';
  return missed(where, reason, `the decoder reports: ${errors.slice(0, 3).join('; ')}.${read}`);
}
