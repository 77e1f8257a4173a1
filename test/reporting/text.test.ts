import { expect, test } from 'vitest';
import type { Provenance } from '../../src/model/provenance.js';
import type { TextOptions } from '../../src/reporting/text.js';
import { text } from '../../src/reporting/text.js';
import { AT, active, finding, report, unscanned } from './reports.js';

const rendered = (of: ReturnType<typeof report>, options?: TextOptions) => [...text(of, options)].join('');
const NPMRC: Provenance = {
  kind: 'commit',
  commit: 'c0'.repeat(20),
  path: '.npmrc',
  blob: 'b0'.repeat(20),
  author: 'Alice <alice@example.com>',
  date: '2024-05-06T07:08:09+09:00',
  reachable: false,
  repository: { kind: 'member', container: { kind: 'file', path: 'leak.zip' }, path: 'app/.git' },
};

test('says where, whose, in what state, what was done and what to do next', () => {
  const found = finding('a', NPMRC);
  const output = rendered(
    report([found], {
      verdicts: new Map([[found.fingerprint, active()]]),
      outcomes: new Map([
        [found.fingerprint, { state: 'verified_revoked', deadAt: '1970-01-01T00:00:04.500Z' }],
      ]),
    }),
  );
  expect(output).toBe(`1 token, none of ours alive.

${found.secret.redacted}  DEAD: revoked, proven by a probe
  where       leak.zip!app/.git!${'c0'.repeat(20)}:.npmrc:3:5 by Alice <alice@example.com>, 2024-05-06 (no branch or tag leads there)
  whose       alice, token ID T1 (by list_hint)
  done        verified revoked, dead at 1970-01-01T00:00:04.500Z, 4.5 s after it was found
  next        It no longer opens anything. Remove it where it still stands, and issue a new one where it was in use.
  fingerprint ${found.fingerprint} (takumi-guard-org-token)

Scanned: 1 file (1 byte).
`);
});

test('--explain says in words what a reason means; one that is not known is named', () => {
  const found = finding('a');
  const shown = report([found]);
  const explained = (reasons: readonly string[]) => {
    const [only] = shown.findings;
    const sightings = only!.sightings.map((each) => ({ ...each, reasons }));
    return rendered({ ...shown, findings: [{ ...only!, sightings }] }, { explain: true });
  };
  expect(explained(['placeholder', 'of tomorrow', 'constructor'])).toContain(
    'because: the body is a run, a sequence or a repetition (placeholder); of tomorrow; constructor\n',
  );
});

test('what is alive stands first, what is dead last', () => {
  const [dead, alive, unknown] = [finding('dead'), finding('alive'), finding('unknown')];
  const output = rendered(
    report([dead, unknown, alive], {
      verdicts: new Map([
        [dead.fingerprint, { state: 'inactive', checkedAt: AT }],
        [alive.fingerprint, active()],
        [unknown.fingerprint, { state: 'unknown', reason: 'a 503', checkedAt: AT }],
      ]),
    }),
  );
  expect(output).toMatch(/^3 tokens, 1 ALIVE, 1 not known to be dead\./);
  const order = [alive, unknown, dead].map(({ fingerprint }) => output.indexOf(fingerprint));
  expect(order).toEqual([...order].sort((a, b) => a - b));
});

test('where they fill the screen, how many there are is said again at the end', () => {
  const many = (count: number) =>
    rendered(report(Array.from({ length: count }, (_, at) => finding(`${at}`))));
  expect(many(8).match(/8 tokens, /g)).toHaveLength(1);
  expect(many(9)).toMatch(/^9 tokens, (.*\n)+9 tokens, 9 not known to be dead\.\n$/);
});

test('a token of low confidence that nobody asked about may be none', () => {
  const low = { ...finding('low'), confidence: 'low' as const };
  expect(rendered(report([low]))).toMatch(/may be no token at all.*--probe-low/);
});

test('an ambiguous token names its candidates and the ways out', () => {
  const found = finding('a');
  const candidates = ['T1', 'T2'].map((tokenId) => ({
    tokenId,
    userIdentifier: 'alice',
    status: 'active' as const,
  }));
  const output = rendered(
    report([found], {
      verdicts: new Map([
        [
          found.fingerprint,
          { state: 'active', userIdentifier: 'alice', candidates, reason: 'two fit', checkedAt: AT },
        ],
      ]),
      plan: { revocations: [], refusals: [{ finding: found, reason: 'ambiguous: two fit' }] },
    }),
  );
  expect(output).toContain('ALIVE');
  expect(output).toContain('candidates  T1, T2');
  expect(output).toContain('refused: ambiguous (see the reason)\n');
  expect(output).toContain('revoke all of alice with --revoke-all-of-user');
});

test('where the list could not be read, no way out is named that needs it', () => {
  const found = finding('a');
  const reason = 'the token list could not be read: Listing the tokens failed: 403.';
  const verdict = {
    state: 'active',
    userIdentifier: 'alice',
    candidates: [],
    reason,
    checkedAt: AT,
  } as const;
  const output = rendered(
    report([found], {
      verdicts: new Map([[found.fingerprint, verdict]]),
      plan: { revocations: [], refusals: [{ finding: found, reason: `it cannot be told: ${reason}` }] },
    }),
  );
  expect(output).toContain('until the reason above is settled');
  expect(output).not.toContain('--revoke-all-of-user');
  expect(output.match(/could not be read/g)).toHaveLength(1);
});

test('many places are counted', () => {
  const found = { ...finding('a'), sightingsTotal: 5000 };
  expect(rendered(report([found]))).toContain('and 4999 more places');
});

test('what could not be read is said, and that no finding there means little', () => {
  const output = rendered(
    report([], unscanned({ kind: 'file', path: 'locked.zip' }, 'give it to somebody who may read it')),
  );
  expect(output).toContain('No token found in what could be read.');
  expect(output).toContain(
    'INCOMPLETE: 1 thing could not be read.\n  locked.zip: unreadable: give it to somebody',
  );
});

test('colours are there when asked for, and only then', () => {
  const found = finding('a');
  const alive = report([found], { verdicts: new Map([[found.fingerprint, active()]]) });
  expect(rendered(alive)).not.toContain('\x1b[');
  expect(rendered(alive, { color: true })).toContain('\x1b[31mALIVE');
});
