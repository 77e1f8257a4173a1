import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Journal } from '../audit/journal.js';
import { redactor } from '../findings/redact.js';
import { Misuse } from '../model/misuse.js';
import type { Credential } from '../takumi/credential.js';
import { prefixes } from '../workflows/detector.js';
import { isDead, type RevokedById } from '../workflows/execute-by-id.js';
import { type Offboarding, offboard, type Sweep } from '../workflows/offboard.js';
import { OwnSecrets } from '../workflows/own.js';
import { userIdentifier } from './arguments.js';
import { ask, canAsk } from './ask.js';
import { gatesOf, NAMED_AT_MOST } from './gates.js';
import { journalFile, openJournal, recordedIn, wayBack } from './journal-file.js';
import { readNamed } from './named-file.js';
import type { OffboardOptions } from './offboard.js';
import { ownPlaces } from './own-places.js';
import { connect } from './service.js';
import { questionOf } from './show-plan.js';
import { plain, table } from './table.js';

/** Exit code 0 when every token of these users is revoked, or nothing was to be done; 4 when one is not. */
export async function runOffboard(
  credential: Credential,
  named: readonly string[],
  options: OffboardOptions,
): Promise<number> {
  const users = [...new Set([...named, ...(await usersFrom(options.from))].map(userIdentifier))];
  if (users.length === 0) {
    throw new Misuse(
      options.from === undefined
        ? 'name the users to offboard, or a file of them with --from'
        : `${options.from === '-' ? 'standard input' : options.from} names no user to offboard`,
    );
  }
  const dry = options.dryRun === true || (!options.yes && !(canAsk() && options.from !== '-'));
  const own = new OwnSecrets(ownPlaces());
  const run = randomUUID();
  const service = await connect(credential);
  let journal: Journal | undefined;
  const opened = () => {
    const file = openJournal(
      journalFile(options.journal, run),
      credential,
      redactor(own.findings, prefixes()),
    );
    process.stderr.write(`${wayBack(file)}\n`);
    return file;
  };
  try {
    const ended = await offboard({
      run,
      users,
      service,
      own,
      ...gatesOf(options, undefined, NAMED_AT_MOST),
      // Nothing is recorded of what only looks; the file begins with the first deed.
      journal: {
        append: (entry) => {
          journal ??= opened();
          journal.append(entry);
        },
      },
      confirm: async (sweep) => !dry && (options.yes === true || agree(sweep)),
    });
    show(ended, users, options, dry);
    if (journal !== undefined) process.stderr.write(`${recordedIn(journal)}\n`);
    return codeOf(ended, dry);
  } finally {
    journal?.close();
    await service.close();
  }
}

function codeOf({ done, refused, results, unknown }: Offboarding, dry: boolean): number {
  if (refused.length > 0 || unknown.some(({ lookalike }) => lookalike)) return 4;
  if (!done) return dry ? 0 : 4;
  return results.every(isDead) ? 0 : 4;
}

function show(
  { approved, refused, unknown, done, results }: Offboarding,
  users: readonly string[],
  options: OffboardOptions,
  dry: boolean,
): void {
  const planned = approved.map(({ tokenId, userIdentifier }) => ({
    tokenId,
    userIdentifier,
    state: 'planned',
  }));
  const rows: readonly (Omit<RevokedById, 'state'> & { readonly state: string })[] = [
    ...(done ? results : planned),
    ...refused,
  ];
  const lastUse = new Map(approved.map(({ tokenId, lastUsedAt }) => [tokenId, lastUsedAt]));
  if (options.format === 'json') {
    const shown = rows.map((row) => ({
      token_id: row.tokenId,
      user_identifier: row.userIdentifier,
      state: row.state,
      last_used_at: lastUse.get(row.tokenId),
      reason: row.reason,
    }));
    process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
  } else if (rows.length > 0) {
    process.stdout.write(
      table(
        ['ID', 'USER', 'STATE', 'LAST USED', 'REASON'],
        rows.map((row) => [
          row.tokenId,
          row.userIdentifier ?? '',
          row.state,
          lastUse.get(row.tokenId) ?? '',
          row.reason ?? '',
        ]),
      ),
    );
  }
  const known = users.filter((user) => !unknown.some((each) => each.user === user));
  for (const user of known.filter((each) => !rows.some(({ userIdentifier }) => userIdentifier === each))) {
    process.stderr.write(`${plain(user)} has no active token\n`);
  }
  for (const { user, similar, lookalike } of unknown) {
    const alike = similar.length === 0 ? '' : `; there are ${similar.map(plain).join(', ')}`;
    const way = lookalike
      ? '. One looks the same but for upper and lower case, blanks, or how its characters are composed: name it exactly, or revoke by IDs'
      : '';
    process.stderr.write(`There is no token of exactly ${plain(user)}${alike}${way}\n`);
  }
  if (!done && dry) process.stderr.write('Nothing was done. To revoke these, give --yes\n');
}

function agree({ approved, refused }: Sweep): Promise<boolean> {
  for (const { tokenId, userIdentifier, lastUsedAt } of approved) {
    process.stderr.write(
      `  ${plain(tokenId)}  ${plain(userIdentifier)}  last used ${plain(lastUsedAt ?? 'never, or not known')}\n`,
    );
  }
  for (const { tokenId, reason } of refused)
    process.stderr.write(`  not: ${plain(tokenId)}  ${plain(reason ?? '')}\n`);
  return ask(questionOf(approved.length));
}

async function usersFrom(file: string | undefined): Promise<string[]> {
  if (file === undefined) return [];
  const text = file === '-' ? (await buffer(process.stdin)).toString('utf8') : readNamed(file, '--from');
  // What is read wrongly names nobody: that somebody has no token must not be said of such a name.
  if (/[\0\ufffd]/.test(text)) throw new Misuse(`--from ${file} is not UTF-8 text; save it as UTF-8`);
  return text
    .split(/\r?\n|\r/)
    .map((line) => line.replace(/^\ufeff/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
