/** How a block is packed: the first three say nothing of themselves but, at most, how long they get. */
export type Codec =
  | 'snappy'
  | 'snappy frames'
  | 'lz4 block'
  | 'lzf'
  | 'pglz'
  | 'deflate'
  | 'zlib'
  | 'gzip'
  | 'zstd'
  | 'lz4'
  | 'xz'
  | 'bzip2'
  | 'brotli'
  | 'stored';

/** A stretch of a file that is packed by itself, as files of databases and logs are made of them. */
export interface Block {
  readonly start: number;
  readonly end: number;
  readonly codec: Codec;
  /** What it unpacks to, where that is written beside it: a promise that only bounds what is tried. */
  readonly size?: number;
  /** Its texts, each set off from the next, where nothing between them shows where one ends; `undefined` if they are not told. */
  readonly texts?: (content: Buffer) => Buffer | undefined;
  /** Whether they stand elsewhere then. */
  readonly isMoved?: true;
}

export type SizedBlock = Block & { readonly size: number };

/** Where the structure of a file of blocks does not hold, or is of a kind that is not read. */
export interface Break {
  readonly at: number;
  readonly detail: string;
  readonly isUnknown?: true;
  readonly isEncrypted?: true;
}

/** What a block unpacks to, as far as it is whole. */
export interface Unpacked {
  readonly content: Buffer;
  readonly problem?: string;
}
