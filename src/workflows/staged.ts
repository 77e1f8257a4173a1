import { Budget, type BudgetLimits } from '../model/budget.js';
import { Spool } from '../sources/spool.js';
import { openStaged, type StagedRequest } from '../sources/staged.js';
import type { Search } from './search.js';

export type { StagedRequest };

/** Searches what is staged, blob by blob. */
export async function searchStaged(
  search: Search,
  request: StagedRequest,
  limits: Partial<BudgetLimits>,
): Promise<void> {
  const budget = new Budget(limits);
  search.allow(budget);
  const source = openStaged(request, { budget, history: true, spool: new Spool(budget.limits.memory) });
  await search.add(source, { kind: 'file', path: request.directory });
}
