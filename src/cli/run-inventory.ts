import type { TokenRecord } from '../model/token.js';
import { type Exposure, inventory } from '../reporting/inventory.js';
import type { InventoryOptions } from './inventory.js';
import { readReport } from './saved-report.js';
import { connect, credential } from './service.js';
import { table } from './table.js';

/** Exit code 1 when a token that has leaked is alive, 0 when none is. */
export async function runInventory(files: readonly string[], options: InventoryOptions): Promise<number> {
  const reports = files.map(readReport);
  const records = options.list ? await listed() : undefined;
  const { leaked, ...rest } = inventory(reports, records);
  process.stdout.write(
    options.format === 'json'
      ? `${JSON.stringify({ schema: rest.schema, leaked, not_leaked: rest.not_leaked }, null, 2)}\n`
      : table(
          ['TOKEN', 'STATE', 'USER', 'ISSUED', 'COMMITTED', 'LAST USED', 'FOUND', 'DEAD', 'NOTE'],
          leaked.map((each) => [
            each.redacted,
            each.state.replaceAll('_', ' '),
            each.user_identifier ?? '',
            each.issued_at ?? '',
            each.first_committed_at ?? '',
            each.last_used_at ?? '',
            each.first_found_at,
            each.dead_at ?? '',
            noteOf(each),
          ]),
        ),
  );
  if (options.format === 'table' && rest.not_leaked !== undefined) {
    const more = rest.not_leaked.length;
    process.stdout.write(`${more} more active token${more === 1 ? '' : 's'}, which no report has seen\n`);
  }
  return leaked.some(({ state }) => state === 'alive') ? 1 : 0;
}

async function listed(): Promise<readonly TokenRecord[] | undefined> {
  const configured = credential();
  if (configured === undefined) return undefined;
  const client = await connect(configured);
  try {
    return (await client.list()).records;
  } finally {
    await client.close();
  }
}

function noteOf({ used_after_leak: used, state, in_files: here, at_head: head }: Exposure): string {
  const where = [...(here ? ['in files'] : []), ...(head ? ['at HEAD'] : [])].join(' and ');
  const notes = [
    ...(used ? ['used after the leak'] : []),
    ...(where === '' ? [] : [state === 'dead' ? `dead, still ${where}` : where]),
  ];
  return notes.join(', ');
}
