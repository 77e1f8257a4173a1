import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PlanFile } from '../../src/remediation/plan-file.js';
import { emulator } from '../support/emulator.js';
import { commit, repository } from '../support/git.js';
import { folder, guardsweep } from '../support/program.js';
import { findingOf, fingerprintOf, reportOf } from '../support/report.js';
import { orgToken } from '../support/tokens.js';

const [KILL, ASK, ROTATE, TELL, SAVED] = ['kill', 'ask', 'rotate', 'tell', 'saved'].map((seed) =>
  orgToken(`policy ${seed}`),
) as [string, string, string, string, string];

test('the user’s policy decides about each live token; what needs a person waits in a plan', async () => {
  const service = await emulator(
    [
      { token: KILL, user_identifier: 'contractor-1', status: 'active' },
      { token: ASK, user_identifier: 'build', status: 'active' },
      { token: ROTATE, user_identifier: 'ci-1', status: 'active' },
      { token: TELL, user_identifier: 'alice', status: 'active' },
      { token: SAVED, user_identifier: 'cto', status: 'active' },
    ],
    ['--dialect', 'id'],
  );
  const repo = repository();
  commit(repo, { 'docs/a.md': TELL, 'src/a.env': [KILL, ASK, ROTATE, SAVED].join('\n') });
  const dir = folder();
  const policy = join(dir, 'policy.yaml');
  const plan = join(dir, 'plan.json');
  writeFileSync(
    policy,
    `max_revocations: 2
protect: [cto]
rules:
  - { path: "docs/*", do: notify }
  - { user: "ci-*", do: rotate }
  - { user: "contractor-*", confidence: high, older_than: 36500d, do: notify }
  - { user: "contractor-*", younger_than: 36500d, do: revoke }
otherwise: plan
`,
  );
  const args = ['scan', '--revoke', '--yes', '--policy', policy, '--plan', plan, '--format', 'json', repo];
  const ended = await guardsweep(args, { env: service.env });
  const report = reportOf(ended);
  const states = [KILL, ASK, ROTATE, TELL, SAVED].map((token) => findingOf(report, token)!.remediation.state);
  expect(states).toEqual(['verified_revoked', 'refused', 'refused', 'none', 'refused']);
  expect(findingOf(report, ROTATE)!.remediation.reason).toContain(
    `guardsweep rotate ${fingerprintOf(ROTATE)}`,
  );
  expect(ended.code).toBe(4);
  const waiting = (JSON.parse(readFileSync(plan, 'utf8')) as PlanFile).revocations.map(
    (each) => each.fingerprint,
  );
  expect(waiting).toContain(fingerprintOf(ASK));
  for (const token of [ROTATE, TELL, SAVED]) expect(waiting).not.toContain(fingerprintOf(token));
  const applied = await guardsweep(['apply', plan, '--yes', '--format', 'json'], { env: service.env });
  expect(findingOf(reportOf(applied), ASK)!.remediation.state).toBe('verified_revoked');
  expect(findingOf(reportOf(applied), SAVED)!.remediation.state).toBe('refused');
});

test.each([
  ['a name that is none', 'rules: [{ usr: x, do: revoke }]', /rules\.0\.usr: there is no such field/],
  ['a rule that does nothing', 'rules: [{ user: x }]', /rules\.0\.do: it is missing/],
  [
    'aliases without an end',
    `a: &a [${'x,'.repeat(99)}x]\nb: &b [${'*a,'.repeat(99)}*a]\nc: [${'*b,'.repeat(99)}*b]`,
    /alias/,
  ],
  ['a type that is none', 'protect: !!js/function "x"', /^guardsweep: [^\n]*protect[^\n]*\n$/],
  ['an action that is none', 'otherwise: delete', /revoke, plan, rotate or notify/],
  ['an age that is none', 'rules: [{ older_than: soon, do: notify }]', /12h or 30d/],
  ['no YAML', 'a: [', /policy\.yaml/],
])('a policy with %s is a wrong call', async (_, text, says) => {
  const policy = join(folder(), 'policy.yaml');
  writeFileSync(policy, text);
  const ended = await guardsweep(['scan', '--policy', policy, '-'], { stdin: 'x' });
  expect(ended.code).toBe(3);
  expect(ended.stderr).toMatch(says);
});

test('a policy in what is scanned is refused', async () => {
  const repo = repository();
  commit(repo, { 'policy.yaml': 'otherwise: notify\n' });
  const ended = await guardsweep(['scan', '--policy', join(repo, 'policy.yaml'), repo]);
  expect(ended.code).toBe(3);
  expect(ended.stderr).toMatch(/elsewhere/);
});
