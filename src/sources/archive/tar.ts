import { type Provenance, textOfPath } from '../../model/provenance.js';
import type { ByteStream, ScanUnit } from '../../model/source.js';
import type { Span } from '../../model/span.js';
import { Feed } from '../feed.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, WindowAccess } from '../random-access.js';
import { pin } from '../spool.js';
import { BodyStream } from './body-stream.js';
import {
  type Expansion,
  type Found,
  inLayer,
  item,
  member,
  missed,
  names,
  placeIn,
  SHORTEST_NAME,
} from './found.js';
import { MemberTree, normalPath } from './member-tree.js';
import { Repositories } from './repositories.js';
import { GapStream } from './tar-gap.js';
import { BLOCK, isTarHeader, paxRecords, readTarHeader, type TarHeader } from './tar-header.js';

/** Long names and pax headers beyond this are read as if they were files: nobody needs a name of a megabyte. */
const LONGEST_META = 1024 * 1024;
/** A member of no more bytes is handed on whole: most are small, and reading each as a file of its own takes a third as long again. */
const SMALL = 32 * 1024;
const ZEROS = Buffer.alloc(BLOCK);
/** Types whose size says nothing of data behind the header: links, devices, folders, pipes. */
const BODILESS = /^[1-6]$/;

/**
 * Reads a tar in any dialect (v7, ustar, GNU, pax) in one pass: headers as names, members as units. Sparse files are
 * searched as they are stored, without their holes. After damage it goes on at the next header that can be read.
 */
export async function* readTar(
  stream: ByteStream,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  yield* new TarReader(stream, where, expansion).read();
}

class TarReader {
  readonly #feed: Feed;
  readonly #where: Provenance;
  readonly #expansion: Expansion;
  readonly #formats: readonly string[];
  readonly #tree: MemberTree;
  readonly #repositories: Repositories;
  /** Members that look like a repository's database: shown unless they are read as one. */
  readonly #deferred: { readonly path: string; readonly unit: ScanUnit }[] = [];
  /** From long-name and pax headers, for the next member. */
  #longName: string | undefined;
  #longSize: number | undefined;
  #metaText = '';
  #announces = false;
  /** Whether zeros came behind the last member, or it was told where the tar is cut off. */
  #isEnded = false;
  #lastFolder = '';

  constructor(stream: ByteStream, where: Provenance, expansion: Expansion) {
    this.#feed = stream instanceof Feed ? stream : new Feed(stream);
    this.#where = where;
    this.#expansion = expansion;
    this.#formats = [...expansion.around, 'tar'];
    this.#tree = new MemberTree(where, this.#formats, expansion.layer);
    this.#repositories = new Repositories(this.#tree, expansion);
  }

  async *read(): AsyncGenerator<Found> {
    for (;;) {
      if (!(await this.#feed.need(BLOCK))) break;
      const block = this.#feed.buffer.subarray(this.#feed.start, this.#feed.start + BLOCK);
      if (isTarHeader(block)) {
        const header = readTarHeader(block);
        this.#feed.start += BLOCK;
        this.#expansion.budget.expand(0, BLOCK);
        this.#isEnded = false;
        yield* this.#entry(header);
      } else if (isBlank(block)) {
        this.#isEnded = true;
        this.#feed.start += BLOCK;
      } else {
        yield* this.#gap();
      }
    }
    if (this.#feed.available > 0) yield* this.#gap();
    yield* this.#announced();
    if (!this.#isEnded) yield this.#unended();
    this.#repositories.settle();
    // Of several members of one path, the repository has the last.
    const last = new Map(this.#deferred.map(({ path, unit }) => [path, unit]));
    for (const { path, unit } of this.#deferred) {
      if (!this.#repositories.owns(path) || last.get(path) !== unit) yield member(unit);
    }
    yield* this.#repositories.read();
  }

  async *#entry(header: TarHeader): AsyncGenerator<Found> {
    if ('LKxgX'.includes(header.type) && header.size <= LONGEST_META) {
      yield* this.#meta(header);
      return;
    }
    this.#expansion.budget.entry();
    const name = this.#longName ?? header.name;
    const size = this.#longSize ?? header.size;
    const bytes = latin1(name);
    const path = textOfPath(bytes);
    const plain = normalPath(bytes);
    this.#expansion.layer?.note(plain, header.type === '5');
    yield* this.#names(header, name, this.#placeOf(path, plain));
    this.#longName = this.#longSize = undefined;
    this.#metaText = '';
    this.#announces = false;
    if (header.extended) await this.#skipSparseMap();
    if (size === 0 || (BODILESS.test(header.type) && (await this.#headerFollows()))) return;
    const start = this.#feed.position;
    yield* this.#body(plain, size, this.#placeOf(path, plain, { start, end: start + size }));
  }

  #placeOf(path: string, plain: string, span?: Span): Provenance {
    return inLayer(placeIn(this.#where, path, this.#formats, span), this.#expansion.layer, plain);
  }

  /** What headers said of a member that never came. */
  *#announced(): Generator<Found> {
    if (!this.#announces) return;
    this.#isEnded = true;
    const text = `${this.#longName ?? ''}\n${this.#metaText}`;
    yield names(this.#where, latin1(text));
    const at = this.#feed.position;
    yield missed(
      this.#where,
      'corrupt',
      `the tar ends at byte ${at}, after a header that announces a member`,
    );
  }

  /** A long name or pax records: they belong to the next member. */
  async *#meta(header: TarHeader): AsyncGenerator<Found> {
    const body = Buffer.from(await this.#feed.take(header.size));
    this.#expansion.budget.expand(0, body.length);
    await this.#feed.skip(padding(header.size));
    this.#announces = header.type !== 'g';
    if (header.type === 'L') this.#longName = body.toString('latin1').replace(/\0.*$/s, '');
    else if (header.type === 'K') this.#metaText += `${body.toString('latin1')}\n`;
    else {
      const records = paxRecords(body);
      if (header.type !== 'g') {
        this.#longName = records.get('GNU.sparse.name') ?? records.get('path') ?? this.#longName;
        const size = Number(records.get('size') ?? Number.NaN);
        if (Number.isSafeInteger(size) && size >= 0) this.#longSize = size;
      }
      for (const [key, value] of records) if (key !== 'path') this.#metaText += `${key}=${value}\n`;
    }
    if (body.length < header.size) yield this.#cutOff(this.#where);
  }

  /** Everything that headers say in words. A folder's name is searched with the first member in it. */
  *#names(header: TarHeader, name: string, where: Provenance): Generator<Found> {
    const slash = name.lastIndexOf('/', name.length - 2);
    const folder = name.slice(0, slash + 1);
    const shown = folder === this.#lastFolder ? name.slice(slash + 1) : name;
    this.#lastFolder = folder;
    const text = [shown, header.link, header.owner, this.#metaText]
      .filter((part) => part.length >= SHORTEST_NAME)
      .join('\n');
    if (text !== '') yield names(where, latin1(text));
  }

  async *#body(path: string, size: number, where: Provenance): AsyncGenerator<Found> {
    const start = this.#feed.position;
    const whole = size <= SMALL && !this.#repositories.wants(path) && (await this.#feed.need(size));
    if (whole) {
      const content = Buffer.from(await this.#feed.take(size));
      this.#expansion.budget.expand(0, size);
      yield member({ type: 'unit', provenance: where, content });
      yield* this.#padding(padding(size), where);
      return;
    }
    const access = this.#repositories.wants(path) ? await this.#keep(path, size) : this.#window(size);
    if (access === undefined) {
      const body = this.#bodyOf(size);
      yield member({ type: 'unit', provenance: where, content: body });
      await body.finish();
    } else {
      if (this.#feed.access !== undefined) this.#expansion.budget.expand(0, access.size);
      const unit: ScanUnit = { type: 'unit', provenance: where, content: new AccessStream(access) };
      if (this.#repositories.mayOwn(path)) this.#deferred.push({ path, unit });
      else yield member(unit);
      // What was kept was read; a window into the file has to be passed over.
      await this.#feed.skip(start + size - this.#feed.position);
    }
    if (this.#feed.position - start < size) yield this.#cutOff(where);
    yield* this.#padding(padding(size), where);
  }

  /** The room up to the next block: kept empty, but not by everybody. */
  async *#padding(length: number, where: Provenance): AsyncGenerator<Found> {
    const bytes = await this.#feed.take(length);
    if (bytes.length >= SHORTEST_NAME && !isBlank(bytes)) yield names(where, Buffer.from(bytes));
  }

  /** What is in it counts as it passes: a member that is packed itself is measured by that. */
  #bodyOf(size: number): BodyStream {
    return new BodyStream(this.#feed, size, (count) => this.#expansion.budget.expand(0, count));
  }

  #window(size: number): RandomAccess | undefined {
    const { access, position } = this.#feed;
    return access === undefined ? undefined : new WindowAccess(access, position, size);
  }

  /** Makes a member readable until the repositories are read, and later by their attributors. */
  async #keep(path: string, size: number): Promise<RandomAccess> {
    const { spool } = this.#expansion;
    const kept = pin(this.#window(size) ?? (await spool.keep(this.#bodyOf(size))), spool);
    this.#tree.add(path, () => kept);
    return kept;
  }

  /** Blocks that are no header: searched as they are, up to the next header. */
  async *#gap(): AsyncGenerator<Found> {
    this.#isEnded = true;
    const at = this.#feed.position;
    const gap = new GapStream(this.#feed);
    yield missed(
      this.#where,
      'corrupt',
      `damaged at byte ${at}: no tar header where one is due. The bytes up to the next header were scanned as they are`,
    );
    yield item({ type: 'unit', provenance: this.#where, content: gap });
    await gap.finish();
  }

  #cutOff(where: Provenance): Found {
    this.#isEnded = true;
    const at = this.#feed.position;
    return missed(
      where,
      'corrupt',
      `the tar is cut off at byte ${at}, in the middle of this. What came before was scanned`,
    );
  }

  /** Cut between two members, a tar is as whole as that of a writer who leaves its end out. */
  #unended(): Found {
    const at = this.#feed.position;
    const detail = `the tar ends at byte ${at} without the zeros that end one: it may be cut short. What came before was scanned`;
    return missed(this.#where, 'corrupt', detail);
  }

  /** Some writers give a size to what has no data, some give data to links: the next block tells. */
  async #headerFollows(): Promise<boolean> {
    if (!(await this.#feed.need(BLOCK))) return true;
    const block = this.#feed.buffer.subarray(this.#feed.start, this.#feed.start + BLOCK);
    return isTarHeader(block) || isBlank(block);
  }

  async #skipSparseMap(): Promise<void> {
    let more = true;
    while (more) {
      const block = await this.#feed.take(BLOCK);
      more = block.length === BLOCK && block[504] === 1;
    }
  }
}

function isBlank(block: Uint8Array): boolean {
  return ZEROS.compare(block, 0, block.length, 0, block.length) === 0;
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
