import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** What of the files that the README names holds each line, by its first words: files and the titles of tests in them. */
const HELD: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'Print a token or the credential': {
    'test/cli/canary.test.ts': ['no token and no credential in any output, at any level, in any format'],
    'test/cli/canary-actions.test.ts': [
      'the commands that act, where all goes well',
      'what a command that takes the new token sees of the run',
      'the commands that act, where everything goes wrong and the service repeats what it was sent',
      'a wrong credential, half of one, and a token where none belongs',
    ],
    'test/cli/rotate.test.ts': ['the new token goes to standard output, once, and nowhere else'],
  },
  'Revoke a token that was not probed active': {
    'test/takumi/wire.test.ts': ['%j is no end', 'nor are the headers %j'],
    'test/triage/map.test.ts': ['never picks a neighbour', 'ambiguous, with the reason and the candidates'],
    'test/remediation/neighbours.test.ts': ['whatever is approved is the very token that leaked'],
    'test/cli/road.test.ts': ['leak → scan → probe → map → revoke → verify → report'],
  },
  'Revoke more than the caps allow': {
    'test/cli/gates.test.ts': [
      'what the running job needs',
      'protected users',
      'the share of the organization',
    ],
    'test/cli/rotate-gates.test.ts': [
      'what holds a revocation back holds a rotation back',
      'by ID: tokens revoke and offboard',
    ],
  },
  'Carry out a plan that was changed': {
    'test/cli/plan.test.ts': ['apply refuses', 'a plan that was changed, or is of another credential'],
    'test/remediation/plan-file.test.ts': [
      'when a single field was changed, added or removed',
      'for another organization',
      'after its time',
      '%s is drift: refused',
    ],
  },
  'Send a revocation before it is in the journal': {
    'test/remediation/execute.test.ts': [
      'any schedule of faults: no neighbour dies, nothing is sent without its intent',
      'when the journal cannot be written: nothing is sent that is not on record',
    ],
    'test/cli/kill.test.ts': ['killed or failed at every write, fsync, rename and send, and run again'],
    'test/cli/strace.test.ts': ['runs killed or failed by the kernel at a system call, and run again'],
  },
  'Call an incomplete scan clean': {
    'test/cli/faults.test.ts': ['what cannot be read is listed, and what can be read is found'],
    'test/reporting/exit-code.test.ts': ['2: incomplete'],
  },
  'Take “rate limited”, “timed out”': {
    'test/takumi/schedules.test.ts': ['schedules of faults: nothing claimed that is not so'],
    'test/cli/faults.test.ts': ['the finding stays, its state is unknown, nothing is revoked'],
  },
  'Leave a machine without a working token': {
    'test/cli/kill.test.ts': ['killed or failed at every write, fsync, rename and send, and run again'],
    'test/cli/provision.test.ts': [
      'somebody else’s working token is never written over',
      'nor what is another organization’s, or may be anybody’s',
      'the machine keeps its old one',
    ],
    'test/cli/rotate.test.ts': ['delivery that fails: the old one lives and the new one is dead'],
  },
  'Run git, a filter or a hook': {
    'test/cli/hostile-repository.test.ts': ['a hostile configuration leaves no mark'],
    'test/cli/policy.test.ts': ['a policy in what is scanned is refused'],
    'test/architecture.test.ts': ['no child process is started but through simple-git'],
  },
  'Write anything from an archive to disk': {
    'test/cli/hostile-archives.test.ts': ['with nothing written'],
    'test/architecture.test.ts': ['file system calls are made in few rooms'],
  },
  'Send a byte of a token or the credential': {
    'test/cli/pinned-host.test.ts': [
      'nothing in the scanned tree leads the credential or a token elsewhere',
      'a redirect, wherever it leads, is not followed',
    ],
    'test/takumi/connection.test.ts': ['a redirect takes nothing along: its target hears nothing'],
  },
  'Revoke from a hook': { 'test/architecture.test.ts': ['the hook has no road to revocation'] },
};

test('every line of “What it will never do” names the tests that hold it, and they are there', () => {
  const section = /## What it will never do\n([\s\S]*?)\n## /.exec(readme)![1]!;
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2);
  expect(rows).toHaveLength(Object.keys(HELD).length);
  for (const row of rows) {
    const claim = Object.keys(HELD).find((each) => row.startsWith(`| ${each}`));
    expect(claim, `nothing is known of what holds: ${row}`).toBeDefined();
    const named = [...row.matchAll(/`(test\/[^`]+)`/g)].map(([, path]) => path!);
    expect([...named].sort(), row).toEqual(Object.keys(HELD[claim!]!).sort());
    for (const [path, titles] of Object.entries(HELD[claim!]!)) {
      const text = readFileSync(join(ROOT, path), 'utf8');
      for (const title of titles) {
        expect(text.includes(title), `${path} has no test “${title}”`).toBe(true);
      }
      // One that is switched off holds nothing; where strace or a terminal is missing, the test says so itself.
      expect(text, path).not.toMatch(/\b(test|describe|it)\.(skip|todo|only)\(/);
    }
  }
});

test('every command of package.json that the README names is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...readme.matchAll(/npm run ([\w:]+)|`(prove:[\w]+)`/g)].map(
    ([, run, prove]) => run ?? prove!,
  );
  expect(named).toContain('prove:mutants');
  for (const name of named) expect(Object.keys(scripts), name).toContain(name);
  for (const [, path] of readme.matchAll(/`((?:test|schema|bench)\/[^`*]+\.\w+)`/g)) {
    expect(existsSync(join(ROOT, path!)), path).toBe(true);
  }
});
