import { BudgetExceeded } from '../../model/budget.js';
import { type Provenance, textOfPath } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { pin } from '../spool.js';
import {
  type Expansion,
  type Found,
  faultFound,
  item,
  member,
  missed,
  placeIn,
  SHORTEST_NAME,
} from './found.js';
import { MaskedStream } from './masked-stream.js';
import { MemberTree, normalPath } from './member-tree.js';
import { Ranges } from './ranges.js';
import { Repositories } from './repositories.js';
import { damageOf, isWhole } from './zip-check.js';
import { AES, type Decrypted } from './zip-decrypt.js';
import { directoryEntries, findDirectory, type ZipDirectory, type ZipEntry } from './zip-directory.js';
import { extentOf, nextLocalHeader } from './zip-local-headers.js';
import {
  canRead,
  DESCRIPTOR,
  ENCRYPTED,
  methodName,
  openMember,
  opensWhole,
  openWhole,
  packedFile,
  readingsOf,
  readLocalHeader,
  STORED,
  type Unpacked,
  unpackFile,
  unpackWhole,
  type ZipReading,
} from './zip-member.js';
import { decrypted } from './zip-passwords.js';

const WRONG_OR_DAMAGED =
  'a password passes the one-byte check of this encryption, but the content fails its checksum: the password is wrong, or the member is damaged';
/** What stands behind a name or a comment: the mark of the next record or field, whose letters belong to no text. */
const SEAM = 4;

/**
 * Reads a zip (PKWARE APPNOTE 6.3): the members that its directory names, then those that stand in the file without
 * being named (of a lost directory, deleted, or hidden), then the file itself with everything that is no member's data.
 */
export async function* readZip(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  // Members may overlap; so what all of them together unpack to is measured by the file, counted once.
  expansion.budget.expand(0, access.size);
  yield* new ZipReader(access, where, expansion).read();
}

class ZipReader {
  readonly #where: Provenance;
  readonly #expansion: Expansion;
  readonly #tree: MemberTree;
  readonly #repositories: Repositories;
  /** Of repositories, what has to be decrypted, or unpacked by a decoder that makes its reader wait. */
  readonly #packed = new Map<string, () => ZipReading | undefined>();
  /** Of repositories, what is read as a member too: it could not be opened, is damaged, or another has its path. */
  readonly #alone = new Set<string>();
  /** What members and the directory are known to take up. */
  readonly #explained = new Ranges();
  /** Stored data that was searched under the member's name, and what would be taken for more of a name or a comment. */
  readonly #shown = new Ranges();
  #access: RandomAccess;

  constructor(access: RandomAccess, where: Provenance, expansion: Expansion) {
    this.#access = access;
    this.#where = where;
    this.#expansion = expansion;
    this.#tree = new MemberTree(where, ['zip']);
    this.#repositories = new Repositories(this.#tree, expansion);
  }

  async *read(): AsyncGenerator<Found> {
    const directory = findDirectory(this.#access);
    if (directory === undefined) {
      const detail =
        'the zip has no directory, it may be cut off: members were looked for by their own headers';
      yield missed(this.#where, 'corrupt', `damaged at byte ${this.#access.size}: ${detail}`);
    } else {
      for (const entry of directoryEntries(this.#access, directory)) {
        this.#collect(entry, () => readingsOf(this.#access, entry)[0]);
      }
      await this.#unpackForRepositories();
      yield* this.#directoryMembers(directory);
      this.#explained.add(directory.start, directory.end);
    }
    for (const { start, end } of this.#explained.gaps(this.#access.size))
      yield* this.#unnamedMembers(start, end);
    yield item({
      type: 'unit',
      provenance: this.#where,
      content: new MaskedStream(this.#access, this.#shown.spans()),
    });
    await this.#unpackForRepositories();
    yield* this.#repositories.read();
  }

  /** Remembers what belongs to a git repository, to be read as one. */
  #collect(
    claims: Pick<ZipReading, 'name' | 'flags' | 'method'>,
    reading: () => ZipReading | undefined,
  ): void {
    const path = normalPath(claims.name);
    if (!this.#repositories.wants(path)) return;
    this.#access = pin(this.#access, this.#expansion.spool);
    const where = this.#tree.whereOf(path);
    if (this.#tree.has(path)) this.#alone.add(path);
    if (!opensWhole(claims)) this.#packed.set(path, reading);
    this.#tree.add(path, () => openWhole(this.#access, reading(), where, this.#expansion));
  }

  /** Unpacks of the repositories what can't be opened when it is asked for. What can't be unpacked is a member alone. */
  async #unpackForRepositories(): Promise<void> {
    this.#repositories.settle();
    for (const [path, readingOf] of this.#packed) {
      const content = this.#repositories.has(path) ? await this.#unpacked(path, readingOf()) : undefined;
      if (content === undefined) this.#tree.remove(path);
      else this.#tree.add(path, () => content);
    }
    if (this.#packed.size > 0) this.#repositories.settle();
    this.#packed.clear();
  }

  /** As much as there is of it, but nothing that a wrong password may have made. */
  async #unpacked(path: string, reading: ZipReading | undefined): Promise<RandomAccess | undefined> {
    try {
      const unpacked =
        reading === undefined ? undefined : await this.#whole(reading, this.#tree.whereOf(path));
      if (unpacked?.whole !== true) this.#alone.add(path);
      return unpacked?.content;
    } catch {
      // Who reads it as a member will meet the same, and tell.
      this.#alone.add(path);
      return undefined;
    }
  }

  async #whole(reading: ZipReading, where: Provenance): Promise<Unpacked | undefined> {
    if ((reading.flags & ENCRYPTED) === 0)
      return canRead(reading) ? unpackWhole(this.#access, reading, where, this.#expansion) : undefined;
    const clear = await decrypted(this.#access, reading, this.#expansion, this.#where);
    if (clear === undefined) return undefined;
    const isRight = canRead(clear.reading) && (await isWhole(clear, this.#expansion, this.#where));
    const unpacked = isRight
      ? await unpackWhole(clear.access, clear.reading, where, this.#expansion)
      : undefined;
    if (clear.reading.method !== STORED) clear.access.close();
    return unpacked?.whole === true ? unpacked : undefined;
  }

  async *#directoryMembers(directory: ZipDirectory): AsyncGenerator<Found> {
    const entries = directoryEntries(this.#access, directory);
    let next = entries.next();
    for (; next.done !== true; next = entries.next()) yield* this.#directoryMember(next.value);
    if (next.value !== undefined) yield faultFound(this.#where, next.value);
  }

  async *#directoryMember(entry: ZipEntry): AsyncGenerator<Found> {
    this.#expansion.budget.entry();
    for (const seam of entry.seams) this.#shown.add(seam, seam + SEAM);
    const readings = readingsOf(this.#access, entry);
    if (readings.length === 0) {
      yield missed(this.#whereOf(entry.name), 'corrupt', whyNoMember(entry));
    }
    for (const reading of readings) {
      this.#explained.add(entry.header, reading.data);
      yield* this.#member(reading);
    }
  }

  /** @returns where its data ends, if it was read to an end that its checksum confirms. */
  async *#member(reading: ZipReading, found = 'zip'): AsyncGenerator<Found, number | undefined> {
    const where = this.#placeOf(reading, found);
    if (reading.name.length >= SHORTEST_NAME) this.#shown.add(reading.nameEnd, reading.nameEnd + SEAM);
    if (this.#repositories.areThere && this.#isOfRepository(normalPath(reading.name))) {
      const end = reading.data + reading.packed;
      if (reading.method === STORED) this.#shown.add(reading.data, end);
      return end;
    }
    if (reading.flags & ENCRYPTED) {
      const clear = await decrypted(this.#access, reading, this.#expansion, this.#where);
      if (clear !== undefined) return yield* this.#decrypted(clear, where, reading.method !== AES);
      yield missed(
        where,
        'encrypted',
        'the member is encrypted: give its password (--password-file), or unpack it and scan the result',
      );
      return undefined;
    }
    if (!canRead(reading)) {
      const detail = `packed by method ${reading.method}, which is not read: unpack it and scan the result`;
      yield missed(where, 'unsupported', detail);
      return undefined;
    }
    if (reading.packed === 0) return reading.data;
    try {
      const end = yield* this.#content(reading, where);
      if (end !== undefined) this.#explained.add(reading.data, end);
      return end;
    } catch (error) {
      if (!(error instanceof BudgetExceeded) || error.limit !== 'ratio') throw error;
      yield { type: 'exceeded', error, where };
      return undefined;
    }
  }

  #isOfRepository(path: string): boolean {
    return this.#repositories.owns(path) && !this.#alone.has(path);
  }

  /** @param guessed whether a wrong password may have passed for the right one, as it may with ZipCrypto. */
  async *#decrypted(
    { access, reading }: Decrypted,
    where: Provenance,
    guessed: boolean,
  ): AsyncGenerator<Found, undefined> {
    for await (const found of this.#content(reading, where, access))
      yield guessed && saysCorrupt(found) ? missed(where, 'encrypted', WRONG_OR_DAMAGED) : found;
    access.close();
  }

  async *#content(
    reading: ZipReading,
    where: Provenance,
    access = this.#access,
  ): AsyncGenerator<Found, number | undefined> {
    const file = packedFile(access, reading);
    if (file !== undefined) return yield* unpackFile(file, reading, where, this.#expansion);
    const content = openMember(access, reading, this.#expansion.budget);
    const unpacked = 'bytes' in content ? content.bytes : content.stream;
    yield member({ type: 'unit', provenance: where, content: unpacked });
    if (reading.method === STORED && access === this.#access)
      this.#shown.add(reading.data, reading.data + reading.packed);
    if ('bytes' in content) return reading.data + content.consumed;
    const damage = await damageOf(content.stream, reading, access.size);
    if (damage === undefined) return reading.data + content.stream.consumed;
    yield damage instanceof BudgetExceeded || 'at' in damage
      ? faultFound(where, damage)
      : missed(where, 'corrupt', damage.detail);
    return undefined;
  }

  /** Local headers in a part of the file that nothing explains. */
  async *#unnamedMembers(from: number, end: number): AsyncGenerator<Found> {
    let position = nextLocalHeader(this.#access, from, end);
    while (position !== undefined) {
      const header = readLocalHeader(this.#access, position);
      const behind = header === undefined ? position + 4 : yield* this.#unnamedMember(header);
      position = nextLocalHeader(this.#access, behind, end);
    }
  }

  /** @returns where to look for the next one: inside this one's data unless that is sure to be its data. */
  async *#unnamedMember(header: ZipReading): AsyncGenerator<Found, number> {
    this.#expansion.budget.entry();
    const unknownSize = (header.flags & DESCRIPTOR) !== 0 && header.packed === 0;
    const reading = unknownSize ? { ...header, packed: extentOf(this.#access, header.data) } : header;
    this.#collect(reading, () => reading);
    return (yield* this.#member(reading, 'local header')) ?? reading.data;
  }

  #whereOf(name: Buffer): Provenance {
    return placeIn(this.#where, textOfPath(name), ['zip']);
  }

  /** @param found what names it: the directory of the zip, or its own header alone. */
  #placeOf({ name, method, flags, data, packed }: ZipReading, found: string): Provenance {
    const span = { start: data, end: Math.min(data + packed, this.#access.size) };
    const place = placeIn(this.#where, textOfPath(name), [found, methodName(method)], span);
    return flags & ENCRYPTED ? { ...place, encrypted: true } : place;
  }
}

function whyNoMember({ header, missingVolume }: ZipEntry): string {
  return missingVolume === undefined
    ? `the directory says it begins at byte ${header}, where no member begins`
    : `it lies in volume ${missingVolume} of the zip, which is not among what was scanned: put all volumes into one folder and scan again`;
}

function saysCorrupt(found: Found): boolean {
  return found.type === 'item' && found.item.type === 'diagnostic' && found.item.reason === 'corrupt';
}
