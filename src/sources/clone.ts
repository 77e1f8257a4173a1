import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileProvenance } from '../model/provenance.js';
import type { Share } from '../model/share.js';
import type { Source } from '../model/source.js';
import type { ExpansionOptions } from './archive/expansion-options.js';
import { DiskTree } from './disk-tree.js';
import { readRepository } from './repository.js';

const URL = /^(?:https?|ssh|git|file):\/\//i;
/** `user@host:path`, as ssh takes it. */
const SCP = /^[\w.-]+@[\w.-]+:(?!\/\/)/;
const PREFIX = 'guardsweep-clone-';

/** Whether a target names a repository elsewhere. What exists under that name on disk is a file. */
export function isRepositoryUrl(target: string): boolean {
  return (URL.test(target) || SCP.test(target)) && lstatSync(target, { throwIfNoEntry: false }) === undefined;
}

/** A target as reports may show it: a URL without the name and the password in it. */
export function targetName(target: string): string {
  return target.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
}

/** A clone in a folder that only this user can enter. */
export interface Clone {
  readonly folder: string;
  remove(): void;
}

/**
 * Clones a URL. Folders that a run that was killed has left behind are removed first.
 * @throws {GitFault} with git's own words, without the name and the password of the URL
 */
export async function cloneUrl(
  url: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Clone> {
  sweep();
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const { cloneBare, GitFault } = await import('./git/porcelain.js');
  try {
    await cloneBare(url, join(folder, 'repository.git'), environment);
  } catch (error) {
    remove();
    const said = error instanceof Error ? error.message : String(error);
    throw new GitFault(`${targetName(url)}: ${said.replaceAll(url, targetName(url))}`, { cause: error });
  }
  return { folder: join(folder, 'repository.git'), remove };
}

/** The objects and the ref names of a clone, under the name of its URL. */
export function openClone(folder: string, url: string, options: ExpansionOptions, share?: Share): Source {
  return {
    units: () => readRepository(new CloneTree(folder, targetName(url)), '', options, share),
    close: () => options.spool.close(),
  };
}

class CloneTree extends DiskTree {
  readonly #name: string;

  constructor(folder: string, name: string) {
    super(folder);
    this.#name = name;
  }

  override whereOf(path: string): FileProvenance {
    return { kind: 'file', path: path === '' ? this.#name : `${this.#name}/${path}` };
  }
}

function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (Number.isNaN(owner) || isRunning(owner)) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // It belongs to another user.
    }
  }
}

function isRunning(process_: number): boolean {
  try {
    process.kill(process_, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
