/** What is read by our own code, by formats that hold one content, and by formats that hold many. */
export type ContainerFormat =
  | 'zip'
  | 'gzip'
  | 'tar'
  | 'lz4'
  | 'brotli'
  | 'bundle'
  | 'pack'
  | 'mail'
  | 'opaque'
  | 'streams'
  | 'blocks'
  | 'pg_dump'
  | 'asar'
  | 'snappy'
  | 'lzip'
  | 'zstd'
  | 'compress'
  | 'embedded'
  | 'unread'
  | 'part'
  | 'sqlite'
  | PackedFormat
  | ArchiveFormat;
/** What 7-Zip unpacks. */
export type PackedFormat = 'xz' | 'bzip2' | 'lzma';
export type ArchiveFormat = Archive | Disk;
type Archive =
  | '7z'
  | 'rar'
  | 'cab'
  | 'iso'
  | 'udf'
  | 'cpio'
  | 'ar'
  | 'rpm'
  | 'xar'
  | 'arj'
  | 'lzh'
  | 'wim'
  | 'chm'
  | 'compound'
  | 'szdd'
  | 'nsis';
type Disk =
  | 'squashfs'
  | 'cramfs'
  | 'ext'
  | 'ntfs'
  | 'fat'
  | 'hfs'
  | 'gpt'
  | 'dmg'
  | 'vhd'
  | 'vhdx'
  | 'vdi'
  | 'vmdk'
  | 'qcow';
