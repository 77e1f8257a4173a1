import type { Span } from './span.js';

/**
 * Where bytes came from. Provenance nests: a member of an archive names its container, a git object may name the
 * repository it was read from, and either may itself lie in a container. This is the `WHERE` of the JSON report.
 *
 * Paths are text for people. Bytes that are no UTF-8 stand in them as `\xNN` (see {@link textOfPath}).
 */
export type Provenance =
  | FileProvenance
  | StagedProvenance
  | CommitProvenance
  | ObjectProvenance
  | RefProvenance
  | StreamProvenance
  | MemberProvenance;

/** A file on disk, by the path the user can open. */
export interface FileProvenance {
  readonly kind: 'file';
  readonly path: string;
  /** Of a log that was followed, and under whose path several files stood one after the other: which of them, from 1. */
  readonly generation?: number;
  /** Of an archive that was cut into volumes, how many; the path is that of the volume by which it is opened. */
  readonly volumes?: number;
  /** Where that file lay in the end, where that is known. */
  readonly now_at?: string;
}

/** A blob in the index of a repository, by its path in the work tree. */
export interface StagedProvenance {
  readonly kind: 'staged';
  readonly path: string;
  readonly blob?: string;
  readonly repository?: Provenance;
}

/** A blob as a commit holds it. `author` and `date` (ISO 8601) are the commit's; `blob` and `commit` are object IDs in hex. */
export interface CommitProvenance {
  readonly kind: 'commit';
  readonly commit: string;
  readonly path: string;
  readonly blob: string;
  readonly author: string;
  readonly date: string;
  readonly reachable: boolean;
  /** The last commit that still holds the blob at this path. */
  readonly last?: { readonly commit: string; readonly author: string; readonly date: string };
  /** Whether the commit that HEAD names holds it. */
  readonly head?: boolean;
  readonly refs?: RefList;
  readonly held?: Holder;
  readonly repository?: Provenance;
}

/** The refs that lead to something: how many, and the names of some. */
export interface RefList {
  readonly total: number;
  readonly names: readonly string[];
}

/** What keeps something that no ref leads to: until that goes, git does not collect it. */
export type Holder = 'stash' | 'reflog' | 'index' | 'nothing';

/** An object of a git database that no commit gives a path: a message, a tag, a tree, or a blob nothing names. */
export interface ObjectProvenance {
  readonly kind: 'object';
  readonly object: string;
  readonly type: ObjectType;
  /** Whether a ref leads to it. Before attribution this is `false`: nothing has been walked yet. */
  readonly reachable: boolean;
  readonly refs?: RefList;
  readonly held?: Holder;
  readonly repository?: Provenance;
}

export type ObjectType = 'blob' | 'commit' | 'tag' | 'tree';

/** The name of a branch, tag or other ref; for a reflog, the ref it belongs to. */
export interface RefProvenance {
  readonly kind: 'ref';
  readonly name: string;
  readonly repository?: Provenance;
}

/** Bytes that arrive once: standard input is the stream named `-`. */
export interface StreamProvenance {
  readonly kind: 'stream';
  readonly name: string;
}

/** Something inside a container; `path` is the name that the container gives it. */
export interface MemberProvenance {
  readonly kind: 'member';
  readonly container: Provenance;
  readonly path: string;
  /**
   * How it lies in the container, outermost first: `gzip`, `tar`; `zip`, `deflate`. The last of a git folder is `folder`.
   * With it another person finds the way there.
   */
  readonly formats?: readonly string[];
  /** Where its bytes stand, packed as they are there: half-open, in bytes of what the format that holds it is read from. */
  readonly span?: Span;
  /** It was read with a password. */
  readonly encrypted?: true;
  /** Of an archive that was cut into volumes, how many; the path is that of the volume by which it is opened. */
  readonly volumes?: number;
  /** The layer of a container image that it lies in. */
  readonly layer?: LayerPlace;
}

/** One layer of an image, and what later layers do to a file of it: who runs the image does not see it, and yet it is there. */
export interface LayerPlace extends LayerName {
  /** How many layers the image has. */
  readonly layers: number;
  /** What the image is called. */
  readonly image?: string;
  /** The first layer that takes the file away, by itself or with a folder. */
  readonly deleted_by?: LayerName;
  /** The first layer that has another file in its place. */
  readonly replaced_by?: LayerName;
}

export interface LayerName {
  /** From 0, the lowest. */
  readonly index: number;
  readonly digest?: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A path's bytes as text: UTF-8 as it is; where it is not UTF-8, every byte over 0x7f as `\xNN`, so that nothing is lost. */
export function textOfPath(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    let text = '';
    for (const byte of bytes) text += byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`;
    return text;
  }
}

/** What `where` lies in: an archive, or the repository an object was read from. */
export function containerOf(where: Provenance): Provenance | undefined {
  switch (where.kind) {
    case 'member':
      return where.container;
    case 'file':
    case 'stream':
      return undefined;
    default:
      return where.repository;
  }
}

/** A place and all that it lies in, innermost first. */
export function containment(where: Provenance): Provenance[] {
  const places: Provenance[] = [];
  for (let at: Provenance | undefined = where; at !== undefined; at = containerOf(at)) places.push(at);
  return places;
}
