import type { LayerPlace } from '../../model/provenance.js';
import { type Description, describe, type NamedLayer } from './image-documents.js';
import { type Fate, Layer, MOST_ENTRIES } from './image-layer.js';

/** What a description of an image may be called. */
const DOCUMENT =
  /(?:^|\/)(?:manifest\.json|index\.json|json|[0-9a-f]{64}\.json|blobs\/[a-z0-9+._-]+\/[0-9a-f]{32,})$/;
/** What a layer may be called. */
const LAYER =
  /(?:^|\/)(?:layer\.tar|blobs\/[a-z0-9+._-]+\/[0-9a-f]{32,}|[^/]+\.tar(?:\.(?:gz|zst|xz|bz2))?|(?:sha256:)?[0-9a-f]{64})$/;
/** How either may end. */
const LAST = /(?:json|[0-9a-f]{32}|\.tar(?:\.[a-z0-9]{2,3})?)$/;
/** How long a description may be, and how many are read. */
export const LONGEST_DOCUMENT = 1024 * 1024;
const MOST_DOCUMENTS = 10_000;
/** Indexes in indexes. */
const DEEPEST = 8;

type IndexDescription = Extract<Description, { type: 'index' }>;
type ImageDescription = Extract<Description, { type: 'image' }>;
type V1Description = Extract<Description, { type: 'v1' }>;

/** An image as its layers lie in a container, the lowest first. */
interface Stack {
  readonly names: readonly string[];
  readonly layers: readonly NamedLayer[];
}

/**
 * Perhaps an image: the members of one container (an archive or a folder), of which some describe layers and their
 * order, and some are layers. In which order they come is open, so it is known only at the end what a later layer does.
 */
export class Image {
  readonly #documents = new Map<string, readonly Description[]>();
  readonly #layers = new Map<string, Layer>();
  readonly #room = { left: MOST_ENTRIES };
  #stacks: readonly Stack[] | undefined;

  /** Whether a member of this path may be part of an image; cheap, because every member is asked. */
  static concerns(path: string): boolean {
    return LAST.test(path);
  }

  /** Whether a member of this path is to be handed to {@link read}. */
  mayDescribe(path: string): boolean {
    return DOCUMENT.test(path) && this.#documents.size < MOST_DOCUMENTS;
  }

  /** Whether a description may begin with this byte. */
  static mayBegin(byte: number | undefined): boolean {
    return byte === 0x7b || byte === 0x5b;
  }

  /** Reads what may be a description; what is too long is none. */
  read(path: string, bytes: Uint8Array): void {
    if (bytes.length > LONGEST_DOCUMENT || !Image.mayBegin(bytes[0])) return;
    const descriptions = describe(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
    if (descriptions.length === 0) return;
    this.#documents.set(path, descriptions);
    this.#stacks = undefined;
  }

  /** The layer that a member of this path may be. */
  layerAt(path: string): ImageLayer | undefined {
    if (!LAYER.test(path)) return undefined;
    const layer = new Layer(this.#room);
    this.#layers.set(path, layer);
    return {
      note: (inside, folder) => layer.note(inside, folder),
      placeOf: (inside) => this.#placeOf(path, inside),
    };
  }

  /** Where a file of a layer stands in its image: in that one where it is still to be seen, if there is one. */
  #placeOf(layer: string, path: string): LayerPlace | undefined {
    let found: LayerPlace | undefined;
    this.#stacks ??= this.#read();
    for (const stack of this.#stacks) {
      const index = stack.layers.findIndex((each) => each.path === layer);
      if (index < 0) continue;
      const place = this.#placeIn(stack, index, path);
      if (place.deleted_by === undefined && place.replaced_by === undefined) return place;
      found ??= place;
    }
    return found;
  }

  #placeIn({ names, layers }: Stack, index: number, path: string): LayerPlace {
    const place: LayerPlace = {
      index,
      layers: layers.length,
      ...digestOf(layers[index]!.digest),
      ...nameOf(names),
    };
    if (this.#room.left <= 0) return place;
    for (let later = index + 1; later < layers.length; later++) {
      const fate: Fate | undefined = this.#layers.get(layers[later]!.path)?.fateOf(path);
      if (fate === undefined) continue;
      const by = { index: later, ...digestOf(layers[later]!.digest) };
      return fate === 'deleted' ? { ...place, deleted_by: by } : { ...place, replaced_by: by };
    }
    return place;
  }

  #read(): Stack[] {
    const stacks: Stack[] = [];
    // These say the least, so they come last.
    const chains: Stack[] = [];
    const listed = new Set<string>();
    const all = [...this.#documents.values()].flat();
    const parents = new Set(all.flatMap((each) => (each.type === 'v1' ? [each.parent] : [])));
    for (const [path, descriptions] of this.#documents) {
      // What lies under its digest counts where an index leads to it.
      if (/(?:^|\/)blobs\//.test(path)) continue;
      const root = path.replace(/[^/]*$/, '');
      for (const description of descriptions) {
        if (description.type === 'index') stacks.push(...this.#indexed(root, description, listed, []));
        else if (description.type === 'image') stacks.push(this.#stack(root, description));
        else if (description.type === 'v1' && !parents.has(description.id))
          chains.push(this.#chain(root, description));
      }
    }
    return [...stacks, ...chains];
  }

  /** @param around the names that the indexes around this one give it, outermost first */
  #indexed(
    root: string,
    { entries }: IndexDescription,
    listed: Set<string>,
    around: readonly string[][],
  ): Stack[] {
    return entries.flatMap(({ path, names }) => {
      const place = root + path;
      if (around.length > DEEPEST || listed.has(place)) return [];
      listed.add(place);
      const named = [...around, [...names]];
      return (this.#documents.get(place) ?? []).flatMap((description) => {
        if (description.type === 'index') return this.#indexed(root, description, listed, named);
        return description.type === 'image'
          ? [this.#stack(root, { ...description, names: named.flat() })]
          : [];
      });
    });
  }

  #stack(root: string, { layers, names, config }: ImageDescription): Stack {
    const known = this.#documents.get(root + (config ?? ''))?.find((each) => each.type === 'config');
    // A layer that changes nothing may not be stored: then nothing says which is whose.
    const unpacked = known?.unpacked.length === layers.length ? known.unpacked : [];
    return {
      names,
      layers: layers.map(({ path, digest }, index) => ({
        path: root + path,
        ...digestOf(digest ?? unpacked[index]),
      })),
    };
  }

  /** Docker before 1.10: from one layer down to the one that has no parent. */
  #chain(root: string, top: V1Description): Stack {
    const parents = root.replace(/[^/]+\/$/, '');
    const layers: NamedLayer[] = [];
    const seen = new Set<string>();
    for (let at: V1Description | undefined = top; at !== undefined && !seen.has(at.id); ) {
      seen.add(at.id);
      layers.unshift({ path: `${parents}${at.id}/layer.tar` });
      const below: readonly Description[] = this.#documents.get(`${parents}${at.parent}/json`) ?? [];
      at = below.find((each) => each.type === 'v1');
    }
    return { names: [], layers };
  }
}

/** One layer, while it is read. Paths are without `.` and empty parts. */
export interface ImageLayer {
  note(path: string, folder: boolean): void;
  /** Right once the whole image was read. */
  placeOf(path: string): LayerPlace | undefined;
}

function digestOf(digest: string | undefined): { digest?: string } {
  return digest === undefined ? {} : { digest };
}

function nameOf([name]: readonly string[]): { image?: string } {
  return name === undefined ? {} : { image: name };
}
