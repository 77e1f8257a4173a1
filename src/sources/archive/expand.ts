import { type Budget, BudgetExceeded } from '../../model/budget.js';
import { diagnostic } from '../../model/diagnostic.js';
import type { MemberProvenance, Provenance } from '../../model/provenance.js';
import type { ScanItem, ScanUnit } from '../../model/source.js';
import { SourceFault } from '../../model/source.js';
import { Feed } from '../feed.js';
import { AccessStream, bytesAt } from '../random-access.js';
import type { ContainerFormat } from './container-format.js';
import { diagnosticOf } from './decoded-stream.js';
import type { ExpansionOptions } from './expansion-options.js';
import { Image, type ImageLayer, LONGEST_DOCUMENT } from './image.js';
import { formatOf, lookInto, mayExpand, wantsLooking } from './look-into.js';
import { normalPath } from './member-tree.js';
import { type OpenContainer, openContainer } from './open-container.js';
import { PACKED, readerOf } from './reader.js';

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

async function* readContainer(
  unit: ScanUnit,
  format: ContainerFormat,
  expansion: OpenContainer,
): AsyncGenerator<ScanItem> {
  try {
    for await (const found of readerOf(format, unit, expansion)) {
      if (found.type === 'exceeded') yield* expansion.bear(found.error, found.where);
      else if (found.type === 'item') yield inherit(found.item, unit);
      else if (expansion.volumes.wants(found.unit)) await expansion.volumes.keep(inherit(found.unit, unit));
      else if (mayExpand(found.unit, expansion) || concernsImage(found.unit)) {
        yield* readMember(inherit(found.unit, unit), format, expansion);
      } else yield inherit(found.unit, unit);
    }
  } catch (error) {
    yield faultWithin(error, unit, expansion);
    if (unit.content instanceof Uint8Array || unit.content instanceof AccessStream) yield plain(unit);
  }
  try {
    for (const kept of expansion.volumes.units()) yield* expandMember(kept, expansion);
  } catch (error) {
    yield faultWithin(error, unit, expansion);
  }
}

/** What broke a container off. @throws BudgetExceeded when it is the allowance of what is around it that was used up */
function faultWithin(error: unknown, { provenance }: ScanUnit, expansion: OpenContainer): ScanItem {
  if (error instanceof BudgetExceeded && !expansion.owns(error)) throw error;
  return faultOf(error, provenance);
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
  if (error instanceof BudgetExceeded) return diagnosticOf(where, error);
  return diagnostic(
    where,
    'corrupt',
    `could not be read: ${error instanceof Error ? error.message : String(error)}`,
  );
}
