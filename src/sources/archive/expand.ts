import { type Budget, BudgetExceeded } from '../../model/budget.js';
import { diagnostic } from '../../model/diagnostic.js';
import type { MemberProvenance, Provenance } from '../../model/provenance.js';
import type { Screen } from '../../model/screen.js';
import type { ByteStream, ScanItem, ScanUnit } from '../../model/source.js';
import { SourceFault } from '../../model/source.js';
import { Feed } from '../feed.js';
import type { RandomAccess } from '../file-tree.js';
import type { ScanState } from '../git/scan-state.js';
import { AccessStream, bytesAt } from '../random-access.js';
import type { Spool } from '../spool.js';
import type { Expansion } from './found.js';
import { FURTHER_IN, sniffFurtherIn } from './further-in.js';
import { Image, type ImageLayer, LONGEST_DOCUMENT } from './image.js';
import { normalPath } from './member-tree.js';
import { PACKED, readerOf } from './reader.js';
import {
  type ContainerFormat,
  isContainerByName,
  isNamedBrotli,
  isNamedPart,
  isOpaque,
  MAIL_HEAD,
  mayBeMail,
  mayEndInZip,
  SNIFF_LENGTH,
  sniff,
  sniffAround,
  sniffWhole,
} from './sniff.js';

/** How many members of one container may be bombs before the rest of it is given up. */
const BOMBS_BORNE = 4;
/** What arrives once and must be read at any place (to be carved, to see whether a zip is behind it) is held in memory up to this size. */
const HELD = 1024 * 1024;

/** What expansion needs to know; the same for all of a target. */
export interface ExpansionOptions {
  readonly budget: Budget;
  readonly spool: Spool;
  /** Whether git repositories inside containers are read, and not only their files. */
  readonly history: boolean;
  /** Whether compressed streams are looked for in all opaque bytes; inside containers they always are. */
  readonly deep?: boolean;
  /** Lets objects of a repository in which nothing is to be seen be passed over; inside containers, those of bundles. */
  readonly screen?: Screen;
  /** What earlier runs have scanned of repositories; not used inside containers. */
  readonly state?: ScanState;
  /** Tried on encrypted members. */
  readonly passwords?: readonly string[];
  /** The format of the container that the unit lies in, where it lies in one. */
  readonly inside?: ContainerFormat;
}

/**
 * A unit, and if it is a container, everything inside it instead, however deep. What can't be read is a diagnostic;
 * the bytes of a container that no member accounts for are searched as they are.
 * @param layer the layer of an image that the unit may be
 * @throws BudgetExceeded when the whole run's allowance is used up, or that of a container around this one
 */
export async function* expand(
  unit: ScanUnit,
  options: ExpansionOptions,
  layer?: ImageLayer,
): AsyncGenerator<ScanItem> {
  const { content, head } = await lookInto(unit.content, options);
  const format =
    formatOf(head, content, unit.provenance) ?? (wantsLooking(head, content, options) ? 'opaque' : undefined);
  const provenance = placeOf(unit.provenance, format, options);
  const opened = content === unit.content ? unit : withContent(unit, content);
  if (format === undefined) {
    yield opened;
    return;
  }
  const around = provenance === unit.provenance ? [] : ((unit.provenance as MemberProvenance).formats ?? []);
  const expansion = openContainer(format, options, { around, layer });
  if (expansion === undefined) {
    yield tooDeep(unit.provenance, options.budget);
    yield opened;
    return;
  }
  yield* readContainer({ ...opened, provenance }, format, expansion);
}

/** Whether a unit must go through {@link expand}: cheap, for the many that need not. */
export function mayExpand(unit: ScanUnit, options?: ExpansionOptions): boolean {
  if (unit.aspect === 'name') return false;
  if (!(unit.content instanceof Uint8Array)) return true;
  return mayExpandBytes('path' in unit.provenance ? unit.provenance.path : '', unit.content, options);
}

/** The same of what is in memory whole. @param path its name, as a report has it or as bytes in Latin-1 */
export function mayExpandBytes(path: string, bytes: Uint8Array, options?: ExpansionOptions): boolean {
  if (isContainerByName(path) || sniffWhole(bytes) !== undefined) return true;
  return options !== undefined && carves(options) && isOpaque(bytes);
}

/** Whether a file can be searched as it is, without {@link expand}. @param deep whether streams in opaque bytes are looked for */
export function isPlain(access: RandomAccess, where: Provenance, deep: boolean): boolean {
  const content = new AccessStream(access);
  const head = bytesAt(access, 0, MAIL_HEAD);
  return formatOf(head, content, where) === undefined && !(deep && isOpaque(head));
}

interface Depth {
  readonly deep?: boolean | undefined;
  readonly inside?: ContainerFormat | undefined;
}

function carves({ deep, inside }: Depth): boolean {
  // What was carved out is not carved again: nothing would end a stream in a stream in a stream.
  return inside !== 'opaque' && (deep === true || inside !== undefined);
}

/** Whether something may lie in bytes that are no container: compressed streams, or what shows at the end alone. */
function wantsLooking(
  head: Uint8Array,
  content: Uint8Array | ByteStream,
  options: ExpansionOptions,
): boolean {
  return isOpaque(head)
    ? carves(options) || content instanceof Feed
    : content instanceof Feed && mayEndInZip(head);
}

async function* readContainer(
  unit: ScanUnit,
  format: ContainerFormat,
  expansion: OpenContainer,
): AsyncGenerator<ScanItem> {
  const where = unit.provenance;
  try {
    for await (const found of readerOf(format, unit, expansion)) {
      if (found.type === 'exceeded') yield* expansion.bear(found.error, found.where);
      else if (found.type === 'item') yield inherit(found.item, unit);
      else if (mayExpand(found.unit, expansion) || concernsImage(found.unit)) {
        yield* readMember(inherit(found.unit, unit), format, expansion);
      } else yield inherit(found.unit, unit);
    }
  } catch (error) {
    if (error instanceof BudgetExceeded && !expansion.owns(error)) throw error;
    yield faultOf(error, where);
    if (unit.content instanceof Uint8Array || unit.content instanceof AccessStream) yield plain(unit);
  }
}

async function* readMember(
  member: ScanUnit,
  format: ContainerFormat,
  expansion: OpenContainer,
): AsyncGenerator<ScanItem> {
  const { provenance } = member;
  if (PACKED.has(format)) {
    yield* expandMember(member, expansion, expansion.layer);
  } else if (provenance.kind === 'member' && Image.concerns(provenance.path)) {
    const path = normalPath(Buffer.from(provenance.path));
    const unit = await described(member, path, expansion.image);
    yield* expandMember(unit, expansion, expansion.image.layerAt(path));
  } else yield* expandMember(member, expansion);
}

function concernsImage({ provenance }: ScanUnit): boolean {
  return provenance.kind === 'member' && Image.concerns(provenance.path);
}

/** The same for a file of a folder that may be an image; `path` is relative to that folder. */
export async function* expandPart(
  image: Image,
  path: string,
  file: ScanUnit,
  options: ExpansionOptions,
): AsyncGenerator<ScanItem> {
  const unit = await described(file, path, image);
  if (mayExpand(unit, options)) yield* expand(unit, options, image.layerAt(path));
  else yield unit;
}

/** Lets an image read what may describe it, and gives the unit with its content still in front. */
async function described(unit: ScanUnit, path: string, image: Image): Promise<ScanUnit> {
  if (!image.mayDescribe(path)) return unit;
  const { content } = unit;
  if (content instanceof Uint8Array) {
    image.read(path, content);
    return unit;
  }
  if (content instanceof AccessStream) {
    image.read(path, bytesAt(content.access, 0, LONGEST_DOCUMENT + 1));
    return unit;
  }
  const feed = new Feed(content);
  await feed.need(1);
  if (Image.mayBegin(feed.buffer[feed.start])) await feed.need(LONGEST_DOCUMENT + 1);
  image.read(path, feed.buffer.subarray(feed.start, feed.end));
  return withContent(unit, feed);
}

async function* expandMember(
  unit: ScanUnit,
  expansion: OpenContainer,
  layer?: ImageLayer,
): AsyncGenerator<ScanItem> {
  if (!mayExpand(unit, expansion)) {
    yield unit;
    return;
  }
  try {
    yield* expand(unit, expansion, layer);
  } catch (error) {
    if (error instanceof BudgetExceeded) yield* expansion.bear(error, unit.provenance);
    else yield faultOf(error, unit.provenance);
  }
}

/** One container that is being read. Bombs in it are counted: each is given up alone, until there are too many. */
class OpenContainer implements Expansion, ExpansionOptions {
  readonly spool: Spool;
  readonly history: boolean;
  readonly inside: ContainerFormat;
  readonly around: readonly string[];
  readonly layer: ImageLayer | undefined;
  #image: Image | undefined;
  readonly deep: boolean;
  /** Whether compressed streams are looked for in this, if it is opaque. */
  readonly carved: boolean;
  readonly passwords: readonly string[];
  readonly screen?: Screen;
  readonly #outer: Budget;
  budget: Budget;
  readonly #spent = new Set<Budget>();
  #bombs = 0;

  constructor(
    format: ContainerFormat,
    { budget, spool, history, deep = false, inside, passwords = [], screen }: ExpansionOptions,
    { around, layer }: Pick<Expansion, 'around' | 'layer'>,
  ) {
    this.around = around;
    this.layer = layer;
    this.carved = carves({ deep, inside });
    this.passwords = passwords;
    if (screen !== undefined) this.screen = screen;
    this.deep = deep;
    this.inside = format;
    this.spool = spool;
    this.history = history;
    this.#outer = budget;
    this.budget = budget.nested();
  }

  /** What its members may be together. */
  get image(): Image {
    this.#image ??= new Image();
    return this.#image;
  }

  /** Whether it was this container's allowance that was used up. */
  owns({ budget }: BudgetExceeded): boolean {
    return budget !== undefined && (budget === this.budget || this.#spent.has(budget));
  }

  /** Goes on after a member used up this container's ratio, with a fresh one. */
  *bear(error: BudgetExceeded, where: Provenance): Generator<ScanItem> {
    if (!this.owns(error) || this.#bombs === BOMBS_BORNE) throw error;
    // Who was in the middle of the same member may notice it once more.
    if (error.budget !== this.budget) return;
    this.#bombs += 1;
    this.#spent.add(this.budget);
    const { packed } = this.budget;
    this.budget = this.#outer.nested();
    this.budget.expand(0, packed);
    yield diagnostic(where, 'budget', `${error.message}: the rest of it was not scanned`);
  }
}

function openContainer(
  format: ContainerFormat,
  options: ExpansionOptions,
  place: Pick<Expansion, 'around' | 'layer'>,
): OpenContainer | undefined {
  try {
    return new OpenContainer(format, options, place);
  } catch (error) {
    if (error instanceof BudgetExceeded && error.limit === 'depth') return undefined;
    throw error;
  }
}

function tooDeep(where: Provenance, { limits }: Budget): ScanItem {
  const detail = `nested deeper than ${limits.depth} containers (--max-depth): its own bytes were scanned, what is inside was not`;
  return diagnostic(where, 'budget', detail);
}

/** A packed tar is one archive to everybody who makes or opens one: its members name it, not the tar in between. */
function placeOf(
  where: Provenance,
  format: ContainerFormat | undefined,
  { inside }: ExpansionOptions,
): Provenance {
  return format === 'tar' && inside !== undefined && PACKED.has(inside) && where.kind === 'member'
    ? where.container
    : where;
}

interface LookedInto {
  readonly content: Uint8Array | ByteStream;
  readonly head: Uint8Array;
}

/** The first bytes of a content, and the content with those bytes still in front. */
async function lookInto(content: Uint8Array | ByteStream, options: ExpansionOptions): Promise<LookedInto> {
  if (content instanceof Uint8Array) return { content, head: content };
  if (content instanceof AccessStream) {
    const head = bytesAt(content.access, 0, SNIFF_LENGTH);
    return { content, head: mayBeMail(head) ? bytesAt(content.access, 0, MAIL_HEAD) : head };
  }
  const feed = content instanceof Feed ? content : new Feed(content);
  await feed.need(SNIFF_LENGTH);
  const head = feed.buffer.subarray(feed.start, feed.end);
  // Disks tell what they are further in.
  if (isOpaque(head)) await feed.need(FURTHER_IN);
  if (mayBeMail(head)) await feed.need(MAIL_HEAD);
  if (!wantsLooking(headOf(feed), feed, options) || (await feed.need(HELD)))
    return { content: feed, head: headOf(feed) };
  const bytes = await feed.take(feed.available);
  return { content: bytes, head: bytes };
}

function headOf(feed: Feed): Uint8Array {
  return feed.buffer.subarray(feed.start, Math.min(feed.end, feed.start + MAIL_HEAD));
}

function formatOf(
  head: Uint8Array,
  content: Uint8Array | ByteStream,
  where: Provenance,
): ContainerFormat | undefined {
  if (isNamedPart(where)) return 'part';
  const format = sniff(head);
  if (format !== undefined) return format;
  if (isNamedBrotli(where)) return 'brotli';
  if (content instanceof Uint8Array) return sniffWhole(content);
  if (content instanceof Feed) return sniffFurtherIn(content.buffer.subarray(content.start, content.end));
  if (!(content instanceof AccessStream)) return undefined;
  return sniffAround(bytesAt(content.access, 0, FURTHER_IN), content.access);
}

/** What lies in a git object is attributed as the object is. */
function inherit<T extends ScanItem>(found: T, { attributor }: ScanUnit): T {
  if (attributor === undefined || found.type !== 'unit' || found.attributor !== undefined) return found;
  return { ...found, attributor };
}

/** Of a git object, spreading alone would lose the provenance, which it makes when asked. */
function withContent(unit: ScanUnit, content: ScanUnit['content']): ScanUnit {
  return { ...unit, provenance: unit.provenance, content };
}

function plain(unit: ScanUnit): ScanUnit {
  return unit.content instanceof AccessStream ? withContent(unit, unit.content.reopen()) : unit;
}

function faultOf(error: unknown, where: Provenance): ScanItem {
  if (error instanceof SourceFault) return error.diagnostic;
  if (error instanceof BudgetExceeded) {
    return diagnostic(where, 'budget', `${error.message}: the rest of it was not scanned`);
  }
  return diagnostic(
    where,
    'corrupt',
    `could not be read: ${error instanceof Error ? error.message : String(error)}`,
  );
}
