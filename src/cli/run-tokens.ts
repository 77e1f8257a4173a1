import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { fingerprint } from '../findings/fingerprint.js';
import { redactor } from '../findings/redact.js';
import { Misuse } from '../model/misuse.js';
import { SecretValue } from '../model/secret.js';
import type { ProbeAnswer, TokenRecord } from '../model/token.js';
import { nameWord } from '../reporting/trail/shell.js';
import type { TakumiClient } from '../takumi/client.js';
import type { Credential } from '../takumi/credential.js';
import { plaintextOf } from '../takumi/plaintext.js';
import { prefixes } from '../workflows/detector.js';
import { isDead, type RevokedById } from '../workflows/execute-by-id.js';
import { judge } from '../workflows/judge.js';
import { OwnSecrets } from '../workflows/own.js';
import { probeAll } from '../workflows/probe-all.js';
import { lostIssue } from '../workflows/replacement.js';
import { revokeById } from '../workflows/revoke-by-id.js';
import { needSomebodyToAsk } from './ask.js';
import { gatesOf, NAMED_AT_MOST } from './gates.js';
import { journalFile, openJournal, recordedIn, wayBack } from './journal-file.js';
import { ownPlaces } from './own-places.js';
import { exitCodeOfFailure } from './present.js';
import { connect } from './service.js';
import { agreeToRows } from './show-plan.js';
import { codeOf } from './system-error.js';
import { plain, table } from './table.js';
import type { ListOptions, RevokeOptions, TokensOptions } from './tokens.js';
import { writeWhole } from './whole-write.js';

const TOKEN = /^tg_org_[A-Za-z0-9_-]+$/;

export async function list(credential: Credential, options: ListOptions): Promise<number> {
  return withClient(credential, async (client) => {
    const { records } = await client.list({
      ...(options.user === undefined ? {} : { userIdentifier: options.user }),
      ...(options.prefix === undefined ? {} : { userIdentifierPrefix: options.prefix }),
      ...(options.status === undefined ? {} : { status: options.status }),
    });
    process.stdout.write(shown(records, options.format));
    return 0;
  });
}

/** Exit code 0 when every token is known to be dead, 1 when one is alive, 2 when of one that can't be said. */
export async function probe(credential: Credential, options: TokensOptions): Promise<number> {
  const secrets = await secretsOnStandardInput();
  return withClient(credential, async (client) => {
    const answers = await probeAll(secrets, client);
    const rows = answers.map((answer, index) => probeRow(secrets[index]!, answer));
    process.stdout.write(
      options.format === 'json'
        ? `${JSON.stringify(rows, null, 2)}\n`
        : table(
            ['TOKEN', 'STATE', 'USER', 'ID', 'FINGERPRINT'],
            rows.map((row) => [
              row.redacted,
              row.state,
              row.user_identifier ?? '',
              row.token_id ?? '',
              row.fingerprint,
            ]),
          ),
    );
    for (const { state, reason } of rows)
      if (state === 'unknown') process.stderr.write(`guardsweep: ${plain(reason ?? '')}\n`);
    if (rows.some(({ state }) => state === 'active')) return 1;
    return rows.some(({ state }) => state === 'unknown') ? 2 : 0;
  });
}

export async function issue(credential: Credential, user: string, options: TokensOptions): Promise<number> {
  return withClient(credential, async (client) => {
    const answer = await client.issue(user);
    if (answer.state !== 'issued') {
      const lost = answer.state === 'unknown' ? ` ${lostIssue(user)}` : '';
      process.stderr.write(`guardsweep: ${plain(answer.reason + lost)}\n`);
      return answer.state === 'unknown' ? 2 : exitCodeOfFailure(answer.failure);
    }
    const { tokenId, userIdentifier } = answer;
    const shown = { token: plaintextOf(answer), token_id: tokenId, user_identifier: userIdentifier };
    const text = options.format === 'json' ? JSON.stringify(shown, null, 2) : shown.token;
    try {
      writeWhole(1, Buffer.from(`${text}\n`));
    } catch (error) {
      const which =
        tokenId === undefined
          ? `ID, with the ID that “guardsweep tokens list --user ${nameWord(user)}” shows`
          : nameWord(tokenId);
      throw new Error(
        `a token was issued that nobody holds: standard output could not be written (${codeOf(error)}). Revoke it: guardsweep tokens revoke ${which}`,
      );
    }
    return 0;
  });
}

/** Exit code 0 when every token is listed as revoked afterwards, 4 when one is not. */
export async function revoke(
  credential: Credential,
  ids: readonly string[],
  options: RevokeOptions,
): Promise<number> {
  needSomebodyToAsk('tokens revoke', [], options);
  const run = randomUUID();
  const own = new OwnSecrets(ownPlaces());
  const journal = openJournal(
    journalFile(options.journal, run),
    credential,
    redactor(own.findings, prefixes()),
  );
  try {
    return await withClient(credential, async (service) => {
      const { verdicts } = await judge(own.findings, service, { low: () => true });
      const results = await revokeById(run, ids, {
        service,
        journal,
        gates: { ...gatesOf(options, undefined, NAMED_AT_MOST), own: own.tokens(verdicts) },
        confirm: async (records) => {
          const agreed = options.yes === true || (await agreeToRows(records));
          if (agreed) process.stderr.write(`${wayBack(journal)}\n`);
          return agreed;
        },
      });
      process.stdout.write(
        options.format === 'json'
          ? `${JSON.stringify(results.map(revokedRow), null, 2)}\n`
          : table(
              ['ID', 'USER', 'STATE', 'REASON'],
              results.map((row) => [row.tokenId, row.userIdentifier ?? '', row.state, row.reason ?? '']),
            ),
      );
      process.stderr.write(`${recordedIn(journal)}\n`);
      return results.every(isDead) ? 0 : 4;
    });
  } finally {
    journal.close();
  }
}

function revokedRow({ tokenId, userIdentifier, state, reason }: RevokedById) {
  return { token_id: tokenId, user_identifier: userIdentifier, state, reason };
}

async function withClient(
  credential: Credential,
  task: (client: TakumiClient) => Promise<number>,
): Promise<number> {
  const client = await connect(credential);
  try {
    return await task(client);
  } finally {
    await client.close();
  }
}

function shown(records: readonly TokenRecord[], format: TokensOptions['format']): string {
  if (format === 'ids') return records.map(({ tokenId }) => `${plain(tokenId)}\n`).join('');
  if (format === 'json') return `${JSON.stringify(records.map(listRow), null, 2)}\n`;
  return table(
    ['ID', 'USER', 'STATUS', 'CREATED', 'LAST USED'],
    records.map((row) => [
      row.tokenId,
      row.userIdentifier,
      row.status,
      row.createdAt ?? '',
      row.lastUsedAt ?? '',
    ]),
  );
}

function listRow(record: TokenRecord) {
  return {
    token_id: record.tokenId,
    user_identifier: record.userIdentifier,
    status: record.status,
    created_at: record.createdAt,
    last_used_at: record.lastUsedAt,
  };
}

function probeRow(secret: SecretValue, answer: ProbeAnswer) {
  return {
    fingerprint: fingerprint(secret),
    redacted: secret.redacted,
    state: answer.state,
    ...(answer.state === 'active'
      ? { token_id: answer.tokenId, user_identifier: answer.userIdentifier }
      : {}),
    ...(answer.state === 'unknown' ? { reason: answer.reason } : {}),
  };
}

async function secretsOnStandardInput(): Promise<SecretValue[]> {
  const text = (await buffer(process.stdin)).toString('utf8');
  const lines = text.split(/\s+/).filter((line) => line !== '');
  if (lines.length === 0) throw new Misuse('standard input held no token; give one per line');
  const bad = lines.findIndex((line) => !TOKEN.test(line));
  if (bad >= 0)
    throw new Misuse(
      `word ${bad + 1} on standard input is not a tg_org_ token; give one per line and nothing else`,
    );
  return lines.map((line) => new SecretValue(line, 'tg_org_'.length));
}
