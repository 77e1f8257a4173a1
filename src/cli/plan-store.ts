import { join } from 'node:path';
import { Misuse } from '../model/misuse.js';
import { type PlanFile, readPlanFile, writePlanFile } from '../remediation/plan-file.js';
import type { Credential } from '../takumi/credential.js';
import { planKey } from '../takumi/plan-key.js';
import type { Approved } from '../workflows/apply.js';
import type { Draft, Gates } from '../workflows/draft.js';
import { writeAtomically } from './atomic-file.js';
import { stateFolder } from './environment.js';
import { readNamed } from './named-file.js';
import { refuseTaken } from './output.js';
import { refuseOthers, refuseSpecial } from './replaceable.js';
import { codeOf } from './system-error.js';

/** How long a plan may wait for approval when nobody says otherwise: long enough for a night, too short to be forgotten. */
const VALID_FOR = 24 * 3_600_000;

export interface PlanSettings extends Pick<Gates, 'allOfUser' | 'includeOwn' | 'protectedUsers'> {
  readonly targets: readonly string[];
  readonly validFor?: number;
  readonly action?: 'rotate';
  readonly redact: (text: string) => string;
}

/** A plan as text: sealed for this credential, bound to its organization and host. */
export function sealedPlan(
  credential: Credential,
  { plan, records, own }: Draft,
  { targets, validFor = VALID_FOR, redact, ...settings }: PlanSettings,
): string {
  return writePlanFile({
    ...bindingOf(credential),
    ...settings,
    plan,
    records,
    own,
    targets,
    validFor,
    redact,
  });
}

/** @throws {Misuse} where a plan would take the place of what this run reads, or of what is no plan. */
export function checkPlan(path: string | undefined, read: readonly string[]): void {
  if (path === undefined) return;
  refuseTaken([path], read);
  refuseSpecial(path);
  refuseOthers(path, 'plan');
}

/** @returns whether it is kept. One that is not costs nothing of what was found: why is said, and the report follows. */
export function savePlan(path: string, text: string): boolean {
  try {
    writeAtomically(path, text);
    return true;
  } catch (error) {
    const why = error instanceof Misuse ? error.message : codeOf(error);
    process.stderr.write(`guardsweep: the plan could not be written to ${path} (${why})\n`);
    return false;
  }
}

/** Where a plan is left that nobody named a file for. */
export function planPath(run: string): string {
  return join(stateFolder(), 'plans', `${run}.json`);
}

/** The plan in a file. @throws {Misuse} where it can't be read, or is none that may be carried out here. */
export function readPlan(credential: Credential, file: string, action?: 'rotate'): PlanFile {
  const text = readNamed(file);
  return openPlan(credential, text, action);
}

/** @throws {PlanFileError} unless it was sealed by this credential for here and now, and not changed since. */
export function openPlan(credential: Credential, text: string, action?: 'rotate'): PlanFile {
  return readPlanFile(text, { ...bindingOf(credential), ...(action === undefined ? {} : { action }) });
}

/** What was approved by it, and under which gates. */
export function approvedIn(plan: PlanFile): Approved {
  return {
    revocations: plan.revocations,
    refused: plan.refusals,
    allOfUser: plan.all_of_user,
    includeOwn: plan.include_own,
    protectedUsers: plan.protected,
  };
}

function bindingOf(credential: Credential) {
  return {
    api: credential.apiUrl.href.replace(/\/$/, ''),
    orgId: credential.orgId,
    key: planKey(credential),
    now: new Date(),
  };
}
