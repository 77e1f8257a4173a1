import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Journal } from '../audit/journal.js';
import { verifyJournal } from '../audit/verify.js';
import { type Emulator, startEmulator } from '../emulator/emulator.js';
import { fingerprint } from '../findings/fingerprint.js';
import { Misuse } from '../model/misuse.js';
import type { Report } from '../model/report.js';
import { SecretValue } from '../model/secret.js';
import { json } from '../reporting/json.js';
import { text } from '../reporting/text.js';
import { readCredential } from '../takumi/credential.js';
import { type Redaction, scan } from '../workflows/scan.js';
import { type DrillToken, type DrillTokens, makeArchive, makeRepository, makeTokens } from './drill-leak.js';
import { readText } from './environment.js';
import { ownFolder } from './own-folder.js';
import { approvedIn, openPlan, savePlan, sealedPlan } from './plan-store.js';
import { connect } from './service.js';
import { terminal } from './terminal.js';

/** What the story must end with: the state of each leaked token in the report. */
const EXPECTED: Readonly<Record<keyof DrillTokens, string | undefined>> = {
  alice: 'verified_revoked',
  aliceLaptop: undefined,
  build: 'verified_revoked',
  leaver: 'none',
  stranger: 'none',
  twinA: 'refused',
  twinB: undefined,
};

/** Exit code 0 when everything ended as the story says, 2 when it did not. */
export async function runDrill(named: string | undefined): Promise<number> {
  const to = terminal();
  const folder = named === undefined ? mkdtempSync(join(tmpdir(), 'guardsweep-drill-')) : freshFolder(named);
  const tokens = makeTokens();
  to.say('1. A repository with leaks in several places, and the zip of it that got out');
  await makeRepository(join(folder, 'payments'), tokens);
  await makeArchive(join(folder, 'leak.zip'), join(folder, 'payments'), tokens);
  to.say('2. A fake of the service on loopback, where some of these tokens are alive');
  const emulator = await startEmulator({ seed: Object.values(tokens), dialect: 'identity' });
  try {
    to.say('3. Scan, probe, map: a plan of what would be revoked, for a person to approve');
    await sweep(folder, emulator, 'plan');
    to.say('4. The plan, approved: read the list and probe again, revoke what is still so, verify');
    const report = await sweep(folder, emulator, 'apply');
    writeFileSync(join(folder, 'report.json'), [...json(report)].join(''));
    writeFileSync(join(folder, 'report.txt'), [...text(report)].join(''));
    to.say('5. The report\n');
    for (const chunk of text(report, { color: to.color })) to.out(chunk);
    const failures = [...unexpected(report, tokens), ...harmed(emulator, tokens), ...broken(folder)];
    to.out(`\n${epilogue(folder)}`);
    for (const failure of failures) process.stderr.write(`guardsweep: the drill went wrong: ${failure}\n`);
    return failures.length === 0 ? 0 : 2;
  } finally {
    await emulator.close();
  }
}

/** Writes the plan, or carries out the one that was written. */
async function sweep(folder: string, emulator: Emulator, step: 'plan' | 'apply'): Promise<Report> {
  const credential = readCredential(
    {
      TAKUMI_API_URL: emulator.url,
      TAKUMI_ORG_ID: emulator.orgId,
      TAKUMI_BOT_API_KEY: emulator.botApiKey,
      TAKUMI_BOT_ID: emulator.botId,
    },
    () => '',
  )!;
  const redaction: Redaction = { redact: (line) => line };
  const journal = Journal.open(join(folder, 'journal.jsonl'), { redact: (line) => redaction.redact(line) });
  const service = await connect(credential);
  const targets = [join(folder, 'payments'), join(folder, 'leak.zip')];
  const file = join(folder, 'plan.json');
  const gates = { allOfUser: false };
  try {
    const { report } = await scan({
      targets,
      redaction,
      service,
      ...(step === 'plan'
        ? {
            plan: {
              ...gates,
              keep: (draft) =>
                void savePlan(
                  file,
                  sealedPlan(credential, draft, { ...gates, targets, redact: redaction.redact }),
                ),
            },
          }
        : {
            apply: {
              approved: approvedIn(openPlan(credential, readText(file))),
              confirm: async () => true,
              journal,
            },
          }),
    });
    return report;
  } finally {
    journal.close();
    await service.close();
  }
}

/** Tokens whose fate in the report is not the one of the story. */
function unexpected(report: Report, tokens: DrillTokens): string[] {
  return (Object.keys(EXPECTED) as (keyof DrillTokens)[]).flatMap((name) => {
    const state = report.findings.find((finding) => finding.fingerprint === fingerprintOf(tokens[name]))
      ?.remediation.state;
    return state === EXPECTED[name]
      ? []
      : [`${tokens[name].user_identifier}: ${state ?? 'not found'}, expected ${EXPECTED[name]}`];
  });
}

/** Neighbours that the service itself no longer calls alive. */
function harmed(emulator: Emulator, tokens: DrillTokens): string[] {
  const neighbours = [tokens.aliceLaptop, tokens.twinA, tokens.twinB, tokens.stranger].map(
    ({ token }) => token,
  );
  return emulator
    .tokens()
    .filter(({ token, status }) => neighbours.includes(token) && status !== 'active')
    .map(({ userIdentifier: user }) => `a token of ${user} was revoked that had to live`);
}

function broken(folder: string): string[] {
  const { ok, open } = verifyJournal(join(folder, 'journal.jsonl'));
  return ok && open.length === 0 ? [] : ['the journal is not whole'];
}

function epilogue(folder: string): string {
  return [
    'That was the whole story. Two tokens were alive and ours: they are proven dead. One was dead already, one belongs to',
    'another organization, and one could be either of two tokens in the list, so neither of those was touched.',
    '',
    `Everything is in ${folder}`,
    '  leak.zip, payments/   what was scanned',
    '  plan.json             what was approved before it was done (guardsweep apply)',
    '  report.txt, .json     what was found and done',
    '  journal.jsonl         every action, as it happened (guardsweep audit verify)',
    '',
    'On a real leak:  guardsweep scan leak.zip',
    '',
  ].join('\n');
}

function fingerprintOf({ token }: DrillToken): string {
  return fingerprint(new SecretValue(token, 'tg_org_'.length));
}

function freshFolder(path: string): string {
  const folder = ownFolder(resolve(path), 'name another one');
  if (readdirSync(folder).length > 0)
    throw new Misuse(`${folder} is not empty; name a new folder for the drill`);
  return folder;
}
