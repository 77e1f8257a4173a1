import type { Provenance } from '../../model/provenance.js';

const BROTLI = /\.br$/i;
const REVISIONS = /(?:^|\/)\.hg\/(?:.*\/)?[^/]+\.d$/;
const PART =
  /\.(?:7z|zip|rar|tar|gz|tgz|bz2|tbz2?|xz|txz|zst|iso)[._-]?(?:part)?[._-]?(?:\d{1,5}|[a-z]{2})$|\.[zr]\d\d$/i;
/** What two letters at the end of a name say oftener than that it is a volume. */
const KIND = /\.(?:br|cc|cs|go|js|kt|md|pl|py|rb|rs|sh|ts)$/i;
/** What may be the first of several, or one of those that follow, by names that others have as well. */
const COUNTED = /\.rar$|\.e(?:\d\d|[a-z]{2})$/i;
const ZIP_VOLUME = /\.z\d\d$/i;

/** Brotli (RFC 7932) has no mark to be told by: a file is one if its name says so. */
export function isNamedBrotli(where: Provenance): boolean {
  return 'path' in where && BROTLI.test(where.path);
}

/** A part of an archive that was cut into files: nothing in it tells what it is a part of, so its name does. */
export function isNamedPart(where: Provenance): boolean {
  return 'path' in where && PART.test(where.path) && !KIND.test(where.path) && !('volumes' in where);
}

/** Whether it may be a volume, the first one too. */
export function isVolumeByName(path: string): boolean {
  return PART.test(path) || COUNTED.test(path);
}

/** Whether it is a volume of a zip: those of its members that begin in it are told by their own headers. */
export function isNamedZipVolume(where: Provenance): boolean {
  return isNamedPart(where) && 'path' in where && ZIP_VOLUME.test(where.path);
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
  return BROTLI.test(path) || (PART.test(path) && !KIND.test(path)) || REVISIONS.test(path);
}
