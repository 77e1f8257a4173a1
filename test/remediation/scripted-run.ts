import type { Finding } from '../../src/model/finding.js';
import type { Plan } from '../../src/model/plan.js';
import type { RevokeAnswer, TokenRecord } from '../../src/model/token.js';
import type { Evidence, Verdict } from '../../src/model/verdict.js';
import { execute } from '../../src/remediation/execute.js';
import { planRevocations } from '../../src/remediation/policy.js';
import { findingFor } from '../support/findings.js';
import { orgToken } from '../support/tokens.js';
import { EXCHANGE, type Scripted } from './scripted.js';

export const [a, b, c] = ['rec a', 'rec b', 'rec c'].map((seed) => findingFor(orgToken(seed))) as [
  Finding,
  Finding,
  Finding,
];
export const AT = '1970-01-01T00:00:00.000Z';
export const LOST: RevokeAnswer = {
  state: 'unknown',
  reason: 'it broke',
  failure: 'network',
  exchange: EXCHANGE,
};
export const NO: RevokeAnswer = {
  state: 'rejected',
  reason: 'a 409',
  failure: 'refused',
  exchange: EXCHANGE,
};
export const GONE: RevokeAnswer = { state: 'gone', exchange: { httpStatus: 404, attempts: 1, ms: 1 } };
export const denied = (failure: 'unauthorized' | 'forbidden'): RevokeAnswer => ({
  state: 'rejected',
  reason: 'no role',
  failure,
  exchange: EXCHANGE,
});

/** Approves one ID for each finding, `T1` for the first. */
export function planned(findings: readonly Finding[], evidence: Evidence = 'probe_id', user?: string): Plan {
  return planRevocations(
    findings,
    new Map<string, Verdict>(
      findings.map((finding, at) => [
        finding.fingerprint,
        {
          state: 'active',
          tokenId: `T${at + 1}`,
          ...(user === undefined ? {} : { userIdentifier: user }),
          evidence,
          checkedAt: '',
        },
      ]),
    ),
    [],
    { revocable: () => true, maxRevocations: 9 },
  );
}

/** Approves every ID of one user for each finding. */
export function ofUser(findings: readonly Finding[], ids: readonly string[]): Plan {
  const rows = ids.map((tokenId): TokenRecord => ({ tokenId, userIdentifier: 'u', status: 'active' }));
  const verdict: Verdict = {
    state: 'active',
    userIdentifier: 'u',
    candidates: rows,
    reason: 'x',
    checkedAt: '',
  };
  return planRevocations(findings, new Map(findings.map((each) => [each.fingerprint, verdict])), rows, {
    revocable: () => true,
    maxRevocations: 9,
    allOfUser: () => true,
  });
}

export const run = (script: Scripted, plan: Plan, more: object = {}) =>
  execute(plan, { run: 'r', service: script, journal: script, clock: script, verifyFor: 0, ...more });
export const events = ({ journal }: Scripted) =>
  journal.map(({ event, tokenId }) => (tokenId === undefined ? event : `${event} ${tokenId}`));
