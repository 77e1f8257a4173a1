import { createReadStream, type Stats, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { type Budget, BudgetExceeded } from '../model/budget.js';
import { diagnostic } from '../model/diagnostic.js';
import type { Provenance } from '../model/provenance.js';
import type { Screen } from '../model/screen.js';
import { partOf, type Share, takes } from '../model/share.js';
import type { ScanItem, ScanUnit, Source } from '../model/source.js';
import { SourceFault } from '../model/source.js';
import { expand } from './archive/expand.js';
import type { ExpansionOptions } from './archive/expansion-options.js';
import { DiskAccess, reasonOf } from './disk-access.js';
import type { ScanState } from './git/scan-state.js';
import { linkedRepository } from './linked-repository.js';
import { partUnit } from './part-stream.js';
import { AccessStream } from './random-access.js';
import { ReadableStream } from './readable-stream.js';
import { Spool } from './spool.js';
import { TargetError } from './target-error.js';
import { cutArchiveNamed, expandVolumes } from './volumes.js';
import { type WalkOptions, WorktreeSource } from './worktree.js';

export interface OpenOptions {
  readonly budget: Budget;
  /** Whether git repositories are read object by object, wherever one is met. */
  readonly history: boolean;
  /** Look for compressed streams in every opaque file. Inside archives that is always done. */
  readonly deep?: boolean;
  /** Tried on what is encrypted. */
  readonly passwords?: readonly string[];
  /** Looks at the objects of repositories in bulk. */
  readonly screen?: Screen;
  /** What earlier runs have scanned of repositories. */
  readonly state?: ScanState;
  readonly walk?: WalkOptions;
  /** The part that this thread reads of a folder or a repository; of what is one stream, the first reads all. */
  readonly share?: Share;
  /** What the target `-` reads. */
  readonly stdin?: Readable;
}

/**
 * Opens what the user named: a folder, a repository, a file, an archive, a pipe, or `-` for standard input. What it is
 * is told by its content. Call `close()` after the findings are attributed.
 * @throws TargetError when there is nothing that can be opened
 */
export async function openTarget(target: string, options: OpenOptions): Promise<Source> {
  const spool = new Spool(options.budget.limits.memory);
  const { budget, history, deep = false, passwords = [] } = options;
  const expansion = {
    budget,
    history,
    deep,
    passwords,
    spool,
    ...(options.screen === undefined ? {} : { screen: options.screen }),
    ...(options.state === undefined ? {} : { state: options.state }),
  };
  const units = () => unitsOf(target, options, expansion);
  const where = whereOf(target);
  if (target !== '-') statOf(target);
  return {
    units: () => guarded(units(), where),
    close: () => spool.close(),
  };
}

/** How a report names a target as a whole. */
export function whereOf(target: string): Provenance {
  return target === '-' ? { kind: 'stream', name: '-' } : { kind: 'file', path: target };
}

async function* unitsOf(
  target: string,
  options: OpenOptions,
  expansion: ExpansionOptions,
): AsyncGenerator<ScanItem> {
  if (target === '-') {
    if (options.share !== undefined && options.share.index > 0) return;
    if (options.stdin === undefined) throw new TargetError('-', 'there is no standard input to read');
    yield* expand(streamUnit(options.stdin, '-'), expansion);
    return;
  }
  const stat = statOf(target);
  const cut = stat.isFile() ? cutArchiveNamed(target) : undefined;
  const part = stat.isFile() && cut === undefined ? partOf(options.share, target) : undefined;
  if (part !== undefined) {
    const where: Provenance = { kind: 'file', path: target };
    yield partUnit(new DiskAccess(Buffer.from(target), where, true), where, part);
    return;
  }
  if (!stat.isDirectory() && !takes(options.share, target)) return;
  if (stat.isDirectory()) {
    yield* new WorktreeSource(target, expansion, options.walk, options.share).units();
    if (options.history) yield* linkedRepository(target, expansion, options.share);
  } else if (cut !== undefined) {
    yield* expandVolumes(cut.tree, cut, expansion);
  } else if (stat.isFile()) {
    const provenance: Provenance = { kind: 'file', path: target };
    const access = new DiskAccess(Buffer.from(target), provenance, true);
    yield* expand({ type: 'unit', provenance, content: new AccessStream(access) }, expansion);
    access.close();
  } else {
    yield* expand(streamUnit(createReadStream(target), target), expansion);
  }
}

/** What the run's allowance cuts off is one line of the report; so is a target that vanishes. */
async function* guarded(items: AsyncGenerator<ScanItem>, where: Provenance): AsyncGenerator<ScanItem> {
  try {
    yield* items;
  } catch (error) {
    if (error instanceof BudgetExceeded) {
      yield diagnostic(where, 'budget', `${error.message}: the rest of this target was not scanned`);
    } else if (error instanceof SourceFault) {
      yield error.diagnostic;
    } else throw error;
  }
}

function streamUnit(readable: Readable, name: string): ScanUnit {
  const provenance: Provenance = { kind: 'stream', name };
  return { type: 'unit', provenance, content: new ReadableStream(readable, provenance) };
}

function statOf(target: string): Stats {
  try {
    const stat = statSync(target);
    if (stat.isSocket()) throw new TargetError(target, 'is a socket: name a file, a folder or a pipe');
    return stat;
  } catch (error) {
    if (error instanceof TargetError) throw error;
    throw new TargetError(target, problemOf(error), { cause: error });
  }
}

function problemOf(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'no such file or folder. Check the path; quote it if it has spaces; use - for standard input';
    case 'ENOTDIR':
      return 'no such file: a part of the path before the last is a file, not a folder';
    case 'ELOOP':
      return 'a symbolic link that leads back to itself';
    case 'EACCES':
      return 'permission denied: scan as a user who may read it';
    default:
      return reasonOf(error);
  }
}
