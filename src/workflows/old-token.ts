import type { Finding } from '../model/finding.js';
import { isProvenDead } from '../model/plan.js';
import type { Journal } from '../remediation/ports.js';
import type { Triage } from '../triage/triage.js';
import { draft } from './draft.js';
import { USES_NO_TOKEN } from './own.js';
import { carryOut, type RevokingService } from './remediate.js';

/** Why a token that was replaced is not proven dead. */
export interface LivesOn {
  readonly reason: string;
  /** Which token of the list it is can't be told, so nothing was sent. */
  readonly nameless: boolean;
  /** No further call will do better. */
  readonly stop: boolean;
}

/** Revokes what a new token has replaced, by the verdicts from before it was issued. @returns nothing when all of it is dead. */
export async function revokeOld(
  findings: readonly Finding[],
  triage: Triage,
  ports: {
    readonly run: string;
    /** Where its plaintext can be found again; nowhere, where the new one took its place. */
    readonly targets?: readonly string[];
    readonly service: RevokingService;
    readonly journal: Journal;
  },
): Promise<LivesOn | undefined> {
  const planned = draft(findings, triage, { allOfUser: false, includeOwn: true }, USES_NO_TOKEN);
  const { outcomes, plan, stoppedBy } = await carryOut(
    { run: ports.run, targets: ports.targets ?? [] },
    planned,
    ports.service,
    {
      journal: ports.journal,
      confirm: async () => true,
    },
  );
  const failed = [...outcomes.values()].find(({ state }) => !isProvenDead(state));
  const stop = stoppedBy !== undefined;
  if (failed !== undefined) {
    return {
      reason: `the old token is not proven dead: ${failed.reason ?? failed.state}`,
      nameless: false,
      stop,
    };
  }
  const [refusal] = plan.refusals;
  return refusal && { reason: `the old token lives on: ${refusal.reason}`, nameless: true, stop };
}
