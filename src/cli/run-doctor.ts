import { Misuse } from '../model/misuse.js';
import { VERSION } from '../model/version.js';
import { type Capability, type ContractReport, inspectContract } from '../takumi/contract-check.js';
import type { Credential } from '../takumi/credential.js';
import { checkRules } from '../workflows/check-rules.js';
import { connect, credential } from './service.js';
import { plain } from './table.js';

interface Line {
  readonly state: 'ok' | 'fails' | 'note';
  readonly text: string;
}

/** Exit code 0 when all that was configured works, 3 when something has to be fixed first. */
export async function runDoctor(): Promise<number> {
  const lines: Line[] = [
    {
      state: 'ok',
      text: `guardsweep ${VERSION} on Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    },
    ...ruleLines(),
    ...(await serviceLines()),
  ];
  for (const { state, text } of lines) process.stdout.write(`${state.padEnd(5)}  ${plain(text)}\n`);
  return lines.some(({ state }) => state === 'fails') ? 3 : 0;
}

function ruleLines(): Line[] {
  const failures = checkRules();
  if (failures.length === 0)
    return [{ state: 'ok', text: 'rules: every example is found, and no counterexample' }];
  return failures.map((failure) => ({ state: 'fails', text: `rules: ${failure}` }));
}

async function serviceLines(): Promise<Line[]> {
  let configured: Credential | undefined;
  try {
    configured = credential();
  } catch (error) {
    if (error instanceof Misuse) return [{ state: 'fails', text: `credential: ${error.message}` }];
    throw error;
  }
  if (configured === undefined) {
    return [
      {
        state: 'note',
        text: 'credential: none is set; scans find tokens but cannot say whether they are alive',
      },
    ];
  }
  const client = await connect(configured);
  try {
    return contractLines(await inspectContract(client));
  } finally {
    await client.close();
  }
}

function contractLines(contract: ContractReport): Line[] {
  const lines: Line[] = [
    { state: 'ok', text: `credential: complete, for organization ${contract.orgId} at ${contract.apiUrl}` },
    capability('list tokens', contract.list),
    capability('probe tokens', contract.probe),
    capability('issue tokens', contract.issue),
    capability('revoke tokens', contract.revoke),
  ];
  if (!contract.trustworthy) {
    lines.push({
      state: 'fails',
      text: 'the service calls a made-up token active: its answers cannot be relied on',
    });
  }
  for (const { answer, field, matched, accepted } of contract.names) {
    lines.push({
      state: 'note',
      text:
        matched === undefined
          ? `contract: the ${answer} answer has no ${field} (looked for ${accepted.join(', ')})`
          : `contract: in the ${answer} answer, ${field} is called ${matched}`,
    });
  }
  return lines;
}

function capability(what: string, { can, reason }: Capability): Line {
  const why = reason === undefined ? '' : `: ${reason}`;
  if (can === 'yes') return { state: 'ok', text: `bot may ${what}` };
  if (can === 'no') return { state: 'fails', text: `bot may not ${what}${why}` };
  return {
    state: reason?.startsWith('not tried') ? 'note' : 'fails',
    text: `unknown whether the bot may ${what}${why}`,
  };
}
