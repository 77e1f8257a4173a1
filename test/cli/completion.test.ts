import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folder, guardsweep } from '../support/program.js';

/** What bash would offer for a line that is typed as far as its last word. */
async function offered(line: readonly string[], cwd = '/'): Promise<string[]> {
  const { stdout } = await guardsweep(['completion', 'bash']);
  const words = line.map((word) => `'${word}'`).join(' ');
  const script = `${stdout}\nCOMP_WORDS=(guardsweep ${words}); COMP_CWORD=${line.length}; _guardsweep; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const ended = spawnSync('bash', ['-c', script], { encoding: 'utf8', cwd });
  expect(ended.stderr).toBe('');
  return ended.stdout.split('\n').filter((word) => word !== '');
}

test('bash completes commands, subcommands and options where they belong', async () => {
  expect(await offered(['sc'])).toEqual(['scan']);
  expect(await offered(['tokens', 're'])).toEqual(['revoke']);
  expect(await offered(['scan', '--max-rev'])).toEqual(['--max-revocations']);
  expect(await offered(['tokens', 'list', '--max-rev'])).toEqual([]);
  expect(await offered(['scan', 'tm'])).toContain('tmp');
  expect(await offered(['scan', '--format', 's'])).toContain('sarif');
  expect(await offered(['tokens', 'list', '--format', 'i'])).toContain('ids');
  expect(await offered(['completion', 'z'])).toEqual(['zsh']);
  // No files where there can be none, and whole names where there can.
  expect(await offered(['scan', '--format', 't'])).toEqual(['text']);
  expect(await offered(['tokens', 'i'])).toEqual(['issue']);
  expect(await offered(['t'])).toEqual(['tokens']);
  expect(await offered(['hook', 'run', '--ignore-file', 'tm'])).toContain('tmp');
  const cwd = folder();
  writeFileSync(join(cwd, 'the leak.zip'), '');
  expect(await offered(['scan', 't'], cwd)).toEqual(['the leak.zip']);
  expect(await offered(['scan', '--output', 't'], cwd)).toEqual(['the leak.zip']);
});

test('every shell gets a script; another one is a wrong call', async () => {
  for (const shell of ['zsh', 'fish']) {
    const { code, stdout } = await guardsweep(['completion', shell]);
    expect(code).toBe(0);
    expect(stdout).toContain('max-revocations');
    // In zsh these are its own, and an offset has to begin with a digit or a dollar sign.
    if (shell === 'fish') expect(stdout).toMatch(/-l format -x -a 'text json sarif/);
    if (shell === 'zsh') expect(stdout).not.toMatch(/\b(path|words|status|argv)=|:COMP_CWORD/);
  }
  expect((await guardsweep(['completion', 'tcsh'])).code).toBe(3);
});
