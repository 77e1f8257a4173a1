import { randomBytes } from 'node:crypto';
import { SecretValue } from '../model/secret.js';
import type { TakumiClient } from './client.js';
import { TakumiError } from './errors.js';
import { NAMES } from './wire.js';

/** Whether the bot may use an endpoint. `unknown` for what can't be tried without changing something, or failed otherwise. */
export interface Capability {
  readonly can: 'yes' | 'no' | 'unknown';
  /** Why not, or why it can't be told; for a person. */
  readonly reason?: string;
}

/** By which name an answer held what is looked for; none when it held it under no accepted name. */
export interface NameReading {
  readonly answer: 'list' | 'probe';
  readonly field: string;
  readonly matched?: string;
  readonly accepted: readonly string[];
}

/** What a look at the service told of the contract and of the bot. */
export interface ContractReport {
  readonly apiUrl: string;
  readonly orgId: string;
  readonly list: Capability;
  readonly probe: Capability;
  readonly issue: Capability;
  readonly revoke: Capability;
  readonly names: readonly NameReading[];
  /** Whether the service can be relied on to tell the living from the dead: it does not call a made-up token alive. */
  readonly trustworthy: boolean;
}

/**
 * Looks at the service without changing anything: reads the first page of the list, and probes a token made up at
 * random, which nobody was ever issued, so that no token of anybody's is looked at.
 */
export async function inspectContract(client: TakumiClient): Promise<ContractReport> {
  const names: NameReading[] = [];
  const list = await tryList(client, names);
  const made = new SecretValue(`tg_org_${randomBytes(30).toString('base64url')}`, 'tg_org_'.length);
  const answer = await client.probe(made, (field, name) => note(names, 'probe', field, name));
  const untried = 'not tried: it would change something';
  return {
    apiUrl: client.apiUrl,
    orgId: client.orgId,
    list,
    probe:
      answer.state === 'unknown'
        ? { can: answer.failure === 'forbidden' ? 'no' : 'unknown', reason: answer.reason }
        : { can: 'yes' },
    issue: { can: 'unknown', reason: untried },
    revoke: { can: 'unknown', reason: untried },
    names,
    trustworthy: answer.state !== 'active',
  };
}

async function tryList(client: TakumiClient, names: NameReading[]): Promise<Capability> {
  try {
    await client.readFirstPage((field, name) => note(names, 'list', field, name));
    return { can: 'yes' };
  } catch (error) {
    if (!(error instanceof TakumiError)) throw error;
    return { can: error.kind === 'forbidden' ? 'no' : 'unknown', reason: error.message };
  }
}

/** A field counts as matched when one row had it. */
function note(
  names: NameReading[],
  answer: NameReading['answer'],
  field: string,
  matched: string | undefined,
): void {
  const accepted: readonly string[] = NAMES[field as keyof typeof NAMES] ?? [];
  const at = names.findIndex((each) => each.answer === answer && each.field === field);
  if (at < 0) names.push({ answer, field, accepted, ...(matched === undefined ? {} : { matched }) });
  else if (matched !== undefined) names[at] = { answer, field, accepted, matched };
}
