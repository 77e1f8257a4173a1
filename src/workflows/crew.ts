import { Worker } from 'node:worker_threads';
import { OVERLAP } from '../detection/detector.js';
import { type Parcel, unpack } from '../findings/parcel.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { LeftOut, UnitCounts } from '../model/report.js';
import type { Share } from '../model/share.js';
import { cloneUrl, isRepositoryUrl } from '../sources/clone.js';
import type { Objects } from '../sources/git/scan-state.js';
import { BOARD } from '../sources/git/shared-pack.js';
import { leave, WORK } from '../sources/shared-work.js';
import { weigh } from '../sources/weigh.js';

import { crewSize, type Threads } from './crew-size.js';
import type { SearchedPart } from './file-parts.js';
import type { Search } from './search.js';
import { searchTargets, stateOf, type TargetRequest } from './targets.js';
import { FLAGS_FOR, type Load } from './thread-flags.js';

/** What a thread is told when it starts. */
export interface CrewTask {
  readonly request: Omit<TargetRequest, 'stdin'>;
  readonly share: Share;
  /** Of V8, to be set when the thread is loaded. */
  readonly flags: readonly string[];
  /** Bytes, units and findings so far, for the thread that shows progress. */
  readonly counters: Float64Array;
}

/** What a thread found, when it is done. */
export interface CrewResult {
  readonly findings: readonly Parcel[];
  readonly parts: readonly (Omit<SearchedPart, 'findings'> & { readonly findings: readonly Parcel[] })[];
  readonly bytes: number;
  readonly units: UnitCounts;
  readonly leftOut: LeftOut;
  readonly unscanned: readonly Diagnostic[];
  /** Objects in which something was found, by the path of their repository. */
  readonly held: ReadonlyMap<string, Objects>;
}

/** What a thread runs: it is built beside the program and beside the library. */
const PROGRAM = new URL('./search-thread.cjs', import.meta.url);

/** Below this, one thread is done before a second has started. */
const WORTH = { files: 4_000, packed: 8 * 1024 ** 2 };

/**
 * Searches targets with as many threads as the work is worth and as are allowed. Each thread reads its own part of the
 * folders and repositories; what is one stream of bytes is read by this thread. A thread that dies costs time only: its
 * part is searched again here.
 */
export async function searchWithCrew(search: Search, asked: TargetRequest, threads: Threads): Promise<void> {
  const clones = await cloned(search, asked);
  const request = { ...asked, clones };
  const remembers = asked.state !== undefined && !stateOf(asked.state, asked.onBrokenState).isEmpty;
  const { of, long, load } = remembers ? ALONE : weighed(request, threads);
  const divided = of > 1 && long.size > 0 ? { divided: { lengths: long, overlap: OVERLAP } } : {};
  const boards = of > 1 ? { board: new SharedArrayBuffer(BOARD), work: new SharedArrayBuffer(WORK) } : {};
  const others = Array.from({ length: of - 1 }, (_, at) =>
    hire(request, { index: at + 1, of, ...divided, ...boards }, load, search),
  );
  await searchTargets(search, request, { index: 0, of, ...divided, ...boards });
  for (const { share, result } of others) {
    const found = await result;
    if (found === undefined) await searchTargets(search, request, { ...share, again: true });
    else {
      search.absorb(found.findings.map(unpack), found, found.held);
      for (const part of found.parts)
        search.findings.parts.push({ ...part, findings: part.findings.map(unpack) });
    }
  }
  search.whenAttributed(() => remember(search, asked));
}

/** Keeps what was scanned, once it is known where what was found lies. */
function remember(search: Search, asked: TargetRequest): void {
  if (search.state === undefined) return;
  if (search.state.damaged) asked.onBrokenState?.('its lists of objects do not match their digests');
  const kept = search.state.next({
    held: search.findings.held,
    unscanned: search.coverage.unscanned,
    isHarmless: (text) => search.suspects(Buffer.from(text)).length === 0,
  });
  if (kept !== undefined) asked.keepState?.(kept);
}

/** Clones the URLs among the targets; what was cloned is kept until everything is attributed. */
async function cloned(
  search: Search,
  { targets, environment = {} }: TargetRequest,
): Promise<Record<string, string>> {
  const clones: Record<string, string> = {};
  for (const target of targets.filter(isRepositoryUrl)) {
    const clone = await cloneUrl(target, environment);
    search.atEnd(() => clone.remove());
    clones[target] = clone.folder;
  }
  return clones;
}

interface Hired {
  readonly share: Share;
  /** Undefined when the thread died. */
  readonly result: Promise<CrewResult | undefined>;
}

function hire(request: TargetRequest, share: Share, load: Load, search: Search): Hired {
  const counters = new Float64Array(new SharedArrayBuffer(3 * 8));
  search.watch(counters);
  const result = new Promise<CrewResult | undefined>((resolve) => {
    const gone = () => {
      if (share.work !== undefined) leave(share.work, share.index);
      resolve(undefined);
    };
    try {
      const workerData: CrewTask = {
        request: withoutStreams(request),
        share,
        flags: [FLAGS_FOR[load]],
        counters,
      };
      const worker = new Worker(PROGRAM, { workerData });
      worker.once('message', resolve);
      worker.once('error', gone);
      worker.once('exit', gone);
    } catch {
      gone();
    }
  });
  return { share, result };
}

/** What another thread can be told: every field of the request but the stream, which stays here. */
function withoutStreams({
  targets,
  history,
  limits,
  exclude,
  simd = true,
  deep = false,
  passwords = [],
  clones = {},
  state,
}: TargetRequest): Omit<TargetRequest, 'stdin'> {
  const remembered = state === undefined ? {} : { state };
  return { targets, history, limits, exclude, simd, deep, passwords, clones, ...remembered };
}

interface Weighed {
  /** How many threads the work is divided among. */
  readonly of: number;
  readonly load: Load;
  /** Files to be divided, and their lengths. */
  readonly long: ReadonlyMap<string, number>;
}

const ALONE: Weighed = { of: 1, load: 'files', long: new Map() };

/** A range is one walk: it is not divided. */
function weighed(
  { targets, history, range, clones, deep = false }: TargetRequest,
  threads: Threads,
): Weighed {
  if (threads === 1 || range !== undefined) return ALONE;
  const weights = targets
    .filter((target) => target !== '-')
    .map((target) => weigh(clones?.[target] ?? target, WORTH, deep));
  const long = new Map(weights.flatMap((weight) => [...weight.long]));
  const isPacked = history && weights.some(({ packed }) => packed > WORTH.packed);
  const areMany = weights.some(({ files }) => files > WORTH.files);
  if (!isPacked && !areMany && long.size === 0) return ALONE;
  const indexed = history ? Math.max(...weights.map((weight) => weight.indexed)) : 0;
  const of = crewSize(threads, indexed);
  return of === 1 ? ALONE : { of, load: isPacked ? 'packs' : 'files', long };
}
