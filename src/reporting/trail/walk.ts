import type {
  CommitProvenance,
  FileProvenance,
  MemberProvenance,
  ObjectProvenance,
  Provenance,
  StagedProvenance,
} from '../../model/provenance.js';
import type { Span } from '../../model/span.js';
import { volumesCounted } from '../../model/volume-names.js';
import { type Bytes, piped } from './bytes.js';
import { rebuiltBy } from './rebuilding.js';
import { isLiteral, isTypeable, pattern, quoted, word } from './shell.js';
import { isPacking, unpacked } from './unpacking.js';

/** What is on disk where the walk begins. */
export interface Ground {
  /** Whether the path is that of a folder. */
  isFolder(path: string): boolean;
}

/** What unzip unpacks. */
const UNZIPS = new Set(['stored', 'deflate', 'bzip2']);
/** What only 7z unpacks. */
const SEVEN_ZIPS = new Set(['deflate64', 'lzma', 'shrink', 'implode', 'ppmd']);

/** What is built on something else than its container alone. */
const BUILT: ReadonlyMap<string, string> = new Map([
  [
    'bazaar',
    'The place is counted in the text as it was: look for it in what bzr fast-export prints of the repository',
  ],
  ['delta', 'The place is counted in what a delta adds to its base: look for it in the whole object'],
  [
    'svndiff',
    'The place is counted in the text as it was: look for it in what svnadmin dump prints of the repository',
  ],
]);

/**
 * The commands that lead through containers to bytes, with programs that every responder has. What needs a file (unzip,
 * 7z, git) gets one in a private folder `$T`, under a name of ours.
 */
export class Walk {
  readonly commands: string[] = [];
  readonly notes = new Set<string>();
  readonly #ground: Ground;
  readonly #byName: boolean;
  #kept = 0;

  /** @param byName whether members are asked for by their names, where they can be; else by where their bytes stand. */
  constructor(ground: Ground, byName: boolean) {
    this.#ground = ground;
    this.#byName = byName;
  }

  /** The bytes of a thing. */
  contentOf(where: Provenance): Bytes {
    switch (where.kind) {
      case 'file':
        return this.#file(where);
      case 'stream':
        this.notes.add('What was piped in was not kept: put it into a file, and its path into INPUT');
        return { file: '"$INPUT"' };
      case 'member':
        return this.#member(where);
      case 'ref':
        return { command: this.#namesOf(where.repository) };
      default:
        return this.#object(where);
    }
  }

  /** Everything that is said of a thing beside its bytes: what its container holds of names. */
  namesAround(where: Provenance): Bytes {
    if (where.kind === 'file') return { command: `ls -la ${this.#pathOf(folderOf(where.path))}` };
    if (where.kind === 'ref') return { command: this.#namesOf(where.repository) };
    if (where.kind !== 'member') return this.contentOf(where);
    const { around, format } = layersOf(where);
    const archive = unpacked(this.contentOf(where.container), around);
    if (this.#isAlien(format)) return { command: `7z l -slt${typed(format)} -- ${this.fileOf(archive)}` };
    return archive;
  }

  /** The bytes as a file; what a command prints is kept in the private folder. */
  fileOf(bytes: Bytes): string {
    if ('file' in bytes) return bytes.file;
    const file = `"$T/${++this.#kept}"`;
    this.commands.push(`${bytes.command} > ${file}`);
    return file;
  }

  /** What was cut into pieces is put together; of a RAR each volume has a head of its own, and its program finds the next. */
  #file({ path, volumes = 1 }: FileProvenance): Bytes {
    const cut = volumes > 1 ? volumesCounted(path, volumes) : undefined;
    if (cut === undefined || cut.kind === 'rar') return { file: this.#pathOf(path) };
    return { command: `cat ${cut.names.map((name) => this.#pathOf(name)).join(' ')}` };
  }

  #pathOf(path: string): string {
    if (isTypeable(path)) return word(path);
    this.notes.add(
      'The path cannot be printed here (it holds a token, or what cannot be typed): put it into FILE',
    );
    return '"$FILE"';
  }

  #member(where: MemberProvenance): Bytes {
    if (where.volumes !== undefined) {
      this.notes.add(
        'It was cut into volumes: unpack all of them into one folder, put them together (cat, zip -s 0), and the path of the whole into FILE',
      );
      return { file: '"$FILE"' };
    }
    if (where.formats?.[0] === 'lfs') return { file: this.#pathOf(where.path) };
    const { around, format, packing } = layersOf(where);
    const archive = unpacked(this.contentOf(where.container), around);
    if (packing === 'pdf pages') {
      this.notes.add(
        'The place is counted in what its fonts say their codes stand for: look for it in this text',
      );
      return { command: piped(archive, 'pdftotext - -') };
    }
    if (packing?.startsWith(COLUMN) === true && where.span !== undefined) {
      this.notes.add('The place is counted in the values of the column, each with a line end behind it');
      const codec = packing.slice(COLUMN.length).trim();
      return unpacked({ command: this.#slice(archive, where.span) }, codec === '' ? [] : [codec]);
    }
    if (isPacking(format)) return unpacked(archive, [format]);
    const { path, span, encrypted } = where;
    const artifact = /^artifact (\d+)$/.exec(path)?.[1];
    if (format === 'fossil' && artifact !== undefined) {
      return { command: `fossil artifact -R ${this.fileOf(archive)} rid:${artifact}` };
    }
    const built = BUILT.get(format);
    if (built !== undefined) {
      this.notes.add(built);
      return archive;
    }
    if (this.#isAlien(format) || encrypted === true || SEVEN_ZIPS.has(packing ?? '')) {
      if (encrypted === true) this.notes.add('It is encrypted: 7z asks for the password');
      const name = HOLDS_ONE.has(format) ? '' : ` ${quoted(pattern(path))}`;
      const file = isCutZip(where) ? this.#pathOf(where.container.path) : this.fileOf(archive);
      return { command: `7z x -so${typed(format)} -- ${file}${name}` };
    }
    if (this.#byName && format === 'tar' && isLiteral(path)) {
      return { command: piped(archive, `tar -xOf - -- ${quoted(path)}`) };
    }
    if (
      this.#byName &&
      format === 'zip' &&
      !isCutZip(where) &&
      UNZIPS.has(packing ?? '') &&
      isLiteral(path)
    ) {
      return { command: `unzip -p ${this.fileOf(archive)} ${quoted(path)}` };
    }
    if (span === undefined) {
      this.notes.add(`The report does not say where ${format} keeps it: scan it again with this version`);
      return archive;
    }
    const rebuilt = rebuiltBy(packing, span);
    if (rebuilt !== undefined) return { command: piped(archive, rebuilt) };
    const slice = { command: this.#slice(archive, span) };
    return packing === undefined ? slice : unpacked(slice, [packing]);
  }

  #slice(archive: Bytes, { start, end }: Span): string {
    return piped(archive, `tail -c +${start + 1} | head -c ${end - start}`);
  }

  /** Whether 7-Zip reads the format, and not a program of its own. */
  #isAlien(format: string): boolean {
    return !PACKS_EACH.has(format) && format !== 'tar' && !isPacking(format);
  }

  #object(where: CommitProvenance | ObjectProvenance | StagedProvenance): Bytes {
    const id = where.kind === 'object' ? where.object : (where.blob ?? `:${where.path}`);
    const type = where.kind === 'object' ? where.type : 'blob';
    const store = this.#objectsOf(where.repository, id);
    return { command: `${store} git --git-dir="$T/git" cat-file ${type} ${quoted(id)}`.trimStart() };
  }

  /**
   * A repository without anybody's settings, and where the objects lie. What the scanned one configures is never read:
   * git would run it.
   */
  #objectsOf(repository: Provenance | undefined, id: string): string {
    const format = id.length === 64 ? ' --object-format=sha256' : '';
    this.commands.push(`git init -q --bare${format} "$T/git"`);
    if (repository === undefined) return 'GIT_OBJECT_DIRECTORY=.git/objects';
    if (this.#isGitFolder(repository)) {
      return `GIT_NO_LAZY_FETCH=1 GIT_OBJECT_DIRECTORY=${this.#folder(repository, 'objects')}`;
    }
    const file = this.fileOf(this.contentOf(repository));
    // The report does not tell a bundle from a pack, and git takes either for itself alone.
    this.commands.push(
      `{ git --git-dir="$T/git" bundle unbundle ${file} || git --git-dir="$T/git" unpack-objects -r -q < ${file}; } > /dev/null 2>&1 || :`,
    );
    return '';
  }

  #isGitFolder(repository: Provenance): boolean {
    if (repository.kind === 'file') return this.#ground.isFolder(repository.path);
    return repository.kind === 'member' && repository.formats?.at(-1) === 'folder';
  }

  /** A part of a git folder, as a folder that is there; what lies in a container is unpacked into the private one. */
  #folder(repository: Provenance, part: string): string {
    if (repository.kind === 'file') return this.#pathOf(`${repository.path}/${part}`);
    if (repository.kind !== 'member') return '"$FILE"';
    const { around, format } = layersOf({ ...repository, formats: repository.formats?.slice(0, -1) ?? [] });
    const archive = unpacked(this.contentOf(repository.container), around);
    const path = repository.path === '' ? part : `${repository.path}/${part}`;
    const to = `"$T/${++this.#kept}"`;
    if (format === 'tar') {
      // Whoever made the tar may have begun every name with `./`; the other spelling is not there.
      const both = `${quoted(path)} ${quoted(`./${path}`)}`;
      this.commands.push(
        `mkdir ${to}`,
        `${piped(archive, `tar -xf - -C ${to} -- ${both}`)} 2>/dev/null || :`,
      );
    } else if (format === 'zip') {
      this.commands.push(`unzip -q -o ${this.fileOf(archive)} ${quoted(`*${pattern(path)}/*`)} -d ${to}`);
    } else {
      this.commands.push(
        `7z x -y -bd${typed(format)} -o${to} -- ${this.fileOf(archive)} ${quoted(pattern(path))} > /dev/null`,
      );
    }
    if (!isTypeable(path)) this.notes.add('The name of the folder cannot be printed: look for it in $T');
    return `${to}/${quoted(path)}`;
  }

  /** The names of refs, and what reflogs say. */
  #namesOf(repository: Provenance | undefined): string {
    if (repository === undefined) return 'find .git/refs .git/logs';
    if (!this.#isGitFolder(repository)) return piped(this.contentOf(repository), 'head -c 65536');
    const folders = ['refs', 'logs', 'packed-refs'].map((part) => this.#folder(repository, part)).join(' ');
    return `{ find ${folders}; find ${folders} -type f -exec cat {} +; } 2>/dev/null`;
  }
}

/** Of a zip in volumes offsets count from where each begins: put together as they are, unzip does not find its members. */
function isCutZip(where: MemberProvenance): where is MemberProvenance & { container: FileProvenance } {
  const { container, formats } = where;
  return container.kind === 'file' && container.volumes !== undefined && formats?.[0] === 'zip';
}

/** Told what it is, 7z opens an archive alone, and not what it takes for the main part of it: as the scan did. */
function typed(format: string): string {
  if (format === 'rar' || format === 'zip' || format === 'unknown') return '';
  return ` -t${format === 'szdd' ? 'mslz' : format}`;
}

interface Layers {
  /** What has to be unpacked before the archive that the member lies in can be read. */
  readonly around: readonly string[];
  readonly format: string;
  /** How the member itself is packed, where its archive packs each alone. */
  readonly packing: string | undefined;
}

/** Values of Arrow and Parquet, as they are or packed. */
const COLUMN = 'column';
/** Formats that hold one content, which 7z names by the file it lies in. */
const HOLDS_ONE = new Set(['szdd', 'qcow', 'vhd', 'vhdx', 'vdi', 'vmdk']);
const PACKS_EACH = new Set(['zip', 'local header', 'mail', 'stream']);

function layersOf({ formats = [] }: MemberProvenance): Layers {
  const at = formats.findIndex((format) => PACKS_EACH.has(format));
  if (at >= 0) return { around: formats.slice(0, at), format: formats[at]!, packing: formats[at + 1] };
  return { around: formats.slice(0, -1), format: formats.at(-1) ?? 'unknown', packing: undefined };
}

function folderOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at < 0 ? '.' : path.slice(0, at) || '/';
}
