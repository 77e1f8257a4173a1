import type { ReportFinding } from '../model/report.js';

/** What a person should do next about one finding. It holds texts of others: make it visible before it is shown. */
export function nextStep({ verdict, remediation, advice, confidence }: ReportFinding): string {
  switch (remediation.state) {
    case 'verified_revoked':
    case 'already_revoked':
      return 'It no longer opens anything. Remove it where it still stands, and issue a new one where it was in use.';
    case 'accepted_unverified':
      return 'The service accepted the revocation, but no probe has confirmed it yet. Scan again in a few minutes.';
    case 'failed':
      return 'Treat it as alive. Scan again with --revoke, or revoke it in the console.';
    case 'refused':
      return (verdict.candidates ?? []).length > 0 && verdict.user_identifier !== undefined
        ? `Find out which it is, then “guardsweep tokens revoke TOKEN_ID”; or revoke all of ${verdict.user_identifier} with --revoke-all-of-user.`
        : 'Treat it as alive until the reason above is settled.';
    case 'planned':
      return 'It will be revoked when the plan is applied.';
    case 'none':
      return confidence === 'low' && verdict.state === 'not_probed'
        ? (advice ?? 'It may be no token at all. With a credential set, --probe-low asks the service.')
        : nextOf(verdict.state, advice, verdict.token_id !== undefined);
  }
}

function nextOf(
  state: ReportFinding['verdict']['state'],
  advice: string | undefined,
  mapped: boolean,
): string {
  switch (state) {
    case 'active':
      return mapped
        ? 'Revoke it: the same scan with --revoke.'
        : 'Find out which token it is (see the reason), and revoke it.';
    case 'inactive':
      return 'It opens nothing. Remove it when convenient.';
    case 'inactive_or_foreign':
      return 'It is dead, or another organization’s: if you know whose, tell them.';
    case 'foreign':
      return 'It is not ours, and may be alive elsewhere: if you know whose it is, tell them.';
    case 'unknown':
      return 'Treat it as alive. Scan again when the reason is gone.';
    case 'not_probed':
      return advice ?? 'Treat it as alive. Scan again with a credential set and --probe to know.';
  }
}
