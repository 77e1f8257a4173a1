import type { Provenance } from '../../model/provenance.js';

const BROTLI = /\.br$/i;
const REVISIONS = /(?:^|\/)\.hg\/(?:.*\/)?[^/]+\.d$/;
const PART = /\.(?:7z|zip|rar|tar|t?gz|tgz|bz2|xz|zst)\.\d{3}$|\.z\d\d$|\.r\d\d$/i;

/** Brotli (RFC 7932) has no mark to be told by: a file is one if its name says so. */
export function isNamedBrotli(where: Provenance): boolean {
  return 'path' in where && BROTLI.test(where.path);
}

/** A part of an archive that was cut into files: nothing in it tells what it is a part of, so its name does. */
export function isNamedPart(where: Provenance): boolean {
  return 'path' in where && PART.test(where.path);
}

/**
 * What Mercurial keeps apart from the index of a revlog: revisions end to end, each packed by itself or not, so that it
 * may begin like any of them.
 */
export function isNamedRevisions(where: Provenance): boolean {
  return 'path' in where && REVISIONS.test(where.path);
}

/** Whether a file of this name is a container whatever it begins with. */
export function isContainerByName(path: string): boolean {
  return BROTLI.test(path) || PART.test(path) || REVISIONS.test(path);
}
