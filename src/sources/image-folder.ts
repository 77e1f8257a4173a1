import { Image } from './archive/image.js';
import type { TreeEntry } from './file-tree.js';

/** What Docker calls a layer's folder and an image's configuration. */
const HEX = /^[0-9a-f]{64}(?:\.json)?$/;

/** A folder that holds an unpacked container image, and what was read of the image so far. */
export interface ImageFolder {
  readonly root: string;
  readonly parts: Image;
}

/** An OCI layout, or what `docker save` wrote, unpacked; `undefined` for any other folder. */
export function imageIn(root: string, entries: readonly TreeEntry[]): ImageFolder | undefined {
  const has = (wanted: string) => entries.some(({ name }) => name === wanted);
  const isImage =
    has('oci-layout') ||
    (has('manifest.json') && (has('repositories') || entries.some(({ name }) => HEX.test(name))));
  return isImage ? { root, parts: new Image() } : undefined;
}

/** The path of a file as the image's own documents name it. */
export function pathInImage({ root }: ImageFolder, path: string): string {
  return path.slice(root.length).replace(/^\//, '');
}
