import type { Journal } from '../audit/journal.js';
import { word } from '../reporting/trail/shell.js';
import type { Credential } from '../takumi/credential.js';
import type { Draft, Gates } from '../workflows/draft.js';
import type { Redaction, ScanRequest } from '../workflows/scan.js';
import { planPath, savePlan, sealedPlan } from './plan-store.js';
import type { Progress } from './progress.js';
import type { ScanOptions } from './scan.js';
import { confirming } from './show-plan.js';
import type { Terminal } from './terminal.js';

/** What a scan may do about what it finds, and with what. */
export interface ActionsRequest {
  readonly run: string;
  readonly options: ScanOptions;
  readonly gates: Gates;
  /** Where the tokens are found again, wherever who approves a plan stands. */
  readonly targets: readonly string[];
  readonly redaction: Redaction;
  readonly credential: Credential | undefined;
  /** Absent: nothing is revoked. */
  readonly journal: Journal | undefined;
  readonly progress: Progress;
  readonly to: Terminal;
}

export interface ScanActions {
  readonly request: Pick<ScanRequest, 'revoke' | 'plan'>;
  /** Whether the plan that was asked for is where it was to go. */
  readonly isPlanned: () => boolean;
}

/** Revoking, or planning to, as the command line asks for it. */
export function actionsOf(asked: ActionsRequest): ScanActions {
  const { options, gates, journal, progress, to } = asked;
  const { plan } = options;
  let planned = true;
  const seal = (draft: Draft): string =>
    sealedPlan(asked.credential!, draft, {
      ...gates,
      targets: asked.targets,
      redact: asked.redaction.redact,
    });
  if (journal !== undefined) {
    const confirm = confirming(journal, options, to);
    return {
      request: {
        revoke: {
          ...gates,
          ...(options.verifyFor === undefined ? {} : { verifyFor: options.verifyFor }),
          confirm: (draft) => {
            progress.stop();
            return confirm(draft);
          },
          onWaiting: (draft, waiting) => {
            progress.stop();
            const file = plan ?? planPath(asked.run);
            if (!savePlan(file, seal(draft))) return;
            to.say(`${waiting} wait for your approval. Read ${file}, then: guardsweep apply ${word(file)}`);
          },
          journal,
        },
      },
      isPlanned: () => true,
    };
  }
  if (plan === undefined) return { request: {}, isPlanned: () => true };
  return {
    request: {
      plan: {
        ...gates,
        keep: (draft) => {
          progress.stop();
          planned = savePlan(plan, seal(draft));
          if (planned) to.say(`Nothing was revoked. Read ${plan}, then: guardsweep apply ${word(plan)}`);
        },
      },
    },
    isPlanned: () => planned,
  };
}
