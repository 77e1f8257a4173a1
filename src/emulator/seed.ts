import { Misuse } from '../model/misuse.js';

/** A token that exists when the emulator starts: one row of the file that `--seed` names. */
export interface SeedToken {
  readonly token: string;
  readonly user_identifier: string;
  readonly status: 'active' | 'revoked';
  /** Whose it is; without it, the organization that the printed credential belongs to. */
  readonly org_id?: string;
  readonly token_id?: string;
  /** ISO 8601. */
  readonly created_at?: string;
  readonly last_used_at?: string;
}

/** What the emulator was given is not usable. The message names the row and the field, never a token. */
export class EmulatorInputError extends Misuse {
  override readonly name = 'EmulatorInputError';
}

const FIELDS = ['token', 'user_identifier', 'status', 'org_id', 'token_id', 'created_at', 'last_used_at'];

/** @throws {EmulatorInputError} */
export function readSeed(data: unknown): SeedToken[] {
  if (!Array.isArray(data)) throw new EmulatorInputError('the seed must be a JSON array of tokens');
  const rows = data.map(readRow);
  refuseTwice(rows, 'token', (row) => row.token);
  refuseTwice(rows, 'token_id', (row) => row.token_id);
  return rows;
}

function readRow(row: unknown, index: number): SeedToken {
  const fail = (what: string): never => {
    throw new EmulatorInputError(`row ${index + 1} of the seed: ${what}`);
  };
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return fail('is not an object');
  const fields = row as Record<string, unknown>;
  const unknown = Object.keys(fields).filter((name) => !FIELDS.includes(name));
  if (unknown.length > 0) return fail(`has fields that are not known; known are ${FIELDS.join(', ')}`);
  for (const name of FIELDS) {
    const needed = name === 'token' || name === 'user_identifier' || name === 'status';
    const value = fields[name];
    if (value === undefined && !needed) continue;
    if (typeof value !== 'string' || value === '') return fail(`${name} must be a string`);
    if (name.endsWith('_at') && Number.isNaN(Date.parse(value))) return fail(`${name} is not a date`);
  }
  if (fields.status !== 'active' && fields.status !== 'revoked') {
    return fail('status must be active or revoked');
  }
  return fields as unknown as SeedToken;
}

function refuseTwice(
  rows: readonly SeedToken[],
  name: string,
  value: (row: SeedToken) => string | undefined,
): void {
  const seen = new Map<string, number>();
  for (const [index, row] of rows.entries()) {
    const text = value(row);
    if (text === undefined) continue;
    const before = seen.get(text);
    if (before !== undefined) {
      throw new EmulatorInputError(
        `row ${index + 1} of the seed: its ${name} is that of row ${before + 1} as well`,
      );
    }
    seen.set(text, index);
  }
}
