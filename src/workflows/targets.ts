import type { Readable } from 'node:stream';
import { Budget, type BudgetLimits } from '../model/budget.js';
import { diagnostic } from '../model/diagnostic.js';
import type { Share } from '../model/share.js';
import { openTarget, whereOf } from '../sources/open.js';
import { removeStaleSpools } from '../sources/spool.js';
import { TargetError } from '../sources/target-error.js';
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
}

/**
 * Searches every target, all within one budget.
 * @param share the part of each target that is searched; all of it when absent.
 * @throws {TargetError} when not one of them can be opened; where some can, the others are listed as unscanned.
 */
export async function searchTargets(search: Search, request: TargetRequest, share?: Share): Promise<void> {
  const budget = new Budget(request.limits);
  removeStaleSpools();
  const failures: TargetError[] = [];
  for (const target of request.targets) {
    try {
      const source = await openTarget(target, {
        budget,
        history: request.history,
        screen: search,
        deep: request.deep ?? false,
        passwords: request.passwords ?? [],
        walk: { exclude: request.exclude },
        ...(share === undefined ? {} : { share }),
        ...(request.stdin === undefined ? {} : { stdin: request.stdin }),
      });
      await search.add(source, whereOf(target));
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      failures.push(error);
      if (share !== undefined && share.index > 0) continue;
      search.coverage.missed(diagnostic(whereOf(target), 'unreadable', error.message));
    }
  }
  if (failures.length === request.targets.length && (share?.index ?? 0) === 0) throw failures[0];
}
