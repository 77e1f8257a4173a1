import fc from 'fast-check';
import { redactor } from '../../src/findings/redact.js';
import type { Diagnostic } from '../../src/model/diagnostic.js';
import type { Finding } from '../../src/model/finding.js';
import type { Provenance } from '../../src/model/provenance.js';
import type { Report } from '../../src/model/report.js';
import type { Verdict } from '../../src/model/verdict.js';
import { buildReport, type ReportInput } from '../../src/reporting/build.js';
import { findingFor } from '../support/findings.js';
import { orgToken } from '../support/tokens.js';

export const PREFIXES = ['tg_org_', 'tg_anon_', 'shisho_apikey_'];
export const AT = '2026-01-01T00:00:00.000Z';
const OID = 'ab'.repeat(20);

export const finding = (seed: string, where?: Provenance): Finding => findingFor(orgToken(seed), where);
export const active = (tokenId = 'T1', user = 'alice'): Verdict => ({
  state: 'active',
  tokenId,
  userIdentifier: user,
  evidence: 'list_hint',
  checkedAt: AT,
});

export function report(findings: readonly Finding[], more: Partial<ReportInput> = {}): Report {
  return buildReport({
    run: { id: 'r1', version: '0.1.0', started_at: AT, finished_at: AT, targets: ['.'] },
    coverage: {
      bytes: 1,
      units: { files: 1, blobs: 0, commits: 0, tags: 0, members: 0, streams: 0 },
      unscanned: [],
    },
    findings,
    redact: redactor(findings, PREFIXES),
    ...more,
  });
}

export const unscanned = (where: Provenance, detail = 'no'): Pick<ReportInput, 'coverage'> => ({
  coverage: {
    bytes: 0,
    units: { files: 0, blobs: 0, commits: 0, tags: 0, members: 0, streams: 0 },
    unscanned: [{ type: 'diagnostic', where, reason: 'unreadable', detail }],
  },
});

/** Texts that names may hold: control characters, orders to terminals and to workflow runners, formulas, a token. */
const hostile = (token: string): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          token,
          Buffer.from(`x${token}`).toString('base64'),
          '\n::error::x',
          '\r\n',
          '\x1b[2J',
          '\x9b31m',
          '\u202e',
          '\u2028',
          '\ufff9',
          '=1+1',
          '|',
          '`',
          '<b>',
          '\0',
          '\ud800',
          '"',
          ',',
        ),
        fc.string({ unit: 'binary', maxLength: 4 }),
      ),
      { maxLength: 4 },
    )
    .map((parts) => parts.join(''));

function places(text: fc.Arbitrary<string>): fc.Arbitrary<Provenance> {
  return fc.letrec<{ where: Provenance }>((tie) => ({
    where: fc.oneof(
      { maxDepth: 3 },
      text.map((path): Provenance => ({ kind: 'file', path })),
      text.map((name): Provenance => ({ kind: 'stream', name })),
      text.map((name): Provenance => ({ kind: 'ref', name })),
      text.map((path): Provenance => ({ kind: 'staged', path, blob: OID })),
      fc.tuple(text, text).map(
        ([path, author]): Provenance => ({
          kind: 'commit',
          commit: OID,
          path,
          blob: OID,
          author,
          date: AT,
          reachable: true,
        }),
      ),
      tie('where').map(
        (repository): Provenance => ({
          kind: 'object',
          object: OID,
          type: 'tag',
          reachable: false,
          repository,
        }),
      ),
      fc
        .tuple(tie('where'), text)
        .map(([container, path]): Provenance => ({ kind: 'member', container, path })),
    ),
  })).where;
}

/** A report in which every text that comes from outside is hostile and may hold the one token of `seed`. */
export function hostileReports(seed: string, more: Partial<ReportInput> = {}): fc.Arbitrary<Report> {
  const token = orgToken(seed);
  const text = hostile(token);
  const where = places(text);
  const verdict: fc.Arbitrary<Verdict> = fc.oneof(
    text.map((user) => active('T1', user)),
    fc.tuple(text, text).map(
      ([reason, tokenId]): Verdict => ({
        state: 'active',
        candidates: [{ tokenId, userIdentifier: 'u', status: 'active' }],
        reason,
        checkedAt: AT,
      }),
    ),
    text.map((reason): Verdict => ({ state: 'unknown', reason, checkedAt: AT })),
    fc.constant<Verdict>({ state: 'inactive', checkedAt: AT }),
  );
  return fc
    .record({
      where,
      verdict,
      reason: text,
      detail: text,
      target: text,
      suppressed: fc.option(text, { nil: undefined }),
      state: fc.constantFrom('failed', 'verified_revoked', 'accepted_unverified', 'already_revoked'),
    })
    .map(({ where, verdict, reason, detail, target, suppressed, state }) => {
      const found = {
        ...finding(seed, where),
        ...(suppressed === undefined ? {} : { suppressedBy: suppressed }),
      };
      const diagnostic: Diagnostic = { type: 'diagnostic', where, reason: 'corrupt', detail };
      return report([found], {
        ...unscanned(where),
        run: { id: 'r', version: '1', started_at: AT, finished_at: AT, targets: [target] },
        coverage: { ...unscanned(where).coverage, unscanned: [diagnostic] },
        verdicts: new Map([[found.fingerprint, verdict]]),
        outcomes: new Map([[found.fingerprint, { state: state as 'failed', reason, deadAt: AT }]]),
        actions: [
          { at: AT, kind: 'probe', fingerprint: found.fingerprint, outcome: reason, attempts: 1, ms: 1 },
        ],
        adviceFor: () => detail,
        explain: true,
        ...more,
      });
    });
}
