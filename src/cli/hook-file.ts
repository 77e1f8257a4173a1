import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Misuse } from '../model/misuse.js';
import { hooksFolder } from '../sources/git/porcelain.js';
import { wayBeside } from './hook-managers.js';
import { codeOf, problemOf, unwritable } from './system-error.js';

const MARK = '# Installed by guardsweep; take it out with: guardsweep hook uninstall';

/** Writes the hook where this repository's git looks for it. */
export async function install(directory: string): Promise<number> {
  const file = await hookFile(directory);
  const present = textOf(file);
  if (present !== undefined && !isOurs(present)) {
    throw new Misuse(
      `${file} already exists and is not ours alone; it was left as it is. ${wayBeside(present)}`,
    );
  }
  try {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, script(process.execPath, fileURLToPath(import.meta.url)));
    chmodSync(file, 0o755);
  } catch (error) {
    throw unwritable(file, error);
  }
  process.stdout.write(`${present === undefined ? 'installed' : 'updated'} ${file}\n`);
  return 0;
}

export async function uninstall(directory: string): Promise<number> {
  const file = await hookFile(directory);
  const present = textOf(file);
  if (present === undefined) {
    process.stdout.write(`there is no hook at ${file}\n`);
    return 0;
  }
  if (!isOurs(present)) throw new Misuse(`${file} is not ours alone; it was left as it is`);
  try {
    rmSync(file);
  } catch (error) {
    throw new Misuse(`${file} cannot be removed: ${problemOf(error)}`);
  }
  process.stdout.write(`removed ${file}\n`);
  return 0;
}

/**
 * A hook that can't find the program stops the commit: a guard that quietly lets everything through is worse than none.
 * The program is looked for where it was installed from, then on the path.
 */
function script(node: string, program: string): string {
  return `#!/bin/sh
${MARK}
if [ -x ${quoted(node)} ] && [ -f ${quoted(program)} ]; then
  exec ${quoted(node)} ${quoted(program)} hook run
fi
if command -v guardsweep >/dev/null 2>&1; then
  exec guardsweep hook run
fi
echo 'guardsweep: the program is gone from where this hook was installed; the commit was not checked.' >&2
echo 'guardsweep: install it and run "guardsweep hook install", or commit with --no-verify.' >&2
exit 1
`;
}

/** Whether nobody has added anything: wherever it was installed from, every line is one of ours. */
function isOurs(hook: string): boolean {
  const lines = new Set(withoutPaths(script('node', 'program')));
  return hook.includes(MARK) && withoutPaths(hook).every((line) => lines.has(line));
}

/** The lines, without what stands quoted in those that name the program. */
function withoutPaths(hook: string): string[] {
  return hook.split('\n').map((line) => (/^(if \[| {2}exec)/.test(line) ? line.replace(/'.*'/, "''") : line));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

async function hookFile(directory: string): Promise<string> {
  return join(await hooksFolder(directory), 'pre-commit');
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw new Misuse(`${file} cannot be read: ${problemOf(error)}`);
    // A link that leads nowhere is somebody's: what is written through it lands where nobody looks for it.
    return lstatSync(file, { throwIfNoEntry: false }) === undefined ? undefined : '';
  }
}
