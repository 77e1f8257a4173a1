import type { Readable } from 'node:stream';
import { Budget, type BudgetLimits } from '../model/budget.js';
import { diagnostic } from '../model/diagnostic.js';
import type { Share } from '../model/share.js';
import type { Source } from '../model/source.js';
import { openClone, targetName } from '../sources/clone.js';
import { BrokenState, ScanState } from '../sources/git/scan-state.js';
import { openTarget, whereOf } from '../sources/open.js';
import { openRange, type Range } from '../sources/range.js';
import { removeStaleSpools, Spool } from '../sources/spool.js';
import { TargetError } from '../sources/target-error.js';
import { withoutFurtherVolumes } from '../sources/volumes.js';
import type { Search } from './search.js';

/** What is searched, and how far. */
export interface TargetRequest {
  readonly targets: readonly string[];
  /** Whether git databases are read, and not only files. */
  readonly history: boolean;
  readonly limits: Partial<BudgetLimits>;
  /** `false` searches without WebAssembly SIMD. */
  readonly simd?: boolean;
  /** Globs of paths that are left out. */
  readonly exclude: readonly string[];
  /** Look for compressed streams in every opaque file, and not only in those inside archives. */
  readonly deep?: boolean;
  /** Tried on what is encrypted. */
  readonly passwords?: readonly string[];
  readonly stdin?: Readable;
  /** Only what these commits bring in, of the repository that each target belongs to. */
  readonly range?: Range;
  /** Remembers from run to run what was scanned of repositories. */
  readonly state?: StateFile;
  /** Told why the state file counts for nothing. */
  readonly onBrokenState?: (why: string) => void;
  /** Keeps a new content of the state file. */
  readonly keepState?: (bytes: Uint8Array) => void;
  /** What git may take from to clone a URL: where it is found, how a server is reached. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The folders that URLs among the targets were cloned into. */
  readonly clones?: Readonly<Record<string, string>>;
}

/** Where what was scanned is remembered, and for which rules and options that counts. */
export interface StateFile {
  readonly file: string;
  readonly key: string;
}

/**
 * Searches every target, all within one budget.
 * @param share the part of each target that is searched; all of it when absent.
 * @throws {TargetError} when not one of them can be opened; where some can, the others are listed as unscanned.
 */
export async function searchTargets(search: Search, request: TargetRequest, share?: Share): Promise<void> {
  const budget = new Budget(request.limits);
  removeStaleSpools();
  search.allow(budget, request.passwords);
  const state = request.state === undefined ? undefined : stateOf(request.state);
  if (state !== undefined && (share?.index ?? 0) === 0) search.state = state;
  const failures: TargetError[] = [];
  for (const target of withoutFurtherVolumes(request.targets)) {
    try {
      const source = await open(target, search, request, budget, share, state);
      if (source !== undefined) await search.add(source, whereOf(targetName(target)));
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      failures.push(error);
      if (share !== undefined && share.index > 0) continue;
      search.coverage.missed(diagnostic(whereOf(target), 'unreadable', error.message));
    }
  }
  if (failures.length === request.targets.length && (share?.index ?? 0) === 0) throw failures[0];
}

/** What a thread reads of a target; nothing, where it is another's. */
async function open(
  target: string,
  search: Search,
  { history, exclude, stdin, range, clones, deep = false, passwords = [] }: TargetRequest,
  budget: Budget,
  share: Share | undefined,
  state: ScanState | undefined,
): Promise<Source | undefined> {
  const clone = clones?.[target];
  const remembered = state === undefined ? {} : { state };
  const options = { budget, history, deep, passwords, screen: search, ...remembered };
  const repository = () => ({ ...options, history: true, spool: new Spool(budget.limits.memory) });
  if (range !== undefined) {
    return (share?.index ?? 0) === 0 ? openRange(clone ?? target, range, repository()) : undefined;
  }
  if (clone !== undefined) return openClone(clone, target, repository(), share);
  return openTarget(target, {
    ...options,
    walk: { exclude, onLeftOut: (kind) => search.coverage.leaveOut(kind) },
    ...(share === undefined ? {} : { share }),
    ...(stdin === undefined ? {} : { stdin }),
  });
}

/** A file that is broken counts for nothing: who asked for it is told when it is opened first. */
export function stateOf({ file, key }: StateFile, onBroken?: (why: string) => void): ScanState {
  try {
    return ScanState.open(file, key);
  } catch (error) {
    if (!(error instanceof BrokenState)) throw error;
    onBroken?.(error.message);
    return new ScanState(key);
  }
}
