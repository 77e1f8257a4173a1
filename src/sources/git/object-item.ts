import { BudgetExceeded } from '../../model/budget.js';
import { type DiagnosticReason, diagnostic } from '../../model/diagnostic.js';
import type { ObjectType } from '../../model/provenance.js';
import { type ScanItem, SourceFault } from '../../model/source.js';
import { DeltaFault } from './delta.js';
import type { StoredObject } from './object-cache.js';
import { additionUnit, ObjectUnit, objectWhere } from './object-unit.js';
import type { ReaderOptions } from './reader-options.js';

/**
 * One object by its ID, or what kept it from being read. Nothing, where it isn't here.
 *
 * @param type what it is expected to be.
 * @returns it, where it could be read whole.
 */
export function* objectItem(
  id: string,
  type: ObjectType,
  {
    database,
    budget,
    where,
    attributor,
  }: Pick<ReaderOptions, 'database' | 'budget' | 'where' | 'attributor'>,
): Generator<ScanItem, StoredObject | undefined> {
  let object: StoredObject | undefined;
  try {
    object = database.read(id);
  } catch (error) {
    if (error instanceof BudgetExceeded) throw error;
    const large = database.large(id);
    if (large === undefined) {
      const detail = error instanceof Error ? error.message : String(error);
      yield diagnostic(objectWhere(id, type, where), reasonOf(error), detail);
      const added = database.additions(id);
      if (added !== undefined) yield additionUnit(added, () => id, type, { where, attributor });
      return undefined;
    }
    budget.entry();
    const content = large.stream(budget, objectWhere(id, large.type, where));
    yield new ObjectUnit(content, () => id, large.type, where, attributor);
    large.close();
    return undefined;
  }
  if (object === undefined) return undefined;
  budget.entry();
  budget.expand(object.bytes.length, object.bytes.length);
  yield new ObjectUnit(object.bytes, () => id, object.type, where, attributor);
  return object;
}

/** Why an object could not be read. */
export function reasonOf(error: unknown): DiagnosticReason {
  if (error instanceof SourceFault) return error.diagnostic.reason;
  return error instanceof DeltaFault ? error.reason : 'corrupt';
}
