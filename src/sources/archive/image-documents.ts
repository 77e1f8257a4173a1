/** One layer as an image's description names it. */
export interface NamedLayer {
  /** Where it lies, relative to the description's root. */
  readonly path: string;
  /** `sha256:…`, of the layer as it is stored, or where only that is known, as it unpacks. */
  readonly digest?: string;
}

/** What a description says. Paths are relative to the root of the layout. */
export type Description =
  /** An image by its layers, the lowest first. */
  | {
      readonly type: 'image';
      readonly layers: readonly NamedLayer[];
      readonly config?: string;
      readonly names: readonly string[];
    }
  /** A list of further descriptions. */
  | {
      readonly type: 'index';
      readonly entries: readonly { readonly path: string; readonly names: readonly string[] }[];
    }
  /** The digests of what the layers unpack to. */
  | { readonly type: 'config'; readonly unpacked: readonly string[] }
  /** Docker before 1.10: a layer knows its parent. */
  | { readonly type: 'v1'; readonly id: string; readonly parent: string | undefined };

/** How many layers an image is believed to have. */
const MOST_LAYERS = 4096;

/**
 * What a JSON document says of an image: Docker's `manifest.json` and `<id>/json` (moby image spec v1.2), and the index,
 * manifest and configuration of OCI (image-spec 1.1) and Docker 2.2. Nothing for any other.
 */
export function describe(text: string): readonly Description[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  if (Array.isArray(value)) return value.slice(0, MOST_LAYERS).flatMap(ofDocker);
  if (!isRecord(value)) return [];
  if (Array.isArray(value.manifests)) {
    const entries = value.manifests.slice(0, MOST_LAYERS).flatMap((each) => {
      const path = blobOf(each);
      return path === undefined ? [] : [{ path, names: nameOf(each) }];
    });
    return [{ type: 'index', entries }];
  }
  if (Array.isArray(value.layers)) {
    const layers = value.layers.slice(0, MOST_LAYERS).flatMap((each): NamedLayer[] => {
      const path = blobOf(each);
      return path === undefined ? [] : [{ path, digest: (each as { digest: string }).digest }];
    });
    return [{ type: 'image', layers, names: [] }];
  }
  if (isRecord(value.rootfs) && isTexts(value.rootfs.diff_ids)) {
    return [{ type: 'config', unpacked: value.rootfs.diff_ids.slice(0, MOST_LAYERS) }];
  }
  if (typeof value.id === 'string' && /^[0-9a-f]{64}$/.test(value.id)) {
    return [
      { type: 'v1', id: value.id, parent: typeof value.parent === 'string' ? value.parent : undefined },
    ];
  }
  return [];
}

function ofDocker(value: unknown): Description[] {
  if (!isRecord(value) || !isTexts(value.Layers)) return [];
  const layers = value.Layers.slice(0, MOST_LAYERS).map((path) => ({ path, ...digestIn(path) }));
  const names = isTexts(value.RepoTags) ? value.RepoTags : [];
  return [
    { type: 'image', layers, names, ...(typeof value.Config === 'string' ? { config: value.Config } : {}) },
  ];
}

/** A layer that lies under its digest, as Docker saves them since version 25. */
function digestIn(path: string): { digest?: string } {
  const [, algorithm, hex] = /^blobs\/(sha256|sha512)\/([0-9a-f]+)$/.exec(path) ?? [];
  return hex === undefined ? {} : { digest: `${algorithm}:${hex}` };
}

/** Where the blob lies that a descriptor names. */
function blobOf(descriptor: unknown): string | undefined {
  if (!isRecord(descriptor) || typeof descriptor.digest !== 'string') return undefined;
  const [, algorithm, hex] = /^([a-z0-9+._-]+):([0-9a-f]+)$/.exec(descriptor.digest) ?? [];
  return hex === undefined ? undefined : `blobs/${algorithm}/${hex}`;
}

function nameOf(descriptor: unknown): string[] {
  const annotations = isRecord(descriptor) ? descriptor.annotations : undefined;
  if (!isRecord(annotations)) return [];
  const name = annotations['io.containerd.image.name'] ?? annotations['org.opencontainers.image.ref.name'];
  return typeof name === 'string' ? [name] : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
