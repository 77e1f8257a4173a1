import {
  type Detector,
  type LiteralHit,
  OVERLAP,
  type PackedPlace,
  type ScanSession,
} from '../detection/detector.js';
import { LONGEST } from '../detection/prefilter/disguise.js';
import { FindingSet } from '../findings/merge.js';
import { type Budget, BudgetExceeded } from '../model/budget.js';
import { type Diagnostic, diagnostic } from '../model/diagnostic.js';
import type { Finding } from '../model/finding.js';
import type { Match } from '../model/match.js';
import type { ObjectType, Provenance } from '../model/provenance.js';
import type { Screen } from '../model/screen.js';
import type { Part } from '../model/share.js';
import type { Attributor, ByteStream, ScanItem, ScanUnit, Source } from '../model/source.js';
import { SourceFault } from '../model/source.js';
import type { Objects, ScanState } from '../sources/git/scan-state.js';
import { MemoryAccess } from '../sources/random-access.js';
import { Coverage, type CoverageSummary } from './coverage.js';
import { KnownLiterals } from './known-literals.js';
import { Opener, type TextReading, textOf } from './opener.js';
import { SearchFindings } from './search-findings.js';
import { mayTell, ToldTexts, withToldTexts } from './told-texts.js';

/** What a search found and what it could not read. */
export interface SearchResult {
  readonly findings: readonly Finding[];
  readonly coverage: Coverage;
}

/** A search under way: sources go in one after the other, and `result()` says where everything lies. */
export class Search implements Screen {
  readonly coverage = new Coverage();
  readonly findings = new SearchFindings();
  readonly longest = LONGEST;
  /** What is remembered of repositories, where a run was asked to. */
  state: ScanState | undefined;
  /** Told after each thing that was searched, and while a long one is. */
  onUnit: () => void = () => {};
  readonly #detector: Detector;
  readonly #sources: Source[] = [];
  readonly #endings: (() => void)[] = [];
  readonly #afterwards: (() => void)[] = [];
  readonly #watched: Float64Array[] = [];
  readonly #literals: KnownLiterals;
  #opener: Opener;

  constructor(detector: Detector) {
    this.#detector = detector;
    this.#literals = new KnownLiterals(detector);
    this.#opener = new Opener(detector);
  }

  /** What opening things that are packed and written as text may cost, and which passwords are tried on them. */
  allow(budget: Budget, passwords: readonly string[] = []): void {
    this.#opener.close();
    this.#opener = new Opener(this.#detector, budget, passwords);
  }

  /** Searches everything that `source` yields. What fails is listed under `where`; what was found before it counts. */
  async add(source: Source, where: Provenance): Promise<void> {
    this.#sources.push(source);
    try {
      for await (const item of source.units()) {
        const searching = this.#search(item, this.#opener);
        if (searching !== undefined) await searching;
      }
    } catch (error) {
      this.coverage.missed(faultOf(error, where));
    }
  }

  /** Searches one thing; at once, unless it has to be waited for. */
  #search(item: ScanItem, opener: Opener): Promise<void> | undefined {
    if (item.type === 'diagnostic') this.coverage.missed(item);
    else if (item.content instanceof Uint8Array) return this.#searchBytes(item, item.content, opener);
    else if (item.part !== undefined) return this.#searchPart(item, item.content, item.part, opener);
    else return this.#searchStream(item, item.content, opener);
    return undefined;
  }

  suspects(bytes: Uint8Array): readonly number[] {
    return this.#detector.find(bytes).map(({ at }) => at);
  }

  get image(): Uint8Array | undefined {
    return this.#detector.image;
  }

  get room(): Uint8Array {
    return this.#detector.room;
  }

  suspectsInRoom(length: number): readonly number[] {
    return this.#detector.findInRoom(length).map(({ at }) => at);
  }

  passed(type: ObjectType | 'file', count: number, bytes: number): void {
    this.coverage.passed(type, count, bytes);
    this.onUnit();
  }

  attributable(repository: Provenance, attributor: Attributor): void {
    this.findings.attributable(repository, attributor);
  }

  /** Adds what another thread found, and what it searched. */
  absorb(
    findings: readonly Finding[],
    searched: CoverageSummary,
    held: ReadonlyMap<string, Objects> = new Map(),
  ): void {
    this.findings.absorb(findings, held);
    this.coverage.absorb(searched);
  }

  /** Something to be done when everything is attributed, or when the search fails before. */
  atEnd(step: () => void): void {
    this.#endings.push(step);
  }

  /** Something to be done when everything is attributed, and only then. */
  whenAttributed(step: () => void): void {
    this.#afterwards.push(step);
  }

  /** Frees what is kept until everything is attributed: the search has failed. */
  close(): void {
    for (const source of this.#sources.splice(0)) source.close?.();
    for (const step of this.#endings.splice(0)) step();
    this.#opener.close();
  }

  /** Counters of another thread, for {@link progress}: bytes, units, findings. */
  watch(counters: Float64Array): void {
    this.#watched.push(counters);
  }

  /** What was done so far, by all threads. */
  get progress(): { bytes: number; units: number; findings: number } {
    const sum = (index: number) => this.#watched.reduce((total, counters) => total + counters[index]!, 0);
    return {
      bytes: this.coverage.bytes + sum(0),
      units: this.coverage.units + sum(1),
      findings: Math.max(this.findings.size, sum(2)),
    };
  }

  async result(): Promise<SearchResult> {
    return this.#end(await this.findings.all());
  }

  /**
   * What was found by this search alone, but for parts of files; ends it. Where objects of repositories lie that other
   * threads read, too, is left to the one that absorbs this.
   */
  async share(): Promise<SearchResult> {
    return this.#end(await this.findings.share());
  }

  #end(findings: readonly Finding[]): SearchResult {
    for (const step of this.#afterwards.splice(0)) step();
    this.close();
    return { findings, coverage: this.coverage };
  }

  #searchBytes(unit: ScanUnit, bytes: Uint8Array, opener: Opener): Promise<void> | undefined {
    const hits = this.#literals.hitsIn(unit, bytes);
    if (hits.length > 0) this.findings.add(unit, this.#matchesIn(bytes, hits));
    this.coverage.searched(unit, bytes.length);
    this.onUnit();
    const packed = hits.length > 0 ? this.#detector.packed(hits) : [];
    return packed.length > 0 ? this.#open(unit, packed, opener, textOf(bytes)!) : undefined;
  }

  /** Searches what is packed and written as text. */
  async #open(
    unit: ScanUnit,
    places: readonly PackedPlace[],
    opener: Opener,
    reading: Omit<TextReading, 'stream'>,
  ): Promise<void> {
    for await (const opened of opener.open(reading, places, unit)) {
      const searching = this.#search(opened.item, opened.opener);
      if (searching !== undefined) await searching;
    }
  }

  async #searchStream(unit: ScanUnit, stream: ByteStream, opener: Opener): Promise<void> {
    const session = this.#detector.session();
    const reading = opener.reading(stream, unit, session);
    const texts = new ToldTexts(this.#detector, (matches) => this.findings.add(unit, matches));
    await this.#drain(unit, reading, session, opener, (matches) => texts.add(matches, session));
    texts.end(session.end(), stream);
    await this.#openIn(unit, session, opener, reading);
    stream.close();
    this.coverage.searched(unit, 0);
  }

  async #openIn(unit: ScanUnit, session: ScanSession, opener: Opener, reading: TextReading): Promise<void> {
    const places = session.packed();
    if (places.length === 0) return;
    try {
      await this.#open(unit, places, opener, reading);
    } catch (error) {
      this.coverage.missed(faultOf(error, unit.provenance));
    }
  }

  /** Searches one part of a file: the lines before it are known when all parts are. */
  async #searchPart(
    unit: ScanUnit,
    stream: ByteStream,
    { read, from, isLast }: Part,
    opener: Opener,
  ): Promise<void> {
    const skip = from - read.start;
    const session = this.#detector.session({ at: read.start, skip });
    const found = new FindingSet();
    const reading = opener.reading(stream, unit, session);
    const texts = new ToldTexts(this.#detector, (matches) => found.add(unit.provenance, matches), stream);
    const total = await this.#drain(unit, reading, session, opener, (matches) => texts.add(matches, session));
    // What the next part has been asked to find is not searched here; if the file has become shorter, nobody else will.
    const isEnd = isLast || total < read.end - read.start;
    texts.end(isEnd ? session.end() : [], stream);
    if (!isEnd) session.park();
    await this.#openIn(unit, session, opener, reading);
    stream.close();
    const end = Math.min(read.start + total, isLast ? read.end : read.end - OVERLAP.after);
    this.coverage.searched(unit, Math.max(0, end - from) - total, from === 0);
    const path = JSON.stringify(unit.provenance);
    this.findings.parts.push({
      path,
      start: read.start,
      passed: session.passed(),
      findings: found.findings(),
    });
  }

  /** Reads a stream to its end or to where it fails. Gives the bytes read. */
  async #drain(
    unit: ScanUnit,
    reading: TextReading,
    session: ScanSession,
    opener: Opener,
    found: (matches: Match[]) => void,
  ): Promise<number> {
    let total = 0;
    try {
      for (;;) {
        const count = reading.stream.read(session.window());
        const length = typeof count === 'number' ? count : await count;
        if (length === 0) break;
        total += length;
        this.coverage.bytes += length;
        this.onUnit();
        found(session.commit(length));
        await this.#openIn(unit, session, opener, reading);
      }
    } catch (error) {
      this.coverage.missed(faultOf(error, unit.provenance));
    }
    return total;
  }

  /** What stands at the hits in bytes that are a thing as a whole. */
  #matchesIn(bytes: Uint8Array, hits: readonly LiteralHit[]): readonly Match[] {
    const matches = this.#detector.matches(bytes, hits);
    if (matches.length === 0 || !mayTell(bytes)) return matches;
    return withToldTexts(matches, new MemoryAccess(bytes), this.#detector);
  }
}

/** A failure as something that was not scanned: nothing that a source throws may end the search of the others. */
function faultOf(error: unknown, where: Provenance): Diagnostic {
  if (error instanceof SourceFault) return error.diagnostic;
  if (error instanceof BudgetExceeded) return diagnostic(where, 'budget', error.message);
  return diagnostic(where, 'unreadable', error instanceof Error ? error.message : String(error));
}
